"""What a task did enters the state: RESULTS, ERRORS, and what neither of them says."""

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.lambda_.fleet.signed import certificates
from tests.unit.lambda_.memory_s3 import MemoryS3
from tests.unit.lambda_.stubs import NOW, PROPERTIES, REQUEST_ID
from thing_registration_worker.aws.registration_tasks import Task
from thing_registration_worker.fleet.public_keys import certificate_id as id_of_pem
from thing_registration_worker.registry import searches
from thing_registration_worker.state import devices, lines
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.lines import NEW, Line
from thing_registration_worker.state.schema import DECLARED, REGISTERED, RETIRED, RETURNING
from thing_registration_worker.step import Step
from thing_registration_worker.tasks import accounting, own_task
from thing_registration_worker.tasks.own_task import OwnTask

INPUT = f"stack/fleet/input/{REQUEST_ID}/00000-ab12-new.jsonl"
REPORTS = f"stack/fleet/runs/{REQUEST_ID}/task-1/"
KEYS, IDS = [f"{n}a" * 32 for n in range(4)], [f"{n}c" * 32 for n in range(4)]
NAMES = ("a", "b", "c", "d")
OWN = OwnTask(INPUT, REQUEST_ID, "task-1", len(NAMES), NOW - 60)


def template(**certificate: str) -> str:
    resources = {
        "t": {"Type": "AWS::IoT::Thing", "Properties": {"ThingName": {"Ref": "Name"}}},
        "c": {"Type": "AWS::IoT::Certificate", "Properties": certificate},
    }
    return json.dumps({"Parameters": {"Name": {"Type": "String"}}, "Resources": resources})


SOURCES = {
    "csr": template(CertificateSigningRequest="x"),
    "pem": template(CertificatePem="x"),
    "id": template(CertificateId="x"),
    "none": template(Status="ACTIVE"),
}


def stepped(make_step: Any, kind: str = "csr", **changes: Any) -> Step:
    """A step whose state has four lines."""
    properties = {**PROPERTIES, "TemplateBody": SOURCES[kind]}
    step: Step = make_step("Finish", event_changes={"ResourceProperties": properties})
    for place, name in enumerate(NAMES):
        sent = Line(10 * (place + 1), 0, 1, 0, "new", name, bytes(17), KEYS[place])
        lines.add(step.db, [replace(sent, outcome="sent", file=NEW, **changes)])
        if devices.by_name(step.db, name) is None:
            devices.put(step.db, Thing(0, name, DECLARED, key=KEYS[place]))
    step.db.execute("INSERT INTO part VALUES (0, 10, 40)")
    return step


def result(name: str, certificate: str = "") -> dict[str, Any]:
    arns = {"thing": f"arn:aws:iot:us-east-1:0:thing/{name}"}
    if certificate:
        arns["certificate"] = f"arn:aws:iot:us-east-1:0:cert/{certificate}"
    return {"lineNumber": 1, "response": {"ResourceArns": arns}}


def place(s3: MemoryS3, kind: str, *answers: Any, link: int = 0) -> None:
    texts = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in answers]
    s3.place(f"{REPORTS}{kind}-{link}.jsonl", b"".join(text + b"\n" for text in texts))


def account(
    step: Step,
    own: OwnTask,
    *,
    status: str = "Completed",
    succeeded: int = 0,
    is_whole: bool = True,
    differing: Any = None,
) -> list[str]:
    failed = own.lines - succeeded
    task = Task("task-1", status, "", "fleet", INPUT, NOW - 60, NOW - 5, succeeded, failed, 100)
    reading = accounting.read(step, task, own, is_whole=is_whole)
    return accounting.account(step, reading, differing or {})


def outcomes(step: Step) -> dict[str, tuple[str, str]]:
    return {line.name: (line.outcome, line.failure) for line in lines.of_part(step.db, 0)}


def test_what_aws_has_registered_is_what_it_has_accepted(make_step: Any, s3: MemoryS3) -> None:
    step = stepped(make_step)
    for link in range(2):
        two = range(2 * link, 2 * link + 2)
        place(s3, "RESULTS", *(result(NAMES[n], IDS[n]) for n in two), link=link)

    assert account(step, replace(OWN, results=2), succeeded=4) == []

    for number, name in enumerate(NAMES):
        thing = devices.by_name(step.db, name)
        assert thing == Thing(
            id=number + 1,
            name=name,
            state=REGISTERED,
            resources=bytes(17),
            key=KEYS[number],
            certificate_id=IDS[number],
            thing_made=True,
            certificate_made=True,
            at=int(NOW),
        )
    assert set(outcomes(step).values()) == {("registered", "")}
    assert searches.all_of(step.db) == []
    own = own_task.find(step.db, INPUT)
    assert own is not None
    assert (own.accounted, own.ended_at) == (True, NOW - 5)
    assert step.db.execute("SELECT task_id FROM seen_task").fetchall() == [("task-1",)]


@pytest.mark.parametrize(
    ("first", "last", "numbers"),
    [
        # From 0, from 1; the number of the last line alone says that it is from 1.
        (0, 2, (0, 2)),
        (1, 4, (1, 3)),
        (2, 4, (1, 3)),
        (0, 4, (0, 2)),
    ],
)
def test_line_numbers_from_0_and_from_1_lead_to_the_lines_of_the_users_file(
    make_step: Any, s3: MemoryS3, first: int, last: int, numbers: tuple[int, int]
) -> None:
    step = stepped(make_step)
    place(s3, "RESULTS", result("b", IDS[1]), result("d", IDS[3]))
    errors = [{"lineNumber": number, "errorMessage": f"no {number}"} for number in numbers]
    place(s3, "ERRORS", *errors)
    own = replace(OWN, results=1, errors=1, first_number=first, last_number=last)

    phrases = account(step, own, succeeded=2)

    one, other = (f"no {number}" for number in numbers)
    assert phrases == [f"line 10, thing a: {one}", f"line 30, thing c: {other}"]
    assert outcomes(step) == {
        "a": ("failed", one),
        "b": ("registered", ""),
        "c": ("failed", other),
        "d": ("registered", ""),
    }


@pytest.mark.parametrize(
    ("first", "last", "error", "phrase"),
    [
        # It is not known from where AWS counts.
        (2, 3, {"lineNumber": 2, "errorMessage": "no"}, "line 2: no"),
        (-1, -1, {"errorMessage": "no"}, "no"),
        # There is no such line.
        (1, 4, {"lineNumber": 5, "errorMessage": "no"}, "line 5: no"),
        (1, 4, {"lineNumber": 0, "errorMessage": "no"}, "line 0: no"),
        (1, 4, b"some text", "some text"),
    ],
)
def test_a_failure_whose_line_cannot_be_told_is_shown_as_it_is(
    make_step: Any, s3: MemoryS3, first: int, last: int, error: Any, phrase: str
) -> None:
    step = stepped(make_step)
    place(s3, "ERRORS", error)
    own = replace(OWN, errors=1, first_number=first, last_number=last)

    assert account(step, own) == [phrase]
    assert outcomes(step)["a"] == ("failed", "")


def test_a_line_that_no_report_names_has_failed_and_its_certificate_is_looked_for(
    make_step: Any, s3: MemoryS3
) -> None:
    step = stepped(make_step)
    place(s3, "RESULTS", result("a", IDS[0]))

    account(step, replace(OWN, results=1), status="Cancelled", succeeded=1)

    assert outcomes(step)["b"] == ("failed", "")
    (search,) = searches.all_of(step.db)
    assert (search.input_key, search.since, search.until) == (INPUT, NOW - 60, NOW - 5)
    wanted = {devices.digits(key): thing for key, thing in step.db.execute("SELECT * FROM wanted")}
    assert wanted == {KEYS[1]: "b", KEYS[2]: "c", KEYS[3]: "d"}


@pytest.mark.parametrize(
    ("kind", "succeeded", "is_whole", "looked_for"),
    [
        ("csr", 4, True, False),
        ("csr", 4, False, True),
        ("csr", 3, True, True),
        ("pem", 3, False, False),
        ("id", 3, False, False),
    ],
)
def test_certificates_are_looked_for_where_a_csr_may_have_left_one(
    make_step: Any, kind: str, succeeded: int, is_whole: bool, looked_for: bool
) -> None:
    step = stepped(make_step, kind)

    account(step, OWN, succeeded=succeeded, is_whole=is_whole)

    assert bool(searches.all_of(step.db)) is looked_for


def test_an_answer_of_which_the_name_is_not_known_registers_nothing(
    make_step: Any, s3: MemoryS3
) -> None:
    step = stepped(make_step)
    place(s3, "RESULTS", result("unknown", IDS[0]), {"response": {}}, {"lineNumber": 1}, b"{", [1])

    account(step, replace(OWN, results=1), succeeded=1)

    assert set(outcomes(step).values()) == {("failed", "")}
    assert devices.by_name(step.db, "unknown") is None


def test_answers_after_one_that_cannot_be_read_count(make_step: Any, s3: MemoryS3) -> None:
    step = stepped(make_step)
    place(s3, "RESULTS", b"{", result("a", IDS[0]))

    account(step, replace(OWN, results=1), succeeded=1)

    assert outcomes(step)["a"] == ("registered", "")


def test_what_a_run_has_brought_back_stays_known_when_it_is_registered(
    make_step: Any, s3: MemoryS3
) -> None:
    step = stepped(make_step)
    devices.put(step.db, Thing(0, "a", RETURNING, returned_by=REQUEST_ID))
    place(s3, "RESULTS", result("a", IDS[0]))

    account(step, replace(OWN, results=1), succeeded=1)

    thing = devices.by_name(step.db, "a")
    assert thing is not None
    assert (thing.state, thing.returned_by) == (REGISTERED, REQUEST_ID)


@pytest.mark.parametrize(("request_id", "state"), [("before", RETIRED), (REQUEST_ID, REGISTERED)])
def test_what_a_rollback_has_retired_again_stays_so_when_the_task_before_is_accounted_for(
    make_step: Any, s3: MemoryS3, request_id: str, state: int
) -> None:
    step = stepped(make_step)
    devices.put(step.db, Thing(0, "a", RETIRED))
    place(s3, "RESULTS", result("a", IDS[0]))
    key = f"stack/fleet/runs/{request_id}/task-1/RESULTS-0.jsonl"
    s3.place(key, s3.bodies[f"{REPORTS}RESULTS-0.jsonl"])

    account(step, replace(OWN, request=request_id, results=1), succeeded=1)

    thing = devices.by_name(step.db, "a")
    assert thing is not None
    assert thing.state == state


def test_a_registered_thing_whose_line_fails_is_not_known_to_be_as_it_was(
    make_step: Any,
) -> None:
    step = stepped(make_step, thing_exists=True)
    before = Thing(0, "a", REGISTERED, bytes(17), KEYS[0], IDS[0], thing_made=True)
    devices.put(step.db, before)

    account(step, OWN)

    assert devices.by_name(step.db, "a") == replace(before, id=1, resources=None)


@pytest.mark.parametrize(
    ("differing", "outcome", "resources"),
    [
        ({}, ("registered", ""), bytes(17)),
        ({"a": "model is 'x' and not 'y'"}, ("differs", "model is 'x' and not 'y'"), None),
        ({"a": ""}, ("registered", ""), None),
    ],
)
def test_what_differs_from_the_line_is_sent_again(
    make_step: Any,
    s3: MemoryS3,
    differing: dict[str, str],
    outcome: tuple[str, str],
    resources: bytes | None,
) -> None:
    step = stepped(make_step)
    place(s3, "RESULTS", *map(result, NAMES, IDS))

    account(step, replace(OWN, results=1), succeeded=4, differing=differing)

    thing = devices.by_name(step.db, "a")
    assert thing is not None
    assert (outcomes(step)["a"], thing.resources) == (outcome, resources)


@pytest.mark.parametrize(
    ("kind", "line", "before", "made"),
    [
        # A new thing, and a certificate for the key of a CSR or from a PEM.
        ("csr", {}, False, (True, True)),
        ("pem", {}, False, (True, True)),
        # The thing was there before.
        ("csr", {"thing_exists": True}, False, (False, True)),
        ("csr", {"thing_exists": True}, True, (True, True)),
        # So was the certificate.
        ("csr", {"certificate_id": IDS[0]}, False, (True, False)),
        ("csr", {"certificate_id": IDS[0], "certificate_made": True}, False, (True, True)),
        # The user gives its id, or none.
        ("id", {"key": "", "given_id": IDS[0]}, False, (True, False)),
        ("none", {"key": ""}, False, (True, False)),
    ],
)
def test_what_was_there_before_is_never_ours(
    make_step: Any,
    s3: MemoryS3,
    kind: str,
    line: dict[str, Any],
    before: bool,
    made: tuple[bool, bool],
) -> None:
    step = stepped(make_step, kind, **line)
    devices.put(step.db, Thing(0, "a", DECLARED, thing_made=before))
    place(s3, "RESULTS", result("a", IDS[0]))

    account(step, replace(OWN, results=1), succeeded=1)

    thing = devices.by_name(step.db, "a")
    assert thing is not None
    assert (thing.thing_made, thing.certificate_made) == made


@pytest.mark.parametrize(
    ("line", "answered", "expected"),
    [
        ({}, IDS[0], IDS[0]),
        ({"certificate_id": IDS[1]}, IDS[0], IDS[1]),
        ({"given_id": IDS[2]}, "", IDS[2]),
        ({}, "", ""),
    ],
)
def test_a_certificate_is_the_known_one_or_that_of_the_answer_or_of_the_line(
    make_step: Any, s3: MemoryS3, line: dict[str, str], answered: str, expected: str
) -> None:
    step = stepped(make_step, **line)
    place(s3, "RESULTS", result("a", answered))

    account(step, replace(OWN, results=1), succeeded=1)

    thing = devices.by_name(step.db, "a")
    assert thing is not None
    assert thing.certificate_id == expected


def test_an_answer_is_read_whatever_the_template_calls_its_resources() -> None:
    arns = {
        "Group": "arn:aws:iot:r:0:thinggroup/all",
        "Device": "arn:aws:iot:r:0:thing/site:7",
        "Key": f"arn:aws:iot:r:0:cert/{IDS[0]}",
    }
    pem = certificates(1)[0]

    assert accounting.thing_name({"ResourceArns": arns}) == "site:7"
    assert accounting.certificate_id({"ResourceArns": arns}) == IDS[0]
    assert accounting.certificate_id({"CertificatePem": pem}) == id_of_pem(pem)
    others: tuple[dict[str, Any], ...] = (
        {},
        {"ResourceArns": []},
        {"ResourceArns": {}},
        {"CertificatePem": "no"},
    )
    for nothing in others:
        assert accounting.thing_name(nothing) == accounting.certificate_id(nothing) == ""
