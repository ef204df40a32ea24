"""Devices that come with a certificate of their factory's CA are registered with it, once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.simulation.assembly import TEMPLATE
from tests.simulation.aws import Aws
from tests.simulation.by_hand import ByHand
from tests.simulation.fleet.sent import sent_as_known
from tests.simulation.invariants import starts
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

NAMES = ["gateway-0", "gateway-1"]


@dataclass(frozen=True)
class FactoryCA:
    """A CA that signs the certificates of devices."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> str:
        """Its own certificate."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def certify(self, name: str) -> x509.Certificate:
        """Sign a certificate for a fresh key."""
        return _signed(name, ec.generate_private_key(ec.SECP256R1()), self.key, is_ca=False)


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    begin = datetime(2026, 1, 1)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named("Factory CA"))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
    )
    return builder.sign(signer, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@pytest.fixture
def factory_ca() -> FactoryCA:
    """A CA that AWS does not know."""
    key = ec.generate_private_key(ec.SECP256R1())
    return FactoryCA(key, _signed("Factory CA", key, key, is_ca=True))


def declare(stack: Stack, certificates: list[x509.Certificate], ca_pem: str = "") -> None:
    """Let the first task register a device with each certificate."""
    properties: dict[str, Any] = {"CertificatePem": {"Ref": "Cert"}, "Status": "ACTIVE"}
    if ca_pem:
        properties["CACertificatePem"] = ca_pem
    certificate = {"Type": "AWS::IoT::Certificate", "Properties": properties}
    stack.declare_template(
        {
            "Parameters": {"ThingName": {"Type": "String"}, "Cert": {"Type": "String"}},
            "Resources": {"thing": TEMPLATE["Resources"]["thing"], "certificate": certificate},
        }
    )
    pems = [each.public_bytes(Encoding.PEM).decode() for each in certificates]
    stack.declare_devices(
        {"ThingName": name, "Cert": pem} for name, pem in zip(NAMES, pems, strict=True)
    )


def certificate_id(certificate: x509.Certificate) -> str:
    """Return the id that AWS gives a certificate: the SHA-256 of its DER."""
    return hashlib.sha256(certificate.public_bytes(Encoding.DER)).hexdigest()


@pytest.mark.parametrize("with_ca", [False, True])
def test_a_certificate_of_the_factory_is_registered_once_whatever_is_lost(
    aws: Aws,
    stack: Stack,
    by_hand: ByHand,
    registry: Registry,
    factory_ca: FactoryCA,
    with_ca: bool,
) -> None:
    certificates = [factory_ca.certify(name) for name in NAMES]
    if with_ca:
        aws.client("iot").register_ca_certificate(
            caCertificate=factory_ca.pem, setAsActive=True, certificateMode="SNI_ONLY"
        )
    declare(stack, certificates, factory_ca.pem if with_ca else "")

    assert stack.create() == "CREATE_COMPLETE"
    ids = dict(zip(NAMES, map(certificate_id, certificates), strict=True))
    assert {name: registry.certificate_of(name) for name in NAMES} == ids
    assert registry.statuses() == dict.fromkeys(ids.values(), "ACTIVE")

    stack.declare(TimeoutSeconds="601")
    assert stack.update() == "UPDATE_COMPLETE"
    assert len(starts(aws)) == 1
    assert stack.counts()["Unchanged"] == 2

    _lose_state(aws, stack)
    stack.declare(TimeoutSeconds="602")
    assert stack.update() == "UPDATE_COMPLETE"
    assert sent_as_known(by_hand, after=1) == NAMES
    told = {"Succeeded": 2, "Failed": 0, "Registered": 2, "Unchanged": 0, "Removed": 0}
    assert stack.counts() == told
    assert registry.statuses() == dict.fromkeys(ids.values(), "ACTIVE")


def _lose_state(aws: Aws, stack: Stack) -> None:
    (bucket,) = stack.physical_ids(["AWS::S3::Bucket"])
    s3, prefix = aws.client("s3"), f"{stack.property('KeyPrefix')}states/"
    for item in s3.list_objects_v2(Bucket=bucket, Prefix=prefix)["Contents"]:
        s3.delete_object(Bucket=bucket, Key=item["Key"])
