"""A stack that is deployed again in an account with many registration tasks."""

from __future__ import annotations

import pytest

from local.simulation import SimulatedAws
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.known_defects.filled_account import FilledAccount
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

# More than one call of Recover describes.
TASKS = 700


def test_a_certificate_of_an_earlier_stack_is_found_behind_many_tasks_of_others(
    aws: SimulatedAws, stack: Stack, registry: Registry, account: FilledAccount
) -> None:
    aws.faults(lines=[{"line": 2, "message": "no room", "after": "certificate"}])
    arranged(stack.create() == "ROLLBACK_COMPLETE", "no line has failed")
    arranged(stack.delete() == "DELETE_COMPLETE", "the stack is not deleted")
    aws.faults()
    account.add_tasks(TASKS)
    before = registry.certificate_ids()

    status = stack.create()

    assert (status, registry.certificate_ids() == before) == ("CREATE_COMPLETE", True)
