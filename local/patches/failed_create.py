"""Difference: after a custom resource's Create has FAILED, ministack forgets it.

Patch: the rollback sends it a Delete with the physical id of the answer (an invented one where
none came), while the stack is in ROLLBACK_IN_PROGRESS, as for anything else that the operation
made.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requesttypes-delete.html
"""

from __future__ import annotations

from typing import Any

from ministack.services.cloudformation import handlers, stacks

from local.patches.custom_resources import CustomResources


def apply(custom_resources: CustomResources) -> None:
    """Apply the patch."""
    roll_back = stacks._roll_back_operation

    async def roll_back_operation(
        stack_name: str,
        stack_id: str,
        stack: dict[str, Any],
        operation: dict[str, Any],
        reason_override: str = "",
    ) -> None:
        logical_id = operation.get("failed_logical_id")
        failed = custom_resources.failed_create(stack_id, logical_id) if logical_id else None
        if failed is not None:
            stack.setdefault("_resources", {})[logical_id] = {
                "PhysicalResourceId": failed.physical_id,
                "ResourceType": failed.resource_type,
                "ResourceStatus": "CREATE_FAILED",
                "LogicalResourceId": logical_id,
                "Properties": dict(failed.properties),
                "Attributes": {},
            }
            operation = {**operation, "created": [*operation["created"], logical_id]}
        await roll_back(stack_name, stack_id, stack, operation, reason_override)

    stacks._roll_back_operation = roll_back_operation
    handlers._roll_back_operation = roll_back_operation
