"""The calls that take devices out of use: gone already is done, and a refusal is one device's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.registry_answers import ARN, identity
from thing_registration_worker.aws import registry_changes
from thing_registration_worker.aws.pace import pace
from thing_registration_worker.aws.registry_changes import Refused

ID = identity("a")
CERTIFICATE = f"{ARN}:cert/{ID}"
# The API, its operation in the client, and the call.
CALLS: dict[str, tuple[str, Callable[[Any], object]]] = {
    "ListPrincipalThings": (
        "list_principal_things",
        lambda iot: registry_changes.things_of(iot, CERTIFICATE),
    ),
    "DetachThingPrincipal": (
        "detach_thing_principal",
        lambda iot: registry_changes.detach(iot, "a", CERTIFICATE),
    ),
    "UpdateCertificate": (
        "update_certificate",
        lambda iot: registry_changes.set_status(iot, ID, "INACTIVE"),
    ),
    "DeleteCertificate": (
        "delete_certificate",
        lambda iot: registry_changes.delete_certificate(iot, ID),
    ),
    "DeleteThing": ("delete_thing", lambda iot: registry_changes.delete_thing(iot, "a")),
}
each_call = pytest.mark.parametrize("api", CALLS)


@each_call
def test_what_is_gone_already_is_done(aws: Any, api: str) -> None:
    operation, call = CALLS[api]
    aws.stub("iot").add_client_error(operation, "ResourceNotFoundException")

    assert not call(aws.iot)


@each_call
def test_each_call_waits_for_its_turn(aws: Any, api: str, monkeypatch: pytest.MonkeyPatch) -> None:
    paced: list[str] = []
    monkeypatch.setattr(pace, "wait", paced.append)
    operation, call = CALLS[api]
    aws.stub("iot").add_response(operation, {})

    call(aws.iot)

    assert paced == [api]


@each_call
def test_a_refusal_is_that_of_the_device_with_awss_words(aws: Any, api: str) -> None:
    operation, call = CALLS[api]
    aws.stub("iot").add_client_error(operation, "InvalidRequestException", "no", 400)

    with pytest.raises(Refused, match=f"{api}: InvalidRequestException: no") as caught:
        call(aws.iot)

    assert caught.value.may_be_attached


@each_call
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("InternalFailureException", 500),
        ("ServiceUnavailableException", 503),
        ("UnauthorizedException", 401),
        ("AccessDeniedException", 403),
        ("TooManyRequestsException", 429),
    ],
)
def test_what_the_next_attempt_may_not_meet_is_an_error_and_no_answer_about_a_device(
    aws: Any, api: str, code: str, status: int
) -> None:
    operation, call = CALLS[api]
    aws.stub("iot").add_client_error(operation, code, http_status_code=status)

    with pytest.raises(ClientError, match=code):
        call(aws.iot)


def test_only_what_a_detachment_can_explain_may_be_attached(aws: Any) -> None:
    iot = aws.stub("iot")
    iot.add_client_error("delete_certificate", "DeleteConflictException", http_status_code=409)
    iot.add_client_error("delete_certificate", "CertificateStateException", http_status_code=406)

    reasons = []
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            registry_changes.delete_certificate(aws.iot, ID)
        reasons.append(caught.value.may_be_attached)

    assert reasons == [True, False]


def test_the_things_of_all_pages_are_listed(aws: Any) -> None:
    iot = aws.stub("iot")
    first = {"things": ["a"], "nextToken": "more"}
    iot.add_response("list_principal_things", first, {"principal": CERTIFICATE})
    asked = {"principal": CERTIFICATE, "nextToken": "more"}
    iot.add_response("list_principal_things", {"things": ["b"]}, asked)

    assert registry_changes.things_of(aws.iot, CERTIFICATE) == ["a", "b"]


def test_a_certificate_is_deleted_although_it_has_policies(aws: Any) -> None:
    asked = {"certificateId": ID, "forceDelete": True}
    aws.stub("iot").add_response("delete_certificate", {}, asked)

    registry_changes.delete_certificate(aws.iot, ID)
