"""The Compare step: only what is new or changed is sent."""

import json
from typing import Any

import pytest

from tests.unit.lambda_.claim_objects import ClaimObjects
from tests.unit.lambda_.fleet.signed import certificates
from tests.unit.lambda_.stubs import NOW, PROPERTIES, REQUEST_ID, TEMPLATE_BODY
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.fleet.inventory_entry import Entry
from thing_registration_worker.fleet.public_keys import certificate_id
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.run.progress import Run
from thing_registration_worker.run.sent_lines import SentLine
from thing_registration_worker.steps.compare import compare

WORK = f"stack/fleet/work/{REQUEST_ID}/"
EMPTY = Run()


def lines(*names: str) -> bytes:
    return b"".join(json.dumps({"Name": name}).encode() + b"\n" for name in names)


def place(claims: ClaimObjects, file: bytes, registered: bytes = b"") -> None:
    """Put the input file, and an inventory in which the devices of these lines are registered."""
    claims.place(f"{WORK}file.jsonl", file)
    resolver = Resolver(TEMPLATE_BODY)
    devices = [resolver.resolve(line) for line in registered.splitlines()]
    entries = [
        Entry("registered", device.thing_name, device.resources_hash, at=1) for device in devices
    ]
    body = b"".join(entry.to_line() for entry in entries)
    claims.place("stack/fleet/inventory/0/000000.jsonl", body)


def sent(claims: ClaimObjects, part: int = 0) -> list[tuple[int, str]]:
    body = claims.bodies.get(f"{WORK}parts/{part:05}.jsonl", b"")
    found = [json.loads(line) for line in body.splitlines()]
    return [(line["number"], line["thing_name"]) for line in found]


def test_a_first_deployment_sends_every_line(make_step: Any, claims: ClaimObjects) -> None:
    place(claims, lines("a", "b"))

    outcome = compare(make_step("Compare", run=EMPTY))

    assert outcome.next_step == "Provide"
    assert sent(claims) == [(1, "a"), (2, "b")]
    run = outcome.progress.run
    assert (run.parts, run.lines, run.to_send, run.unchanged, run.registered) == (1, 2, 2, 0, 0)


def test_only_a_line_that_is_not_registered_is_sent(make_step: Any, claims: ClaimObjects) -> None:
    place(claims, lines("a", "b", "c"), registered=lines("a", "c", "gone"))

    outcome = compare(make_step("Compare", run=EMPTY))

    assert sent(claims) == [(2, "b")]
    run = outcome.progress.run
    assert (run.lines, run.unchanged, run.removed, run.registered) == (3, 2, 1, 3)


def test_where_nothing_has_to_be_sent_the_request_is_answered_with_counts_of_0(
    make_step: Any, claims: ClaimObjects
) -> None:
    place(claims, lines("a"), registered=lines("a"))
    record = {"request_id": "before", "task_id": "task-0", "status": "Completed", "succeeded": 7}
    claims.place("stack/fleet/last-run.json", json.dumps(record).encode())

    outcome = compare(make_step("Compare", run=EMPTY))

    assert outcome.next_step == "Answer"
    last = json.loads(claims.bodies["stack/fleet/last-run.json"])
    assert (last["task_id"], last["succeeded"], last["unchanged"]) == ("task-0", 0, 1)


def test_another_text_of_rerun_sends_what_is_registered_too(
    make_step: Any, claims: ClaimObjects
) -> None:
    place(claims, lines("a"), registered=lines("a"))
    again = {"ResourceProperties": {**PROPERTIES, "Rerun": "2026"}}

    compare(make_step("Compare", run=EMPTY, event_changes=again))

    assert sent(claims) == [(1, "a")]


def test_parts_have_a_limit(
    make_step: Any, claims: ClaimObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("thing_registration_worker.steps.compare.PART_LINES", 2)
    place(claims, lines("a", "b", "c"))

    outcome = compare(make_step("Compare", run=EMPTY))

    assert outcome.progress.run.parts == 2
    assert (sent(claims, 0), sent(claims, 1)) == ([(1, "a"), (2, "b")], [(3, "c")])


def test_what_takes_long_goes_on_in_the_next_call(
    make_step: Any, claims: ClaimObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    place(claims, lines("a", "b", "c"), registered=lines("c"))
    monkeypatch.setattr("thing_registration_worker.steps.compare.COMPARE_CALL_BUDGET", -1)
    outcome = compare(make_step("Compare", run=EMPTY))
    calls = 1
    while outcome.next_step == "Compare":
        outcome = compare(make_step("Compare", run=outcome.progress.run))
        calls += 1

    assert calls == 4
    run = outcome.progress.run
    assert (run.lines, run.to_send, run.unchanged) == (3, 2, 1)
    assert sent(claims, 0) + sent(claims, 1) == [(1, "a"), (2, "b")]


def test_one_thing_on_two_lines_is_refused_by_their_numbers(
    make_step: Any, claims: ClaimObjects
) -> None:
    place(claims, lines("a", "b", "a"))

    with pytest.raises(RegistrationError, match=r"abc.jsonl:3: uses the same thing name as line 1"):
        compare(make_step("Compare", run=EMPTY))


def test_lines_that_cannot_be_read_fail_before_anything_starts_unless_they_may(
    make_step: Any, claims: ClaimObjects
) -> None:
    place(claims, lines("a") + b"{}\n")
    tolerant = {"ResourceProperties": {**PROPERTIES, "MaxFailures": "1"}}

    outcome = compare(make_step("Compare", run=EMPTY, event_changes=tolerant))

    assert (outcome.next_step, outcome.progress.run.failed) == ("Provide", 1)
    with pytest.raises(RegistrationError, match=r"nothing was registered: 1 .* line 2: Name"):
        compare(make_step("Compare", run=EMPTY))


def test_a_given_certificate_that_is_not_known_is_sent_with_the_id_to_ask_for(
    make_step: Any, claims: ClaimObjects
) -> None:
    template = json.loads(TEMPLATE_BODY)
    template["Parameters"]["Cert"] = {"Type": "String"}
    template["Resources"]["certificate"] = {
        "Type": "AWS::IoT::Certificate",
        "Properties": {"CertificatePem": {"Ref": "Cert"}},
    }
    (pem,) = certificates(1)
    place(claims, json.dumps({"Name": "a", "Cert": pem}).encode())
    properties = {**PROPERTIES, "TemplateBody": json.dumps(template)}

    compare(make_step("Compare", run=EMPTY, event_changes={"ResourceProperties": properties}))

    line = SentLine(**json.loads(claims.bodies[f"{WORK}parts/00000.jsonl"]))
    assert line.certificate_id == ""
    assert line.device.certificate_id == certificate_id(pem)


def test_a_line_with_an_invalid_thing_name_fails_by_itself(
    make_step: Any, claims: ClaimObjects
) -> None:
    place(claims, lines("a", "b c", "d"))
    tolerant = {"ResourceProperties": {**PROPERTIES, "MaxFailures": "1"}}

    run = compare(make_step("Compare", run=EMPTY, event_changes=tolerant)).progress.run

    assert sent(claims) == [(1, "a"), (3, "d")]
    assert (run.to_send, run.failed) == (3, 1)
    assert run.failures[0].startswith('line 2: Name: invalid thing name "b c": must be 1–128')


def test_what_does_not_fit_into_the_time_that_is_left_fails_with_the_way_out(
    make_step: Any, claims: ClaimObjects
) -> None:
    place(claims, lines(*map(str, range(100))))

    with pytest.raises(RegistrationError, match=r"100 devices .* raise timeout"):
        compare(make_step("Compare", run=EMPTY, deadline=NOW + 9))
    assert compare(make_step("Compare", run=EMPTY, deadline=NOW + 11)).next_step == "Provide"
