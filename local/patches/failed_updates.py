"""Difference: a stack whose update has failed without rollback can never be updated again.

Through a change set it can, with rollback too; RollbackStack then goes back to the failure only.

Patch: UpdateStack and ExecuteChangeSet go on with DisableRollback, and are refused without it;
RollbackStack goes back to the state before the first failure.
Unnecessary once ministack updates a stack in UPDATE_FAILED.
Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services.cloudformation import _stacks, changesets, handlers, stacks
from ministack.services.cloudformation.helpers import _error, _p

_FAILED = "UPDATE_FAILED"
_EARLIER = "_earlier_failure"
_REFUSAL = (
    f"This stack is currently in a non-terminal [{_FAILED}] state. To update the stack from this "
    "state, please use the disable-rollback parameter with update-stack API. To rollback to the "
    "last known good state, use the rollback-stack API"
)


def apply() -> None:
    """Apply the patch."""
    _update_again("UpdateStack", lambda params: _p(params, "StackName"))
    _update_again("ExecuteChangeSet", _stack_of_change_set)
    deploy = stacks._deploy_stack_async

    async def deploy_stack_async(stack_name: str, stack_id: str, *rest: Any, **over: Any) -> None:
        await deploy(stack_name, stack_id, *rest, **over)
        stack = _stacks.get(stack_name) or {}
        earlier, operation = stack.pop(_EARLIER, None), stack.get("_failed_operation")
        if earlier and operation and stack["StackStatus"] == _FAILED:
            created = dict.fromkeys([*earlier["created"], *operation["created"]])
            stack["_failed_operation"] = {
                **operation,
                "previous_stack": earlier["previous_stack"],
                "previous_tags": earlier["previous_tags"],
                "created": list(created),
                "replaced_ids": [*earlier["replaced_ids"], *operation["replaced_ids"]],
            }

    for module in (stacks, handlers, changesets):
        module._deploy_stack_async = deploy_stack_async


def _update_again(action: str, stack_of: Callable[[Mapping[str, Any]], str]) -> None:
    update = handlers._ACTION_HANDLERS[action]

    def update_again(params: Mapping[str, Any]) -> Any:
        stack = handlers._resolve_stack(stack_of(params)) or {}
        if stack.get("StackStatus") != _FAILED:
            return update(params)
        if _p(params, "DisableRollback", "false").lower() != "true":
            return _error("ValidationError", _REFUSAL)
        earlier = stack.get("_failed_operation")
        stack["StackStatus"] = "UPDATE_COMPLETE"
        reply = update(params)
        if reply[0] == 200:
            stack[_EARLIER] = earlier
        else:
            stack["StackStatus"] = _FAILED
        return reply

    handlers._ACTION_HANDLERS[action] = update_again


def _stack_of_change_set(params: Mapping[str, Any]) -> str:
    change_set = changesets._find_change_set(_p(params, "ChangeSetName"), _p(params, "StackName"))
    return str((change_set[1] or {}).get("StackName", ""))
