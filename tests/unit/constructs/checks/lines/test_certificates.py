"""What is said of a CSR or a certificate."""

from __future__ import annotations

import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

from tests.unit.constructs.cases import csr, forged, p256, rsa_key
from tests.unit.lambda_.fleet.signed import certificates
from tests.weak_csr import sha1_csr
from thing_registration.checks.lines.certificates import read_pem
from thing_registration.checks.value_kinds import Kind


def signed(
    key: CertificateIssuerPrivateKeyTypes, digest: hashes.SHA256 | hashes.SHA384 | hashes.SHA512
) -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    assert isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
    request = builder.sign(key, digest)
    return request.public_bytes(serialization.Encoding.PEM).decode()


def messages(kind: Kind, text: str) -> list[str]:
    return [fault.message for fault in read_pem(kind, text).faults]


@pytest.mark.parametrize("kind", [Kind.CSR, Kind.CERTIFICATE, Kind.CA_CERTIFICATE])
def test_backslashes_in_the_place_of_line_ends_are_named(kind: Kind) -> None:
    text = json.loads(json.dumps(csr()).replace("\\n", "\\\\n"))

    assert messages(kind, text) == [
        r"has the two characters \n where lines end: must have line ends, in JSON \n and not \\n"
    ]


@pytest.mark.parametrize("kind", [Kind.CERTIFICATE, Kind.CA_CERTIFICATE])
def test_a_chain_of_certificates_is_one_too_many(kind: Kind) -> None:
    first, second = certificates(2)

    assert messages(kind, first) == []
    assert messages(kind, first + second) == ["has 2 PEMs: must have the device's own alone"]


def test_two_requests_in_one_value_are_one_too_many() -> None:
    assert messages(Kind.CSR, csr() + csr()) == ["has 2 PEMs: must have the device's own alone"]


def test_a_request_that_was_changed_is_found_and_has_no_key() -> None:
    read = read_pem(Kind.CSR, forged())

    assert [fault.rule for fault in read.faults] == ["csr-signature"]
    assert read.key is None


@pytest.mark.parametrize("key", [p256(), ec.generate_private_key(ec.SECP384R1()), rsa_key(2_048)])
@pytest.mark.parametrize("digest", [hashes.SHA256(), hashes.SHA384(), hashes.SHA512()])
def test_a_request_that_its_key_has_signed_is_clean(
    key: CertificateIssuerPrivateKeyTypes, digest: hashes.SHA256
) -> None:
    assert messages(Kind.CSR, signed(key, digest)) == []


def test_a_request_that_is_signed_with_sha1_is_clean_as_it_is_for_aws() -> None:
    assert messages(Kind.CSR, sha1_csr(rsa_key(2_048))) == []
