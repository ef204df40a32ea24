"""Difference: the Delete of a replaced resource, after an update, sees UPDATE_IN_PROGRESS.

Patch: the stack's status is UPDATE_COMPLETE_CLEANUP_IN_PROGRESS while the Delete runs.
Unnecessary once ministack has the status UPDATE_COMPLETE_CLEANUP_IN_PROGRESS.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
"""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import _stacks, custom_resource


def apply() -> None:
    """Apply the patch, after `custom_resources`, whose function it wraps."""
    invoke = custom_resource.invoke_custom_resource

    def invoke_custom_resource(
        request_type: str, logical_id: str, props: Any, stack_name: str, *rest: Any, **named: Any
    ) -> Any:
        stack = _stacks.get(stack_name)
        if request_type != "Delete" or not stack or stack["StackStatus"] != "UPDATE_IN_PROGRESS":
            return invoke(request_type, logical_id, props, stack_name, *rest, **named)
        stack["StackStatus"] = "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
        try:
            return invoke(request_type, logical_id, props, stack_name, *rest, **named)
        finally:
            stack["StackStatus"] = "UPDATE_IN_PROGRESS"

    custom_resource.invoke_custom_resource = invoke_custom_resource
