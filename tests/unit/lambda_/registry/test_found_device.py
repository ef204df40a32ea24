"""What the registry says about a line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.lambda_.registry_answers import (
    certificate_pem,
    identity,
    new_key,
    queue_certificate,
    queue_no_certificate,
    queue_no_thing,
    queue_principals,
    queue_thing,
)
from tests.unit.lambda_.stubs import NOW
from thing_registration_worker.aws.registry import Certificate
from thing_registration_worker.fleet.public_keys import certificate_id, key_of_certificate
from thing_registration_worker.fleet.resolved_device import ResolvedDevice
from thing_registration_worker.fleet.template import CertificateKind
from thing_registration_worker.registry.found_device import Found, look_up

A, B, C = map(identity, "abc")
KEY = new_key()
PEM = certificate_pem(KEY)


def device(kind: CertificateKind = "csr") -> ResolvedDevice:
    """A line with KEY."""
    known = certificate_id(PEM) if kind == "pem" else ""
    key = key_of_certificate(PEM) if kind in ("csr", "pem") else ""
    return ResolvedDevice("one", bytes(17), kind, key, known)


def test_a_thing_that_does_not_exist_is_one_call(aws: Any) -> None:
    queue_no_thing(aws, "one")

    assert look_up(aws.iot, device()) == Found(thing_exists=False)


def test_the_certificate_for_the_key_is_found_among_the_others(aws: Any) -> None:
    queue_thing(aws, "one")
    queue_principals(aws, "one", A, B, C)
    queue_certificate(aws, A, certificate_pem(new_key()))
    queue_certificate(aws, B, PEM)
    queue_certificate(aws, C, certificate_pem(new_key()))

    assert look_up(aws.iot, device()) == Found(True, Certificate(B, "ACTIVE", PEM, NOW), (A, C))


def test_certificates_for_other_keys_only_are_listed(aws: Any) -> None:
    queue_thing(aws, "one")
    queue_principals(aws, "one", A)
    queue_certificate(aws, A, certificate_pem(new_key()))

    assert look_up(aws.iot, device()) == Found(True, None, (A,))


def test_of_two_certificates_for_the_key_the_newest_active_one_is_meant(aws: Any) -> None:
    queue_thing(aws, "one")
    queue_principals(aws, "one", A, B, C)
    queue_certificate(aws, A, certificate_pem(KEY), age=20)
    queue_certificate(aws, B, certificate_pem(KEY), age=10)
    queue_certificate(aws, C, certificate_pem(KEY), "REVOKED", age=0)

    found = look_up(aws.iot, device())

    assert found.certificate is not None
    assert found.certificate.certificate_id == B
    assert found.other_certificate_ids == (A, C)


def test_a_certificate_that_is_not_active_is_found_with_its_status(aws: Any) -> None:
    queue_thing(aws, "one")
    queue_principals(aws, "one", A)
    queue_certificate(aws, A, PEM, "INACTIVE")

    assert look_up(aws.iot, device()).certificate == Certificate(A, "INACTIVE", PEM, NOW)


def test_a_certificate_that_cannot_be_read_is_another_one(
    aws: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    queue_thing(aws, "one")
    queue_principals(aws, "one", A)
    queue_certificate(aws, A, "no PEM")

    assert look_up(aws.iot, device()) == Found(True, None, (A,))
    assert A in capsys.readouterr().out


def test_a_certificate_given_as_pem_is_asked_for_by_its_id(aws: Any) -> None:
    known = certificate_id(PEM)
    queue_thing(aws, "one")
    queue_certificate(aws, known, PEM, "REVOKED")
    queue_principals(aws, "one", A, known)

    found = look_up(aws.iot, device("pem"))

    assert found == Found(True, Certificate(known, "REVOKED", PEM, NOW), (A,))


def test_a_certificate_given_as_pem_is_known_without_its_thing(aws: Any) -> None:
    known = certificate_id(PEM)
    queue_no_thing(aws, "one")
    queue_certificate(aws, known, PEM)

    assert look_up(aws.iot, device("pem")) == Found(False, Certificate(known, "ACTIVE", PEM, NOW))


def test_a_certificate_given_as_pem_that_aws_does_not_have_is_not_found(aws: Any) -> None:
    queue_no_thing(aws, "one")
    queue_no_certificate(aws, certificate_id(PEM))

    assert look_up(aws.iot, device("pem")) == Found(thing_exists=False)


def test_a_certificate_given_as_pem_is_found_at_its_thing_under_another_id(aws: Any) -> None:
    queue_thing(aws, "one")
    queue_no_certificate(aws, certificate_id(PEM))
    queue_principals(aws, "one", A, B)
    queue_certificate(aws, A, certificate_pem(KEY))
    queue_certificate(aws, B, PEM)

    found = look_up(aws.iot, device("pem"))

    assert found == Found(True, Certificate(B, "ACTIVE", PEM, NOW), (A,))


@pytest.mark.parametrize("kind", ["id", "none"])
def test_a_line_without_a_key_asks_for_the_thing_only(aws: Any, kind: CertificateKind) -> None:
    queue_thing(aws, "one")

    assert look_up(aws.iot, device(kind)) == Found(thing_exists=True)
