"""What a stack of version 0.1 kept becomes the beginning of the inventory."""

import hashlib
import json
from typing import Any

import pytest

import seeded_inventory
from claim import LastStart, held
from fleet.public_keys import certificate_id, key_of_csr
from kept_inventory import read
from last_run import LastRun, recall
from steps.recover import recover
from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.fleet.signed import certificates, csrs
from tests.unit.lambda_.stubs import NOW, PROPERTIES, ROLE_ARN, described, queue_tasks
from unknown_tasks import unknown_tasks

CSR, CERTIFICATE = csrs(1)[0], certificates(1)[0]
OTHER_CSR = csrs(2)[1]
CERTIFICATE_ID = certificate_id(CERTIFICATE)
PREFIX = "stack/fleet/"
INPUT = f"{PREFIX}input/old.jsonl"
REPORT = f"{PREFIX}reports/task-0/RESULTS-0.jsonl"
START = LastStart(INPUT, NOW - 600, "task-0")
TEMPLATE = json.dumps(
    {
        "Parameters": {"Name": {"Type": "String"}, "CSR": {"Type": "String"}},
        "Resources": {
            "t": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}},
            "c": {
                "Type": "AWS::IoT::Certificate",
                "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}},
            },
        },
    }
)
DECLARED = {**PROPERTIES, "TemplateBody": TEMPLATE}
FINGERPRINT = hashlib.sha256(json.dumps([TEMPLATE, "abc", ROLE_ARN]).encode()).hexdigest()
UPDATE = {"ResourceProperties": DECLARED, "OldResourceProperties": DECLARED}


def place_record(claims: ClaimObjects, **changes: Any) -> None:
    record = {"task_id": "task-0", "fingerprint": FINGERPRINT, "status": "Completed"}
    counts = {"success_count": 1, "failure_count": 0, "succeeded": True}
    body = json.dumps({**record, **counts, **changes}).encode()
    claims.place(f"{PREFIX}last-task.json", body)


def place_report(claims: ClaimObjects, *names: str, pem: str = CERTIFICATE) -> None:
    lines = [
        json.dumps(
            {
                "response": {
                    "CertificatePem": pem,
                    "ResourceArns": {
                        "t": f"arn:aws:iot:r:0:thing/{name}",
                        "c": f"arn:aws:iot:r:0:cert/{CERTIFICATE_ID}",
                    },
                }
            }
        )
        for name in names
    ]
    claims.place(REPORT, "\n".join(lines).encode())


def place_input(claims: ClaimObjects, *names: str, csr: str = CSR) -> None:
    lines = [json.dumps({"Name": name, "CSR": csr}) for name in names]
    claims.place(INPUT, "\n".join(lines).encode())


def recovered(step: Any) -> Any:
    """Return the index after as many calls of Recover as there have to be."""
    for _ in range(20):
        assert recover(step).next_step == "Recover"
        if recall(step.clients, step.request.declaration) is not None:
            break
    return read(step.clients, step.request.declaration)


def test_a_device_of_report_and_input_is_known_as_it_was_registered(
    make_step: Any, claims: ClaimObjects
) -> None:
    place_record(claims)
    place_report(claims, "a")
    place_input(claims, "a", "b")
    step = make_step("Recover", "Update", event_changes=UPDATE, last_start=START)

    index = recovered(step)

    entry = index.by_name("a")
    assert (entry.state, entry.key, entry.certificate_id) == (
        "registered",
        key_of_csr(CSR),
        CERTIFICATE_ID,
    )
    assert entry.resources_hash
    assert (entry.thing_made, entry.certificate_made) == (False, True)
    assert index.by_name("b") is None
    assert recall(step.clients, step.request.declaration) == LastRun("", "task-0", "Completed")


@pytest.mark.parametrize(
    ("pem", "csr", "key"),
    [("", CSR, ""), (CERTIFICATE, OTHER_CSR, key_of_csr(CSR))],
    ids=["no-certificate", "another-key"],
)
def test_a_line_whose_key_the_report_does_not_show_is_left_to_the_look_up(
    make_step: Any, claims: ClaimObjects, pem: str, csr: str, key: str
) -> None:
    place_record(claims)
    place_report(claims, "a", pem=pem)
    place_input(claims, "a", csr=csr)

    index = recovered(make_step("Recover", "Update", event_changes=UPDATE, last_start=START))

    entry = index.by_name("a")
    assert (entry.key, entry.resources_hash, entry.certificate_made) == (key, "", False)


def test_what_the_task_has_read_is_asked_of_aws_where_it_is_not_kept(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    place_record(claims, fingerprint="another")
    place_report(claims, "a")
    place_input(claims, "a")
    task = described("task-0", "Completed", inputFileKey=INPUT, templateBody=TEMPLATE)
    aws.stub("iot").add_response("describe_thing_registration_task", task)

    index = recovered(make_step("Recover", "Update", event_changes=UPDATE))

    assert index.by_name("a").resources_hash


def test_a_device_whose_input_is_not_known_keeps_its_certificate(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    place_record(claims)
    place_report(claims, "a")
    place_input(claims, "a")
    aws.stub("iot").add_client_error(
        "describe_thing_registration_task", "ResourceNotFoundException"
    )

    index = recovered(make_step("Recover", "Update", event_changes=UPDATE))

    entry = index.by_name("a")
    assert (entry.resources_hash, entry.certificate_id) == ("", CERTIFICATE_ID)


def test_the_seed_is_the_same_however_often_it_is_interrupted(
    make_step: Any, claims: ClaimObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"device-{number}" for number in range(5)]
    place_record(claims)
    place_report(claims, *names)
    place_input(claims, *names)
    monkeypatch.setattr(seeded_inventory, "PART_LINES", 2)
    monkeypatch.setattr(seeded_inventory, "LOOK_UP_CALL_BUDGET", -1)
    # Another request has begun it, and has left no trace of how far it came.
    recover(make_step("Recover", "Update", event_changes=UPDATE, last_start=START))
    del claims.bodies[next(key for key in claims.bodies if key.endswith("/seeding.json"))]
    step = make_step("Recover", "Update", event_changes=UPDATE, last_start=START)

    index = recovered(step)

    assert sorted(entry.thing_name for entry in index.registered()) == names
    assert all(entry.resources_hash for entry in index.registered())
    parts = [key for key in claims.bodies if "/inventory/" in key]
    assert [key[-18:-6] for key in sorted(parts)] == [
        f"{file:05}/{part:06}" for file in range(2) for part in range(3)
    ]


@pytest.mark.parametrize(
    ("kept", "failures", "unclear"),
    [("Completed", 0, []), ("Completed", 1, ["task-0"]), ("InProgress", 0, ["task-0"])],
)
def test_a_last_task_that_aws_has_forgotten_may_have_left_certificates(
    aws: Any, make_step: Any, claims: ClaimObjects, kept: str, failures: int, unclear: list[str]
) -> None:
    place_record(claims, status=kept, failure_count=failures)
    claims.place(f"{PREFIX}last-run.json", json.dumps({"request_id": ""}).encode())
    aws.stub("iot").add_client_error(
        "describe_thing_registration_task", "ResourceNotFoundException"
    )
    step = make_step("Recover", "Update", event_changes=UPDATE, last_start=START)

    recover(step)

    assert [task.task_id for task in held(step).unclear] == unclear
    assert held(step).last_start is None


def test_a_failed_task_is_looked_into_although_the_inventory_is_seeded(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    claims.place(f"{PREFIX}last-run.json", json.dumps({"request_id": ""}).encode())
    claims.place(f"{PREFIX}inventory/0000000000000-version-0.1-00000/000000.jsonl", b"")
    task = described("task-0", "Completed", inputFileKey=INPUT, failureCount=1)
    queue_tasks(aws, Completed=[task], Failed=[], Cancelled=[])

    found = unknown_tasks(make_step("Recover", "Update"))

    assert [each.task_id for each in found.unclear] == ["task-0"]


def test_version_0_1_can_read_the_claim_after_a_rollback(make_step: Any) -> None:
    claim = held(make_step("Recover", "Update", last_start=START))

    members = set(json.loads(claim.to_json()))

    assert members == {"request_id", "received_at", "answered", "quiet_at", "last_start"}
