"""Difference: CancelUpdateStack waits for the resource that is being updated, and has no effect if
that is the last one.

Patch: the custom resource that is being updated is cancelled, and the update is rolled back.
Unnecessary once CancelUpdateStack of ministack reaches the resource that is being updated.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CancelUpdateStack.html
(what happens to a running Update is not documented: see `custom_resources`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services.cloudformation import handlers, stacks
from ministack.services.cloudformation.helpers import _p

from local.patches.custom_resources import CustomResources


def apply(custom_resources: CustomResources) -> None:
    """Apply the patch."""
    cancel, roll_back = handlers._cancel_update_stack, stacks._roll_back_operation

    def cancel_update_stack(params: Mapping[str, Any]) -> Any:
        reply = cancel(params)
        stack = handlers._resolve_stack(_p(params, "StackName"))
        if reply[0] == 200 and stack:
            custom_resources.cancel(stack["StackId"])
        return reply

    async def roll_back_operation(
        stack_name: str, stack_id: str, stack: dict[str, Any], operation: Any, *rest: Any
    ) -> None:
        cancelled = operation["cancelled"] or stack.pop("_cancel_requested", False)
        await roll_back(stack_name, stack_id, stack, {**operation, "cancelled": cancelled}, *rest)

    handlers._cancel_update_stack = cancel_update_stack
    handlers._ACTION_HANDLERS["CancelUpdateStack"] = cancel_update_stack
    stacks._roll_back_operation = roll_back_operation
