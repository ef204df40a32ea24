"""Answers of AWS IoT's registry, and certificates for keys."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tests.unit.lambda_.stubs import NOW, StubbedClients

ARN = "arn:aws:iot:us-east-1:000000000000"


def new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def certificate_pem(key: ec.EllipticCurvePrivateKey) -> str:
    """A certificate for a key; another one each time."""
    start = datetime(2026, 1, 1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=9000))
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def identity(letter: str) -> str:
    """A certificate's id."""
    return letter * 64


def moment(age: float) -> datetime:
    """So many seconds before NOW."""
    return datetime.fromtimestamp(NOW - age, timezone.utc)


def queue_thing(aws: StubbedClients, name: str, **members: Any) -> None:
    aws.stub("iot").add_response(
        "describe_thing", {"thingName": name, **members}, {"thingName": name}
    )


def queue_no_thing(aws: StubbedClients, name: str) -> None:
    aws.stub("iot").add_client_error(
        "describe_thing", "ResourceNotFoundException", expected_params={"thingName": name}
    )


def queue_principals(aws: StubbedClients, name: str, *certificate_ids: str) -> None:
    aws.stub("iot").add_response(
        "list_thing_principals",
        {"principals": [f"{ARN}:cert/{one}" for one in certificate_ids]},
        {"thingName": name, "maxResults": 250},
    )


def queue_certificate(
    aws: StubbedClients, certificate_id: str, pem: str = "", status: str = "ACTIVE", age: float = 0
) -> None:
    description = {
        "certificateId": certificate_id,
        "status": status,
        "certificatePem": pem or "-",
        "creationDate": moment(age),
    }
    aws.stub("iot").add_response(
        "describe_certificate",
        {"certificateDescription": description},
        {"certificateId": certificate_id},
    )


def queue_no_certificate(aws: StubbedClients, certificate_id: str) -> None:
    aws.stub("iot").add_client_error(
        "describe_certificate",
        "ResourceNotFoundException",
        expected_params={"certificateId": certificate_id},
    )
