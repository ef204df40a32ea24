"""Difference: DeleteStack of a stack that is being created runs beside the creation.

Patch: no further resource is created, the custom resource that is being created is cancelled, and
then everything is deleted. A stack that is being updated is not deleted: ValidationError.
Unnecessary once DeleteStack of ministack looks at CREATE_IN_PROGRESS.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
(DELETE_IN_PROGRESS); what happens to a running Create is not documented: see `custom_resources`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import _stacks, changesets, handlers, stacks
from ministack.services.cloudformation.helpers import _error, _p, _xml

from local.patches.custom_resources import CustomResources

_DELETING = "_delete_requested"


def apply(custom_resources: CustomResources) -> None:
    """Apply the patch, after `failed_create`, whose functions it wraps."""
    ended: dict[str, asyncio.Event] = {}
    _track_deployments(ended)
    _stop_creating()
    delete, delete_async = handlers._delete_stack, stacks._delete_stack_async

    def delete_stack(params: Mapping[str, Any]) -> Any:
        stack = handlers._resolve_stack(_p(params, "StackName")) or {}
        status = stack.get("StackStatus", "")
        if status == "DELETE_IN_PROGRESS":
            return _xml(200, "DeleteStackResponse", "")
        if status.startswith("UPDATE_") and status.endswith("_IN_PROGRESS"):
            return _error(
                "ValidationError",
                f"Stack [{stack['StackName']}] cannot be deleted while in status {status}",
            )
        if status == "CREATE_IN_PROGRESS":
            stack[_DELETING] = True
            custom_resources.cancel(stack["StackId"])
        return delete(params)

    async def delete_stack_async(stack_name: str, stack_id: str, *rest: Any, **over: Any) -> None:
        if stack_id in ended:
            _stacks[stack_name]["StackStatus"] = "DELETE_IN_PROGRESS"
            await ended[stack_id].wait()
        await delete_async(stack_name, stack_id, *rest, **over)

    handlers._delete_stack = delete_stack
    handlers._ACTION_HANDLERS["DeleteStack"] = delete_stack
    handlers._delete_stack_async = delete_stack_async


def _track_deployments(ended: dict[str, asyncio.Event]) -> None:
    """Let `ended` hold an event for each stack that is being created or updated."""
    deploy = stacks._deploy_stack_async

    async def deploy_stack_async(stack_name: str, stack_id: str, *rest: Any, **over: Any) -> None:
        end = ended.setdefault(stack_id, asyncio.Event())
        try:
            await deploy(stack_name, stack_id, *rest, **over)
        finally:
            ended.pop(stack_id, None)
            end.set()

    for module in (stacks, handlers, changesets):
        module._deploy_stack_async = deploy_stack_async


def _stop_creating() -> None:
    """Create nothing more in a stack that is to be deleted, and leave the rest to its deletion."""
    provision, roll_back = stacks._provision_resource, stacks._roll_back_operation

    def provision_resource(resource_type: str, logical_id: str, props: Any, stack_name: str) -> Any:
        if (_stacks.get(stack_name) or {}).get(_DELETING):
            raise RuntimeError("Resource creation cancelled")
        return provision(resource_type, logical_id, props, stack_name)

    async def roll_back_operation(
        stack_name: str, stack_id: str, stack: dict[str, Any], operation: Any, *rest: Any
    ) -> None:
        if stack.get(_DELETING):
            stack["_failed_operation"] = operation
            return
        await roll_back(stack_name, stack_id, stack, operation, *rest)

    stacks._provision_resource = provision_resource
    stacks._roll_back_operation = roll_back_operation
