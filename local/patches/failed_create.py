"""Difference: after a custom resource's Create has FAILED, ministack forgets it.

Patch: a rollback, now or later by RollbackStack, sends it a Delete with the physical id of the
answer (an invented one if none came), in ROLLBACK_IN_PROGRESS; so does the deletion of a stack that
was created without rollback.
Unnecessary once ministack deletes what failed to be created.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-delete.html
"""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import _stacks, handlers, stacks

from local.patches.custom_resources import CustomResources


def apply(custom_resources: CustomResources) -> None:
    """Apply the patch."""
    roll_back, delete = stacks._roll_back_operation, stacks._delete_stack_async

    async def roll_back_operation(
        stack_name: str,
        stack_id: str,
        stack: dict[str, Any],
        operation: dict[str, Any],
        reason_override: str = "",
    ) -> None:
        logical_id = operation.get("failed_logical_id")
        if _remember(custom_resources, stack_id, stack, logical_id):
            operation = {**operation, "created": [*operation["created"], logical_id]}
        await roll_back(stack_name, stack_id, stack, operation, reason_override)

    async def delete_stack(stack_name: str, stack_id: str, *rest: Any, **options: Any) -> None:
        stack = _stacks.get(stack_name) or {}
        failed = (stack.get("_failed_operation") or {}).get("failed_logical_id")
        _remember(custom_resources, stack_id, stack, failed)
        await delete(stack_name, stack_id, *rest, **options)

    stacks._roll_back_operation = roll_back_operation
    handlers._roll_back_operation = roll_back_operation
    stacks._delete_stack_async = delete_stack
    handlers._delete_stack_async = delete_stack


def _remember(
    custom_resources: CustomResources,
    stack_id: str,
    stack: dict[str, Any],
    logical_id: str | None,
) -> bool:
    """Return whether a resource whose Create failed is now among those of its stack."""
    failed = custom_resources.failed_create(stack_id, logical_id) if logical_id else None
    if failed is None:
        return False
    stack.setdefault("_resources", {})[logical_id] = {
        "PhysicalResourceId": failed.physical_id,
        "ResourceType": failed.resource_type,
        "ResourceStatus": "CREATE_FAILED",
        "LogicalResourceId": logical_id,
        "Properties": dict(failed.properties),
        "Attributes": {},
    }
    return True
