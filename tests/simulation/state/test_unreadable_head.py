"""A head that cannot be read, from some step on: the request is answered in time all the same."""

from __future__ import annotations

import json

import pytest

from local.simulation import Call, HttpFailure, SimulatedAws
from tests.simulation.invariants import starts
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

RUN = ("Prepare", "Recover", "Compare", "Provide", "LookUp", "Start", "Observe", "Finish", "Answer")
REFUSALS = {
    "denied": HttpFailure("AccessDenied", "Access Denied", 403),
    "failing": HttpFailure("InternalError", "We encountered an internal error.", 500),
}
TIMEOUT = 300
# Until the denial is believed, and until what may have been started can no longer appear.
AT_MOST = 2 * TIMEOUT


class Unreadable:
    """Lets S3 refuse to read objects, from the first call of a step on."""

    def __init__(self, step: str, refusal: HttpFailure) -> None:
        self._step, self._refusal = step, refusal
        self.has_begun = False

    def __call__(self, call: Call) -> HttpFailure | None:
        """Be told of a call."""
        self.has_begun |= call.invocation.step == self._step
        is_read = call.when == "before" and call.api == "GetObject"
        return self._refusal if self.has_begun and is_read and call.invocation.step else None


@pytest.fixture(autouse=True)
def _short(stack: Stack) -> None:
    stack.declare(TimeoutSeconds=str(TIMEOUT), ServiceTimeout=str(TIMEOUT + 600))


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("step", RUN)
def test_a_creation_is_answered(aws: SimulatedAws, stack: Stack, step: str, refusal: str) -> None:
    unreadable = Unreadable(step, REFUSALS[refusal])
    aws.listen(unreadable)
    began = aws.now

    status = stack.create()

    assert unreadable.has_begun
    assert status in ("CREATE_COMPLETE", "ROLLBACK_COMPLETE")
    assert aws.now - began < AT_MOST


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("step", RUN)
def test_an_update_and_its_rollback_are_answered(
    aws: SimulatedAws, stack: Stack, registry: Registry, step: str, refusal: str
) -> None:
    assert stack.create() == "CREATE_COMPLETE"
    stack.declare_new_file(count=4)
    unreadable = Unreadable(step, REFUSALS[refusal])
    aws.listen(unreadable)
    began = aws.now

    status = stack.update()

    assert unreadable.has_begun
    assert status in ("UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED")
    assert aws.now - began < AT_MOST
    aws.listen(None)
    assert {each.status for each in registry.certificates()} == {"ACTIVE"}


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("step", ["Stop", "Answer"])
def test_a_deletion_succeeds(aws: SimulatedAws, stack: Stack, step: str, refusal: str) -> None:
    assert stack.create() == "CREATE_COMPLETE"
    unreadable = Unreadable(step, REFUSALS[refusal])
    aws.listen(unreadable)
    began = aws.now

    assert stack.delete() == "DELETE_COMPLETE"
    assert unreadable.has_begun
    assert aws.now - began < AT_MOST


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_task_of_a_creation_that_is_deleted_is_stopped(
    aws: SimulatedAws, stack: Stack, refusal: str
) -> None:
    aws.faults(task={"ends": "hangs"})
    stack.begin_create()
    aws.sleep(30)
    aws.listen(Unreadable("Stop", REFUSALS[refusal]))

    assert stack.delete() == "DELETE_COMPLETE"
    assert len(starts(aws)) == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"holder": 1}', b"\xff"])
def test_a_head_that_is_none_is_named_and_nothing_is_registered(
    aws: SimulatedAws, stack: Stack, body: bytes
) -> None:
    assert stack.create() == "CREATE_COMPLETE"
    _write_head(aws, stack, body)
    stack.declare_new_file()

    status = stack.update()

    assert status == "UPDATE_ROLLBACK_FAILED"
    assert "head.json must be the head of a fleet's state" in " ".join(stack.reasons())
    assert len(starts(aws)) == 1


@pytest.mark.parametrize("body", [b"", b"{"])
def test_a_stack_whose_head_is_none_can_be_deleted(
    aws: SimulatedAws, stack: Stack, body: bytes
) -> None:
    assert stack.create() == "CREATE_COMPLETE"
    _write_head(aws, stack, body)

    assert stack.delete() == "DELETE_COMPLETE"


def test_a_member_that_a_later_version_adds_is_kept(aws: SimulatedAws, stack: Stack) -> None:
    assert stack.create() == "CREATE_COMPLETE"
    head = {**_head(aws, stack), "colour": {"of": "later"}}
    _write_head(aws, stack, json.dumps(head).encode())
    stack.declare_new_file()

    assert stack.update() == "UPDATE_COMPLETE"
    assert _head(aws, stack)["colour"] == {"of": "later"}


def _place(stack: Stack) -> dict[str, str]:
    (bucket,) = stack.physical_ids(["AWS::S3::Bucket"])
    return {"Bucket": bucket, "Key": f"{stack.property('KeyPrefix')}head.json"}


def _head(aws: SimulatedAws, stack: Stack) -> dict[str, object]:
    found: dict[str, object] = json.load(aws.client("s3").get_object(**_place(stack))["Body"])
    return found


def _write_head(aws: SimulatedAws, stack: Stack, body: bytes) -> None:
    aws.client("s3").put_object(Body=body, **_place(stack))
