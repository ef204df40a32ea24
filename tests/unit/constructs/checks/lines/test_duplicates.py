"""What may be on one line only is found."""

from __future__ import annotations

from datetime import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from tests.unit.constructs.cases import (
    csr,
    messages,
    p256,
    rsa_key,
    thing,
    with_certificate,
)
from thing_registration import (
    InputFile,
    ProvisioningTemplate,
    check,
)

CSR = ProvisioningTemplate.from_object(
    with_certificate(CertificateSigningRequest={"Ref": "CSR"}, Status="ACTIVE")
)
PEM = ProvisioningTemplate.from_object(with_certificate(CertificatePem={"Ref": "Pem"}))


def name_of(device: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, device)])


def signed_again(device: str) -> str:
    """Return another CSR of the key of `csr()`."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(name_of(device))
    request = builder.sign(p256(), hashes.SHA384())
    return request.public_bytes(serialization.Encoding.PEM).decode()


def certificate(serial_number: int) -> str:
    """Return a certificate of one key, which differs from the others in its number only."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of("device"))
        .issuer_name(name_of("authority"))
        .public_key(rsa_key(2_048).public_key())
        .serial_number(serial_number)
        .not_valid_before(datetime(2026, 1, 1))
        .not_valid_after(datetime(2036, 1, 1))
    )
    return builder.sign(p256(9), hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def test_a_template_that_names_one_thing_for_all_lines_is_reported_once() -> None:
    template = ProvisioningTemplate.from_object(
        thing(ThingName="a", AttributePayload={"serial": {"Ref": "S"}})
    )

    verdict = check(template, InputFile.from_records([{"S": "1"}, {"S": "2"}]))

    assert messages(verdict) == [
        'records: ThingName: the template names the thing of all 2 lines "a": '
        "each thing may appear only once"
    ]


def test_two_csrs_of_one_key_are_an_error_whatever_else_is_in_them() -> None:
    first, second = csr(p256()), signed_again("b")
    assert first != second

    verdict = check(
        CSR,
        InputFile.from_records(
            [{"ThingName": "a", "CSR": first}, {"ThingName": "b", "CSR": second}]
        ),
    )

    assert verdict.counts == {"public-key-twice": 1}
    assert messages(verdict) == [
        "records:2: CSR: uses the same key as line 1: each device must have its own"
    ]
    assert verdict.error_count == 1


def test_two_certificates_of_one_key_are_an_error_too() -> None:
    records = [{"ThingName": f"t{n}", "Pem": certificate(n)} for n in (1, 2)]

    verdict = check(PEM, InputFile.from_records(records))

    assert verdict.counts == {"public-key-twice": 1}
    assert verdict.error_count == 1


@pytest.mark.parametrize("in_default", [True, False])
def test_one_key_for_all_lines_is_an_error(in_default: bool) -> None:
    template = with_certificate(
        CertificateSigningRequest={"Ref": "CSR"} if in_default else csr(p256())
    )
    if in_default:
        template["Parameters"]["CSR"]["Default"] = csr(p256())  # type: ignore[index]
    declared = ProvisioningTemplate.from_object(template)

    one = check(declared, InputFile.from_records([{"ThingName": "a"}]))
    two = check(declared, InputFile.from_records([{"ThingName": "a"}, {"ThingName": "b"}]))

    assert one.counts == {}
    assert two.counts == {"public-key-twice": 1}
    assert two.error_count == 1


def test_one_certificate_id_on_two_lines_is_a_warning() -> None:
    template = ProvisioningTemplate.from_object(with_certificate(CertificateId={"Ref": "Id"}))
    records = [{"ThingName": name, "Id": "0" * 64} for name in "ab"]

    verdict = check(template, InputFile.from_records(records))

    assert (verdict.error_count, verdict.counts) == (0, {"certificate-twice": 1})
