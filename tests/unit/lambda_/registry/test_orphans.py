"""Certificates that AWS has made for lines which then failed, or whose reports are lost."""

import json
from typing import Any

import pytest

from tests.unit.lambda_.fleet.signed import csrs
from tests.unit.lambda_.memory_s3 import MemoryS3
from tests.unit.lambda_.registry_answers import (
    certificate_pem,
    identity,
    moment,
    new_key,
    queue_certificate,
)
from tests.unit.lambda_.stubs import NOW, PROPERTIES
from thing_registration_worker.fleet.public_keys import key_of_certificate, key_of_csr
from thing_registration_worker.registry import orphans, searches
from thing_registration_worker.registry.searches import Search
from thing_registration_worker.run.run import Run
from thing_registration_worker.state import devices
from thing_registration_worker.state.devices import KnownCertificate
from thing_registration_worker.state.schema import REGISTERED
from thing_registration_worker.step import Step

A, B, C = map(identity, "abc")
KEY = new_key()
PEM = certificate_pem(KEY)
DIGEST = key_of_certificate(PEM)
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
SEARCH = Search("input", "task", NOW - 100, NOW - 90, is_known=True)


@pytest.fixture
def step(make_step: Any) -> Step:
    properties = {**PROPERTIES, "TemplateBody": TEMPLATE}
    made: Step = make_step("Recover", event_changes={"ResourceProperties": properties})
    searches.add(made.db, SEARCH)
    made.db.execute("INSERT INTO wanted VALUES (?, 'lost')", (devices.blob(DIGEST),))
    return made


def queue_list(aws: Any, *ages: tuple[str, float], marker: str = "", after: str = "") -> None:
    """Queue a page of ListCertificates: ids, and their ages in seconds."""
    certificates = [{"certificateId": one, "creationDate": moment(age)} for one, age in ages]
    expected = {"ascendingOrder": False, "pageSize": 250, **({"marker": after} if after else {})}
    page = {"certificates": certificates, **({"nextMarker": marker} if marker else {})}
    aws.stub("iot").add_response("list_certificates", page, expected)


def test_the_certificate_of_a_wanted_key_is_kept_as_made_by_us(aws: Any, step: Step) -> None:
    queue_list(aws, (A, 95))
    queue_certificate(aws, A, PEM)

    assert orphans.find(step, [SEARCH], Run()) == (Run(), True)

    expected = KnownCertificate(A, DIGEST, "lost", True, REGISTERED)
    assert devices.by_key(step.db, DIGEST) == expected
    assert searches.all_of(step.db) == []


def test_only_certificates_of_the_time_of_the_tasks_are_looked_at(aws: Any, step: Step) -> None:
    queue_list(aws, (A, 29), (B, 30), (C, 161))
    queue_certificate(aws, B, certificate_pem(new_key()))

    assert orphans.find(step, [SEARCH], Run())[1]
    assert devices.by_key(step.db, DIGEST) is None


def test_pages_are_read_until_one_has_an_older_certificate(aws: Any, step: Step) -> None:
    queue_list(aws, (A, 1), marker="2")
    queue_list(aws, (B, 95), (C, 161), marker="3", after="2")
    queue_certificate(aws, B, PEM)

    assert orphans.find(step, [SEARCH], Run())[1]
    assert devices.by_key(step.db, DIGEST) is not None


def test_what_was_asked_once_is_not_asked_again(aws: Any, step: Step) -> None:
    step.db.execute("INSERT INTO asked VALUES (?, NULL)", (devices.blob(A),))
    queue_list(aws, (A, 95))

    assert orphans.find(step, [SEARCH], Run())[1]


def test_a_search_that_takes_long_goes_on_in_the_next_call(
    aws: Any, step: Step, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue_list(aws, (A, 95), (B, 96), marker="2")
    queue_certificate(aws, A, certificate_pem(new_key()))
    monkeypatch.setattr("time.time", lambda: step.end)

    run, is_done = orphans.find(step, [SEARCH], Run())

    assert (run, is_done) == (Run(), False)
    assert searches.all_of(step.db) == [SEARCH]
    asked = [devices.digits(one) for (one,) in step.db.execute("SELECT certificate_id FROM asked")]
    assert asked == [A]


def test_a_key_that_is_known_meanwhile_is_not_looked_for(step: Step) -> None:
    devices.put_certificate(step.db, KnownCertificate(C, DIGEST, "lost", True, REGISTERED), 1)

    assert orphans.find(step, [SEARCH], Run())[1]


def place_file(step: Step, s3: MemoryS3, body: bytes) -> Search:
    """Write the file; return a task of which it is not known what it has read."""
    step.db.execute("DELETE FROM wanted")
    s3.place(step.place.keys.file(step.request.request_id), body)
    return Search("input", "task", NOW - 100, NOW - 90, is_known=False)


def wanted_of(step: Step, search: Search) -> dict[str, str]:
    return orphans._wanted(step, [search])


def test_a_task_that_the_state_does_not_know_may_have_read_any_line(
    step: Step, s3: MemoryS3
) -> None:
    first, second = csrs(2)
    texts = [{"Name": "a", "CSR": first}, {"Name": "b", "CSR": "no"}, {"Name": "c", "CSR": second}]
    body = b"\n\n".join(json.dumps(text).encode() for text in texts)

    wanted = wanted_of(step, place_file(step, s3, body))

    assert wanted == {key_of_csr(first): "a", key_of_csr(second): "c"}


@pytest.mark.parametrize(
    ("kind", "source"),
    [("Delete", "CertificateSigningRequest"), ("Update", "CertificatePem")],
)
def test_of_a_deletion_or_without_csrs_no_line_is_looked_for(
    make_step: Any, s3: MemoryS3, kind: str, source: str
) -> None:
    body = TEMPLATE.replace("CertificateSigningRequest", source)
    changes = {"ResourceProperties": {**PROPERTIES, "TemplateBody": body}}
    step = make_step("Recover", kind, event_changes=changes)
    text = json.dumps({"Name": "a", "CSR": csrs(1)[0]}).encode()

    assert wanted_of(step, place_file(step, s3, text)) == {}


def test_the_first_line_after_a_byte_order_mark_is_one_of_them(step: Step, s3: MemoryS3) -> None:
    first = csrs(1)[0]
    body = b"\xef\xbb\xbf" + json.dumps({"Name": "a", "CSR": first}).encode()

    assert wanted_of(step, place_file(step, s3, body)) == {key_of_csr(first): "a"}
