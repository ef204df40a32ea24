"""The Deregister step: devices that have left the file, or whose stack is deleted."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.stubs import NOW, PROPERTIES, REQUEST_ID
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.removal.leaving_devices import Leaving
from thing_registration_worker.run.progress import Run
from thing_registration_worker.step import Outcome
from thing_registration_worker.steps.deregister import deregister
from thing_registration_worker.timing import DETACH_BUDGET

ID, KEY = "a" * 64, "b" * 64
ARN = f"arn:aws:iot:us-east-1:000000000000:cert/{ID}"
MADE = Entry("registered", "one", "", KEY, ID, thing_made=True, certificate_made=True, at=1)
FOUND = Entry("registered", "two", at=1)


@pytest.fixture
def run_step(make_step: Any, claims: ClaimObjects) -> Callable[..., Outcome]:
    """Does the step for entries that are in the queue of the run, or in the inventory."""

    def run(*entries: Entry, kind: str = "Update", **changes: Any) -> Outcome:
        properties = {**PROPERTIES, "Deregister": "ALL"}
        step = make_step("Deregister", kind, event_changes={"ResourceProperties": properties})
        keys = step.request.declaration.keys
        if kind == "Delete":
            claims.place(keys.entries("0", 0), b"".join(entry.to_line() for entry in entries))
            return deregister(replace(step, progress=replace(step.progress, **changes)))
        queue = b"".join(Leaving(entry, in_use=False).to_line() for entry in entries)
        claims.place(keys.work(REQUEST_ID, "removed/00000.jsonl"), queue)
        progress = replace(step.progress, run=Run(to_deregister=len(entries), registered=9))
        return deregister(replace(step, progress=replace(progress, **changes)))

    return run


def states(claims: ClaimObjects) -> list[tuple[str, str]]:
    """What the run has written into the inventory."""
    keys = sorted(key for key in claims.bodies if "/inventory/1" in key)
    lines = [json.loads(line) for key in keys for line in claims.bodies[key].splitlines()]
    return [(line["thingName"], line["state"]) for line in lines]


def queue_certificate(aws: Any, status: str) -> None:
    described = {"certificateId": ID, "status": status, "certificatePem": "-"}
    aws.stub("iot").add_response("describe_certificate", {"certificateDescription": described})


def queue_retirement(aws: Any, *, others: tuple[str, ...] = ()) -> None:
    queue_certificate(aws, "ACTIVE")
    iot = aws.stub("iot")
    iot.add_response("list_principal_things", {"things": ["one", *others]}, {"principal": ARN})
    detached = {"thingName": "one", "principal": ARN}
    iot.add_response("detach_thing_principal", {}, detached)


def test_a_made_device_is_detached_and_its_certificate_set_inactive(
    aws: Any, run_step: Callable[..., Outcome], claims: ClaimObjects
) -> None:
    queue_retirement(aws)
    inactive = {"certificateId": ID, "newStatus": "INACTIVE"}
    aws.stub("iot").add_response("update_certificate", {}, inactive)

    outcome = run_step(MADE)

    assert (outcome.next_step, outcome.progress.failure) == ("Answer", "")
    assert states(claims) == [("one", "retiring"), ("one", "retired")]
    assert (outcome.progress.run.retired, outcome.progress.run.registered) == (1, 8)


def test_a_certificate_that_another_thing_has_stays_active(
    aws: Any, run_step: Callable[..., Outcome]
) -> None:
    queue_retirement(aws, others=("another",))

    assert run_step(MADE).progress.run.retired == 1


def test_a_found_device_is_forgotten_without_a_call(
    run_step: Callable[..., Outcome], claims: ClaimObjects
) -> None:
    run_step(FOUND)

    assert states(claims) == [("two", "removed")]


def test_a_certificate_that_somebody_has_set_inactive_is_not_ours_to_bring_back(
    aws: Any, run_step: Callable[..., Outcome], claims: ClaimObjects
) -> None:
    queue_certificate(aws, "INACTIVE")

    run_step(MADE)

    assert states(claims) == [("one", "found")]


def test_what_aws_refuses_fails_the_run_by_name_and_stays_to_be_retired(
    aws: Any, run_step: Callable[..., Outcome], claims: ClaimObjects
) -> None:
    queue_certificate(aws, "ACTIVE")
    aws.stub("iot").add_client_error("list_principal_things", "InvalidRequestException", "no")

    outcome = run_step(MADE)

    assert "1 of 1 devices could not be deregistered" in outcome.progress.failure
    refusal = "thing one: ListPrincipalThings: InvalidRequestException: no"
    assert refusal in outcome.progress.failure
    assert states(claims) == [("one", "retiring")]


def test_a_deletion_that_does_not_fit_names_the_command_that_does_it(
    run_step: Callable[..., Outcome],
) -> None:
    command = "run `thing-registration deregister --stack stack`"
    with pytest.raises(RegistrationError, match=command):
        run_step(MADE, kind="Delete", deadline=NOW)


def test_a_stack_that_has_made_nothing_has_nothing_to_delete(
    run_step: Callable[..., Outcome],
) -> None:
    outcome = run_step(FOUND, kind="Delete")

    assert (outcome.next_step, outcome.progress.has_deregistered) == ("Stop", True)


@pytest.mark.parametrize("seconds", [1, DETACH_BUDGET + 1])
def test_what_is_refused_while_a_detachment_propagates_is_tried_again_for_a_while(
    aws: Any,
    run_step: Callable[..., Outcome],
    claims: ClaimObjects,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
) -> None:
    clock = [NOW]
    monkeypatch.setattr("time.time", lambda: clock[0])
    monkeypatch.setattr("time.sleep", lambda _: clock.__setitem__(0, clock[0] + seconds))
    begun = run_step(MADE, kind="Delete")
    iot = aws.stub("iot")
    iot.add_response("list_principal_things", {"things": ["one"]})
    iot.add_response("detach_thing_principal", {})
    iot.add_response("update_certificate", {})
    iot.add_client_error("delete_certificate", "DeleteConflictException", "attached")
    if seconds > DETACH_BUDGET:
        iot.add_client_error("delete_certificate", "DeleteConflictException", "attached")
        with pytest.raises(RegistrationError, match="DeleteConflictException: attached"):
            run_step(MADE, kind="Delete", run=begun.progress.run)
        assert states(claims) == [("one", "retiring")]
        return
    iot.add_response("delete_certificate", {})
    iot.add_response("delete_thing", {})

    outcome = run_step(MADE, kind="Delete", run=begun.progress.run)

    assert (outcome.next_step, outcome.progress.has_deregistered) == ("Stop", True)
    assert states(claims) == [("one", "retiring"), ("one", "removed")]
