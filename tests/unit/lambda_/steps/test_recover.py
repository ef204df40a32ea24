"""The Recover step: what an earlier request left open enters the inventory first."""

import json
from dataclasses import asdict, replace
from datetime import datetime, timezone
from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.fleet.signed import certificates, csrs
from tests.unit.lambda_.stubs import NOW, PROPERTIES, REQUEST_ID, described, queue_tasks
from thing_registration_worker.fleet.public_keys import key_of_csr
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.state.claim import Claim, LastStart, Unclear, held
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.steps.recover import recover
from thing_registration_worker.timing import LOST_START_BUDGET, REGISTRY_LAG, REPORTS_BUDGET

CSR, CERTIFICATE = csrs(1)[0], certificates(1)[0]
OLD_INPUT = "stack/fleet/input/old/00003-new.jsonl"
OLD_START = LastStart(OLD_INPUT, NOW - 600, "task-0")
ENDED = Unclear("task-0", OLD_INPUT, NOW - 600, NOW - REGISTRY_LAG)
LINE = SentLine(1, "{}", "a", "1:" + "0" * 32, "csr", key_of_csr(CSR), "", False)


def place_sent(claims: ClaimObjects) -> None:
    body = json.dumps(asdict(LINE)).encode()
    claims.place("stack/fleet/work/old/sent/00003-new.jsonl", body)


def entries(claims: ClaimObjects) -> list[dict[str, Any]]:
    keys = [key for key in claims.bodies if "/inventory/" in key]
    return [json.loads(line) for key in sorted(keys) for line in claims.bodies[key].splitlines()]


def queue_certificates(aws: Any, *ids: str) -> None:
    made = [
        {"certificateId": each, "creationDate": datetime.fromtimestamp(NOW, timezone.utc)}
        for each in ids
    ]
    aws.stub("iot").add_response("list_certificates", {"certificates": made})


def again(step: Step, outcome: Outcome) -> Outcome:
    """Do the step that the outcome asks for."""
    return recover(replace(step, progress=outcome.progress))


def test_where_nothing_is_open_the_file_is_compared(make_step: Any, claims: ClaimObjects) -> None:
    claims.place("stack/fleet/inventory/0/000000.jsonl", b"")

    step = make_step("Recover")

    assert again(step, recover(step)).next_step == "Compare"


def test_the_reports_of_an_earlier_requests_task_enter_the_inventory(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    place_sent(claims)
    task = described("task-0", "Completed", inputFileKey=OLD_INPUT, successCount=1)
    aws.stub("iot").add_response("describe_thing_registration_task", task)
    arns = {"t": "arn:aws:iot:r:0:thing/a", "c": f"arn:aws:iot:r:0:cert/{'c' * 64}"}
    report = json.dumps({"response": {"ResourceArns": arns}}).encode()
    claims.place("stack/fleet/runs/old/task-0/RESULTS-0.jsonl", report)
    step = make_step(
        "Recover",
        last_start=OLD_START,
        saved_lines={"RESULTS": 1},
        saved_reports={"RESULTS": 1},
    )

    outcome = recover(step)

    (entry,) = entries(claims)
    assert (entry["thingName"], entry["certificateId"]) == ("a", "c" * 64)
    assert (held(step).last_start, held(step).unclear) == (None, ())
    assert (outcome.next_step, dict(outcome.progress.saved_lines)) == ("Recover", {})


def test_reports_that_are_lost_leave_it_unclear_what_was_certified(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    place_sent(claims)
    task = described("task-0", "Completed", inputFileKey=OLD_INPUT, successCount=1)
    for since, unclear in ((NOW, []), (NOW - REPORTS_BUDGET, ["task-0"])):
        iot = aws.stub("iot")
        iot.add_response("describe_thing_registration_task", task)
        iot.add_response(
            "list_thing_registration_task_reports",
            {"resourceLinks": [], "reportType": "RESULTS"},
        )
        step = make_step("Recover", last_start=OLD_START, finishing_since=since)

        recover(step)

        assert [each.task_id for each in held(step).unclear] == unclear


@pytest.mark.parametrize(("failures", "expected"), [(1, [("orphan", "d" * 64)]), (0, [])])
def test_a_failed_task_of_a_stack_of_this_name_may_have_certified_any_key_of_the_file(
    aws: Any, make_step: Any, claims: ClaimObjects, failures: int, expected: list[Any]
) -> None:
    template = {
        "Parameters": {"Name": {"Type": "String"}, "CSR": {"Type": "String"}},
        "Resources": {
            "t": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}},
            "c": {
                "Type": "AWS::IoT::Certificate",
                "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}},
            },
        },
    }
    properties = {**PROPERTIES, "TemplateBody": json.dumps(template)}
    step = make_step("Recover", event_changes={"ResourceProperties": properties})
    file = json.dumps({"Name": "a", "CSR": CSR}).encode()
    claims.place(f"stack/fleet/work/{REQUEST_ID}/file.jsonl", file)
    task = described(
        "task-0",
        "Completed",
        inputFileBucket="gone",
        inputFileKey=OLD_INPUT,
        failureCount=failures,
        lastModifiedDate=datetime.fromtimestamp(NOW - REGISTRY_LAG, timezone.utc),
    )
    queue_tasks(aws, Completed=[task], Failed=[], Cancelled=[])
    if failures:
        queue_certificates(aws, "d" * 64)
        aws.stub("iot").add_response(
            "describe_certificate",
            {"certificateDescription": {"certificateId": "d" * 64, "certificatePem": CERTIFICATE}},
        )

    outcome = again(step, recover(step))

    assert outcome.next_step == ("Recover" if failures else "Compare")
    assert [(each["state"], each["certificateId"]) for each in entries(claims)] == expected
    assert ("stack/fleet/work/old/accounted" in claims.bodies) is bool(failures)


def test_a_start_of_which_there_is_no_task_is_forgotten(aws: Any, make_step: Any) -> None:
    queue_tasks(aws, InProgress=[], Cancelling=[], Completed=[], Failed=[], Cancelled=[])
    lost = LastStart(OLD_INPUT, NOW - LOST_START_BUDGET)
    step = make_step("Recover", last_start=lost)

    recover(step)

    assert held(step).last_start is None


def test_the_registry_is_not_asked_within_a_minute_of_the_end_of_the_task(
    make_step: Any, claims: ClaimObjects
) -> None:
    step = make_step("Recover")
    late = replace(ENDED, ended_at=NOW - REGISTRY_LAG + 1)
    claim = Claim(step.request.request_id, NOW, unclear=(late,))
    claims.put(step.request.declaration, claim)

    outcome = recover(step)

    assert (outcome.next_step, outcome.wait > 0) == ("Recover", True)


@pytest.mark.parametrize("is_ours", [True, False])
def test_a_certificate_that_no_report_names_is_kept_for_the_key_that_was_sent(
    aws: Any, make_step: Any, claims: ClaimObjects, is_ours: bool
) -> None:
    place_sent(claims)
    step = make_step("Recover")
    claim = Claim(step.request.request_id, NOW, unclear=(ENDED,))
    claims.put(step.request.declaration, claim)
    queue_certificates(aws, "d" * 64)
    pem = CERTIFICATE if is_ours else "another"
    aws.stub("iot").add_response(
        "describe_certificate",
        {"certificateDescription": {"certificateId": "d" * 64, "certificatePem": pem}},
    )

    recover(step)

    found = [(entry["state"], entry["certificateId"]) for entry in entries(claims)]
    assert found == ([("orphan", "d" * 64)] if is_ours else [])
    assert held(step).unclear == ()


def test_a_deletion_goes_on_with_the_devices(make_step: Any, claims: ClaimObjects) -> None:
    claims.place("stack/fleet/inventory/0/000000.jsonl", b"")

    step = make_step("Recover", "Delete")

    assert again(step, recover(step)).next_step == "Deregister"


def test_a_deletion_has_no_file_in_which_lost_lines_could_be(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    claims.place("stack/fleet/inventory/0/000000.jsonl", b"")
    step = make_step("Recover", "Delete")
    claims.put(step.request.declaration, replace(held(step), unclear=(ENDED,)))
    queue_certificates(aws)

    assert recover(step).next_step == "Recover"
    assert held(step).unclear == ()
