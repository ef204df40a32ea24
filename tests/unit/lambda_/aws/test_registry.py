"""What is read from AWS IoT's registry."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lambda_.registry_answers import (
    ARN,
    identity,
    moment,
    queue_certificate,
    queue_no_certificate,
    queue_no_thing,
    queue_principals,
    queue_thing,
)
from tests.unit.lambda_.stubs import NOW
from thing_registration_worker.aws import registry
from thing_registration_worker.aws.pace import pace
from thing_registration_worker.aws.registry import (
    Certificate,
    CertificatePage,
    ListedCertificate,
    Thing,
)

A, B, C, D = map(identity, "abcd")


@pytest.fixture
def paced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The calls that have waited for their turn."""
    calls: list[str] = []
    monkeypatch.setattr(pace, "wait", calls.append)
    return calls


def queue_list(aws: Any, *certificates: dict[str, Any], marker: str = "", after: str = "") -> None:
    """Queue a page of ListCertificates, newest first."""
    expected = {"ascendingOrder": False, "pageSize": 250, **({"marker": after} if after else {})}
    page = {"certificates": list(certificates), **({"nextMarker": marker} if marker else {})}
    aws.stub("iot").add_response("list_certificates", page, expected)


def listed(certificate_id: str, age: float) -> dict[str, Any]:
    return {"certificateId": certificate_id, "creationDate": moment(age)}


def test_a_thing_is_described_with_what_it_has(aws: Any) -> None:
    queue_thing(aws, "one", attributes={"a": "b"}, thingTypeName="pump", billingGroupName="north")

    assert registry.describe_thing(aws.iot, "one") == Thing("one", {"a": "b"}, "pump", "north")


def test_a_thing_that_has_nothing_has_empty_members(aws: Any) -> None:
    queue_thing(aws, "one")

    assert registry.describe_thing(aws.iot, "one") == Thing("one", {}, "", "")


def test_a_thing_that_is_not_found_does_not_exist(aws: Any) -> None:
    queue_no_thing(aws, "one")
    queue_thing(aws, "two")

    assert not registry.thing_exists(aws.iot, "one")
    assert registry.thing_exists(aws.iot, "two")


def test_another_error_than_not_found_is_raised(aws: Any) -> None:
    aws.stub("iot").add_client_error("describe_thing", "UnauthorizedException")

    with pytest.raises(aws.iot.exceptions.UnauthorizedException):
        registry.thing_exists(aws.iot, "one")


def test_the_certificates_of_a_thing_are_those_of_all_pages(aws: Any) -> None:
    for answer, expected in (
        ({"principals": [f"{ARN}:cert/{A}"], "nextToken": "more"}, {}),
        ({"principals": [f"{ARN}:cert/{B}"]}, {"nextToken": "more"}),
    ):
        aws.stub("iot").add_response(
            "list_thing_principals", answer, {"thingName": "one", "maxResults": 250, **expected}
        )
    queue_certificate(aws, A, "pem a", age=5)
    queue_certificate(aws, B, "pem b", "REVOKED")

    assert registry.certificates_of(aws.iot, "one") == [
        Certificate(A, "ACTIVE", "pem a", NOW - 5),
        Certificate(B, "REVOKED", "pem b", NOW),
    ]


def test_a_principal_that_is_no_certificate_is_left_out(aws: Any) -> None:
    principals = ["us-east-1:11111111-2222-3333-4444-555555555555", f"{ARN}:cert/{A}"]
    aws.stub("iot").add_response("list_thing_principals", {"principals": principals})

    assert registry.certificate_ids_of(aws.iot, "one") == [A]


def test_a_certificate_that_vanishes_meanwhile_is_left_out(aws: Any) -> None:
    queue_principals(aws, "one", A, B)
    queue_no_certificate(aws, A)
    queue_certificate(aws, B)

    assert [one.certificate_id for one in registry.certificates_of(aws.iot, "one")] == [B]


def test_a_thing_that_vanishes_meanwhile_has_no_certificates(aws: Any) -> None:
    aws.stub("iot").add_client_error("list_thing_principals", "ResourceNotFoundException")

    assert registry.certificates_of(aws.iot, "one") == []


def test_only_an_active_certificate_is_active() -> None:
    assert Certificate(A, "ACTIVE", "", 0).is_active
    assert not Certificate(A, "INACTIVE", "", 0).is_active
    assert not Certificate(A, "REVOKED", "", 0).is_active


def test_certificates_are_listed_page_by_page_with_their_status_and_date(aws: Any) -> None:
    queue_list(aws, {**listed(A, 5), "status": "REVOKED"}, {"certificateId": B}, marker="2")
    queue_list(aws, after="2")

    first = registry.certificate_page(aws.iot)
    last = registry.certificate_page(aws.iot, first.marker)

    expected = (ListedCertificate(A, "REVOKED", NOW - 5), ListedCertificate(B, "", 0))
    assert first == CertificatePage(expected, "2")
    assert last == CertificatePage((), "")


@pytest.mark.parametrize(("certificates", "pages"), [(0, 0), (1, 1), (250, 1), (251, 2)])
def test_a_page_has_250_certificates(certificates: int, pages: int) -> None:
    assert registry.pages_of(certificates) == pages


def test_each_page_and_each_description_waits_for_its_turn(aws: Any, paced: list[str]) -> None:
    queue_thing(aws, "one")
    principals = {"principals": [f"{ARN}:cert/{A}"]}
    aws.stub("iot").add_response("list_thing_principals", {**principals, "nextToken": "more"})
    aws.stub("iot").add_response("list_thing_principals", principals)
    queue_certificate(aws, A)
    queue_certificate(aws, A)
    queue_list(aws)

    registry.thing_exists(aws.iot, "one")
    registry.certificates_of(aws.iot, "one")
    registry.certificate_page(aws.iot)

    assert paced == [
        "DescribeThing",
        *["ListThingPrincipals"] * 2,
        *["DescribeCertificate"] * 2,
        "ListCertificates",
    ]
