"""The LookUp step: a key is certified once."""

import json
from dataclasses import asdict, replace
from typing import Any

import pytest
from botocore.exceptions import ParamValidationError

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.fleet.signed import certificates, csrs
from tests.unit.lambda_.stubs import NOW, PROPERTIES, REQUEST_ID
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.fleet.public_keys import certificate_id, key_of_csr
from thing_registration_worker.run.progress import Run
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.steps.look_up import look_up

CSR, CERTIFICATE = csrs(1)[0], certificates(1)[0]
KEY = key_of_csr(CSR)
ARN = "arn:aws:iot:us-east-1:000000000000:cert/"
KNOWN_ID, OTHER_ID = "a" * 64, "b" * 64
TEMPLATE: dict[str, Any] = {
    "Parameters": {"Name": {"Type": "String"}, "CSR": {"Type": "String"}},
    "Resources": {
        "t": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}},
        "c": {
            "Type": "AWS::IoT::Certificate",
            "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}},
        },
    },
}
WORK = f"stack/fleet/work/{REQUEST_ID}/"


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """The account's registration tasks."""
    found: list[Task] = []

    def listed(_iot: Any, statuses: tuple[str, ...]) -> list[Task]:
        return [task for task in found if task.status in statuses]

    monkeypatch.setattr("thing_registration_worker.aws.registration_tasks.tasks", listed)
    return found


def task(status: str) -> Task:
    return Task("task-9", status, "", "another-bucket", "another/key", NOW - 60, NOW, 0, 0, 0)


def test_the_registry_is_asked_when_no_other_task_runs(
    make_step: Any, claims: ClaimObjects, tasks: list[Task], capsys: Any
) -> None:
    tasks.append(task("InProgress"))

    outcome = run_step(make_step, claims, line())

    assert (outcome.next_step, outcome.wait, outcome.progress.run.decided) == ("LookUp", 2, 0)
    assert "task-9 (InProgress" in capsys.readouterr().out


def test_a_slot_that_stays_taken_until_the_deadline_fails_naming_the_task(
    make_step: Any, claims: ClaimObjects, tasks: list[Task]
) -> None:
    tasks.append(task("InProgress"))
    claims.place(f"{WORK}parts/00000.jsonl", json.dumps(asdict(line())).encode())

    with pytest.raises(RegistrationError, match=r"after 30 minutes .* taken by task task-9"):
        look_up(make_step("LookUp", deadline=NOW - 1, waiting_since=NOW - 1800))


@pytest.mark.parametrize(("settled_at", "wait"), [(NOW + 7.5, 8), (NOW, 0)])
def test_what_a_stack_of_this_name_registered_before_it_was_destroyed_is_awaited(
    aws: Any, make_step: Any, claims: ClaimObjects, settled_at: float, wait: int
) -> None:
    if not wait:
        aws.stub("iot").add_client_error("describe_thing", "ResourceNotFoundException")
    claims.place(f"{WORK}parts/00000.jsonl", json.dumps(asdict(line())).encode())
    properties = {**PROPERTIES, "TemplateBody": json.dumps(TEMPLATE)}
    run = Run(parts=1, lines=1, settled_at=settled_at)

    outcome = look_up(
        make_step("LookUp", event_changes={"ResourceProperties": properties}, run=run)
    )

    assert (outcome.next_step, outcome.wait) == ("LookUp" if wait else "Start", wait)


def line(number: int = 1, **changes: Any) -> SentLine:
    name = f"thing-{number}"
    text = json.dumps({"Name": name, "CSR": CSR})
    before = SentLine(number, text, name, "1:" + "0" * 32, "csr", KEY, "", False)
    # Whose certificate is known is known itself, unless a test says otherwise.
    known = {"thing_exists": bool(changes.get("certificate_id"))}
    return SentLine(**{**asdict(before), **known, **changes})


def run_step(make_step: Any, claims: ClaimObjects, *part: SentLine, **template: Any) -> Any:
    body = b"".join(json.dumps(asdict(each)).encode() + b"\n" for each in part)
    claims.place(f"{WORK}parts/00000.jsonl", body)
    properties = {**PROPERTIES, "TemplateBody": json.dumps({**TEMPLATE, **template})}
    changes = {"ResourceProperties": properties}
    run = Run(parts=1, lines=len(part))
    return look_up(make_step("LookUp", event_changes=changes, run=run))


def queue_thing(aws: Any, *certificates: tuple[str, str, str]) -> None:
    """Queue a thing that exists, and its certificates: id, status and PEM."""
    iot = aws.stub("iot")
    iot.add_response("describe_thing", {"thingName": "thing-1"})
    principals = [f"{ARN}{certificate[0]}" for certificate in certificates]
    iot.add_response("list_thing_principals", {"principals": principals})
    for certificate in certificates:
        queue_certificate(aws, *certificate)


def queue_certificate(aws: Any, certificate_id: str, status: str, pem: str = CERTIFICATE) -> None:
    described = {"certificateId": certificate_id, "status": status, "certificatePem": pem}
    aws.stub("iot").add_response(
        "describe_certificate",
        {"certificateDescription": described},
        {"certificateId": certificate_id},
    )


def inputs(claims: ClaimObjects, file: str) -> list[dict[str, str]]:
    body = claims.bodies.get(f"stack/fleet/input/{REQUEST_ID}/00000-{file}.jsonl", b"")
    return [json.loads(each) for each in body.splitlines()]


def test_a_device_that_the_registry_does_not_know_is_sent_as_the_user_wrote_it(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    aws.stub("iot").add_client_error("describe_thing", "ResourceNotFoundException")

    outcome = run_step(make_step, claims, line())

    assert (outcome.next_step, outcome.progress.run.file) == ("Start", "new")
    assert outcome.progress.lines == 1
    assert inputs(claims, "new") == [{"Name": "thing-1", "CSR": CSR}]


def test_a_device_whose_key_is_certified_is_sent_with_its_certificate(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    queue_thing(aws, (KNOWN_ID, "ACTIVE", CERTIFICATE))

    outcome = run_step(make_step, claims, line())

    assert (outcome.next_step, outcome.progress.run.file) == ("Start", "known")
    assert inputs(claims, "new") == []
    (sent,) = inputs(claims, "known")
    assert sent == {
        "Name": "thing-1",
        "CSR": CSR,
        "ThingRegistrationCertificateId": KNOWN_ID,
    }


@pytest.mark.parametrize("is_unchanged", [False, True])
def test_a_line_that_aws_refuses_to_look_up_fails_and_the_others_are_sent(
    aws: Any, make_step: Any, claims: ClaimObjects, is_unchanged: bool
) -> None:
    refused = line(1, is_unchanged=is_unchanged)
    aws.stub("iot").add_client_error("describe_thing", "InvalidRequestException", "no such name")
    aws.stub("iot").add_client_error("describe_thing", "ResourceNotFoundException")

    outcome = run_step(make_step, claims, refused, line(2))

    run = outcome.progress.run
    assert [each["Name"] for each in inputs(claims, "new")] == ["thing-2"]
    assert (run.failed, run.refused) == (1, 1)
    (failure,) = run.failures
    assert failure.startswith("line 1: AWS refuses to look up thing thing-1: ")
    assert failure.endswith("no such name")


def test_a_line_that_botocore_refuses_to_ask_about_fails_by_itself(
    make_step: Any, claims: ClaimObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_iot: Any, _name: str) -> bool:
        raise ParamValidationError(report="Invalid length")

    monkeypatch.setattr("thing_registration_worker.aws.registry.thing_exists", refuse)

    outcome = run_step(make_step, claims, line())

    assert outcome.next_step == "Answer"
    assert "line 1: AWS refuses to look up thing thing-1: Parameter valid" in (
        outcome.progress.failure
    )


def given(number: int = 1) -> SentLine:
    """A new line with a certificate in PEM, as Compare writes it."""
    text = json.dumps({"Name": f"thing-{number}", "CSR": CERTIFICATE})
    return line(number, text=text, certificate="pem", given_id=certificate_id(CERTIFICATE))


def test_a_new_certificate_in_pem_is_registered(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    aws.stub("iot").add_client_error("describe_thing", "ResourceNotFoundException")
    asked = {"certificateId": certificate_id(CERTIFICATE)}
    aws.stub("iot").add_client_error(
        "describe_certificate", "ResourceNotFoundException", expected_params=asked
    )

    run_step(make_step, claims, given())

    assert inputs(claims, "new") == [{"Name": "thing-1", "CSR": CERTIFICATE}]
    assert inputs(claims, "known") == []


def test_a_certificate_in_pem_that_is_registered_is_sent_by_its_id(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    aws.stub("iot").add_client_error("describe_thing", "ResourceNotFoundException")
    queue_certificate(aws, certificate_id(CERTIFICATE), "ACTIVE")

    run_step(make_step, claims, given())

    assert inputs(claims, "new") == []
    (sent,) = inputs(claims, "known")
    assert sent["ThingRegistrationCertificateId"] == certificate_id(CERTIFICATE)


def test_a_new_key_of_a_thing_is_a_new_certificate(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    queue_thing(aws, (OTHER_ID, "ACTIVE", "another certificate"))

    assert run_step(make_step, claims, line()).progress.run.file == "new"


@pytest.mark.parametrize("status", ["INACTIVE", "REVOKED"])
@pytest.mark.parametrize("is_in_inventory", [True, False])
def test_a_certificate_that_is_not_active_is_not_brought_back(
    aws: Any, make_step: Any, claims: ClaimObjects, status: str, is_in_inventory: bool
) -> None:
    if is_in_inventory:
        queue_certificate(aws, KNOWN_ID, status)
    else:
        queue_thing(aws, (KNOWN_ID, status, CERTIFICATE))

    known = KNOWN_ID if is_in_inventory else ""
    outcome = run_step(make_step, claims, line(certificate_id=known))

    assert outcome.next_step == "Answer"
    assert outcome.progress.run.failed == 1
    assert f"certificate {KNOWN_ID} of thing thing-1 is {status}" in outcome.progress.failure


def test_a_certificate_that_the_template_wants_inactive_may_be(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    queue_certificate(aws, KNOWN_ID, "INACTIVE")
    certificate = TEMPLATE["Resources"]["c"]
    properties = {**certificate["Properties"], "Status": "INACTIVE"}
    resources = {**TEMPLATE["Resources"], "c": {**certificate, "Properties": properties}}

    outcome = run_step(make_step, claims, line(certificate_id=KNOWN_ID), Resources=resources)

    assert outcome.progress.run.file == "known"


def test_a_certificate_that_someone_has_deleted_is_made_again(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    aws.stub("iot").add_client_error("describe_certificate", "ResourceNotFoundException")

    outcome = run_step(make_step, claims, line(certificate_id=KNOWN_ID))

    assert outcome.progress.run.file == "new"


def test_both_files_of_a_part_are_sent_one_after_the_other(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    aws.stub("iot").add_client_error("describe_thing", "ResourceNotFoundException")
    queue_certificate(aws, KNOWN_ID, "ACTIVE")

    outcome = run_step(make_step, claims, line(1), line(2, certificate_id=KNOWN_ID))

    run = outcome.progress.run
    assert (run.file, outcome.progress.lines, run.known_lines) == ("new", 1, 1)
    assert [each["Name"] for each in inputs(claims, "known")] == ["thing-2"]


def test_look_ups_that_take_long_go_on_in_the_next_call_behind_the_last_line(
    make_step: Any, claims: ClaimObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = [line(number, certificate="none", key="", thing_exists=True) for number in (1, 2)]
    body = b"".join(json.dumps(asdict(each)).encode() + b"\n" for each in part)
    claims.place(f"{WORK}parts/00000.jsonl", body)
    step = make_step("LookUp", run=Run(parts=1))
    monkeypatch.setattr("thing_registration_worker.steps.look_up.LOOK_UP_CALL_BUDGET", 1.5)
    clock = iter(range(1_000_000))
    monkeypatch.setattr("time.time", lambda: next(clock))

    first = look_up(step)
    second = look_up(replace(step, progress=first.progress))

    assert (first.next_step, first.progress.run.decided) == ("LookUp", 1)
    assert (second.next_step, second.progress.lines) == ("Start", 2)


def test_an_unchanged_device_is_not_sent_again_if_the_registry_has_it_as_declared(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    aws.stub("iot").add_response("describe_thing", {"thingName": "thing-1"})
    queue_certificate(aws, KNOWN_ID, "ACTIVE")
    principals = {"principals": [f"{ARN}{KNOWN_ID}"]}
    aws.stub("iot").add_response("list_thing_principals", principals)

    outcome = run_step(make_step, claims, line(certificate_id=KNOWN_ID, is_unchanged=True))

    run = outcome.progress.run
    assert (outcome.next_step, outcome.progress.failure) == ("Answer", "")
    assert (run.unchanged, run.to_send, run.as_declared) == (1, -1, 1)


def test_an_unchanged_device_that_is_gone_from_the_registry_is_sent(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    aws.stub("iot").add_client_error("describe_thing", "ResourceNotFoundException")
    queue_certificate(aws, KNOWN_ID, "ACTIVE")

    outcome = run_step(make_step, claims, line(certificate_id=KNOWN_ID, is_unchanged=True))

    assert (outcome.next_step, outcome.progress.run.file) == ("Start", "known")


def test_statuses_come_from_lists_where_a_part_has_many_certificates(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    ids = [f"{number:064x}" for number in range(6)]
    listed = [
        {"certificateId": one, "status": "INACTIVE" if one == ids[2] else "ACTIVE"} for one in ids
    ]
    aws.stub("iot").add_response("list_certificates", {"certificates": listed}, {"pageSize": 250})
    part = [line(number, certificate_id=one) for number, one in enumerate(ids, 1)]

    first = run_step(make_step, claims, *part)
    second = look_up(make_step("LookUp", run=first.progress.run))

    assert (first.next_step, first.progress.run.listed) == ("LookUp", True)
    assert second.progress.run.known_lines == 5
    assert f"line 3: certificate {ids[2]} of thing thing-3" in second.progress.run.failures[0]


@pytest.mark.parametrize("certificate_id", ["", KNOWN_ID])
def test_a_thing_that_nobody_has_asked_for_may_be_somebody_elses(
    aws: Any, make_step: Any, claims: ClaimObjects, certificate_id: str
) -> None:
    aws.stub("iot").add_response("describe_thing", {"thingName": "thing-1"})
    kind = "csr" if certificate_id else "none"
    if certificate_id:
        queue_certificate(aws, certificate_id, "ACTIVE")

    run_step(
        make_step,
        claims,
        line(certificate=kind, certificate_id=certificate_id, thing_exists=False),
    )

    file = "known" if certificate_id else "new"
    (sent,) = claims.bodies[f"{WORK}sent/00000-{file}.jsonl"].splitlines()
    assert json.loads(sent)["thing_exists"] is True


def test_a_certificate_that_we_retired_is_brought_back_and_marked_before(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    queue_certificate(aws, KNOWN_ID, "INACTIVE")
    asked = {"certificateId": KNOWN_ID, "newStatus": "ACTIVE"}
    aws.stub("iot").add_response("update_certificate", {}, asked)

    outcome = run_step(make_step, claims, line(certificate_id=KNOWN_ID, is_retired=True))

    assert (outcome.next_step, outcome.progress.run.file) == ("Start", "known")
    (key,) = [key for key in claims.bodies if "/inventory/" in key]
    entry = json.loads(claims.bodies[key])
    assert (entry["state"], entry["certificateId"]) == ("retiring", KNOWN_ID)


def test_a_retired_certificate_that_was_revoked_is_not_brought_back(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    queue_certificate(aws, KNOWN_ID, "REVOKED")

    outcome = run_step(make_step, claims, line(certificate_id=KNOWN_ID, is_retired=True))

    assert "is REVOKED" in outcome.progress.run.failures[0]


def test_a_look_up_does_not_forget_that_we_made_the_thing(
    aws: Any, make_step: Any, claims: ClaimObjects
) -> None:
    aws.stub("iot").add_response("describe_thing", {"thingName": "thing-1"})
    aws.stub("iot").add_response("list_thing_principals", {"principals": []})

    run_step(make_step, claims, line(thing_exists=True, thing_made=True))

    (key,) = [key for key in claims.bodies if "/inventory/" in key]
    assert json.loads(claims.bodies[key])["thingMade"] is True
