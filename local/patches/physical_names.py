"""Difference: ministack gives the resources of a stack that was deleted to the next of its name.

A generated name depends on the names of the stack and of the resource only. On AWS its suffix is
random: what is late for the old stack, such as an event, finds nothing.

Patch: the suffix depends on the stack's id too. An update keeps it; a replacement draws another.
A log group's generated name has one as well.
Unnecessary once ministack's generated names depend on the stack's id.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import _stacks, provisioners

_SUFFIX_CHARS = 13
_LOG_GROUP = "AWS::Logs::LogGroup"
_MAX_LOG_GROUP_CHARS = 512


def apply() -> None:
    """Apply the patch."""
    physical_name = provisioners._physical_name

    def physical_name_of_stack(stack_name: str, logical_id: str, **options: Any) -> str:
        name: str = physical_name(stack_name, logical_id, **options)
        stack = _stacks.get(stack_name)
        if stack is None:
            return name
        digest = hashlib.sha256(f"{stack['StackId']} {name}".encode()).hexdigest()
        suffix = digest[: min(_SUFFIX_CHARS, len(name))]
        return name[: -len(suffix)] + (suffix if options.get("lowercase") else suffix.upper())

    provisioners._physical_name = physical_name_of_stack
    _name_log_groups()


def _name_log_groups() -> None:
    handler = provisioners._RESOURCE_HANDLERS[_LOG_GROUP]
    create, update = handler["create"], handler["update"]

    def named(props: Mapping[str, Any], logical_id: str, stack_name: str) -> dict[str, Any]:
        if props.get("LogGroupName"):
            return dict(props)
        name = provisioners._physical_name(stack_name, logical_id, max_len=_MAX_LOG_GROUP_CHARS)
        return {**props, "LogGroupName": name}

    def create_group(logical_id: str, props: Mapping[str, Any], stack_name: str) -> Any:
        return create(logical_id, named(props, logical_id, stack_name), stack_name)

    def update_group(
        physical_id: str,
        old_props: Mapping[str, Any],
        new_props: Mapping[str, Any],
        stack_name: str,
        logical_id: str,
    ) -> Any:
        old = named(old_props, logical_id, stack_name)
        new = named(new_props, logical_id, stack_name)
        return update(physical_id, old, new, stack_name, logical_id)

    handler.update(create=create_group, update=update_group)
