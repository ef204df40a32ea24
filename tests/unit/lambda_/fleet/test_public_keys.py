"""Reading public keys without a library, held against `cryptography`."""

import base64
import hashlib
import random
from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from thing_registration_worker.fleet import public_keys
from thing_registration_worker.fleet.public_keys import (
    UnreadableCertificate,
    certificate_id,
    key_of_certificate,
    key_of_csr,
)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

# RSA keys take long to make; one of each size is signed with, and numbers vary what it signs.
KEYS: list[Key] = [
    *(rsa.generate_private_key(65537, bits) for bits in (2048, 3072, 4096)),
    *(
        ec.generate_private_key(curve)
        for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())
        for _ in range(20)
    ),
]
NAME = x509.Name(
    [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "DE"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Zähler & Söhne"),
        x509.NameAttribute(NameOID.COMMON_NAME, "meter-1"),
    ]
)
KINDS = [key for key in KEYS if isinstance(key, rsa.RSAPrivateKey)] + KEYS[3::20]


def csr(key: Key, name: x509.Name = NAME) -> str:
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def csr_with_extension(key: Key) -> str:
    alternative = x509.SubjectAlternativeName([x509.DNSName("meter-1.example.com")])
    builder = x509.CertificateSigningRequestBuilder().subject_name(NAME)
    request = builder.add_extension(alternative, critical=False).sign(key, hashes.SHA256())
    return request.public_bytes(Encoding.PEM).decode()


def certificate(key: Key) -> x509.Certificate:
    now = datetime(2026, 1, 1)
    return (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=9000))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def pem(signed: x509.Certificate) -> str:
    return signed.public_bytes(Encoding.PEM).decode()


def expected(key: Key) -> str:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize("key", KEYS)
def test_csr_and_certificate_have_the_key_that_cryptography_finds(key: Key) -> None:
    assert key_of_csr(csr(key)) == expected(key)
    assert key_of_csr(csr_with_extension(key)) == expected(key)
    assert key_of_certificate(pem(certificate(key))) == expected(key)


def test_a_csr_without_a_subject_has_a_key() -> None:
    assert key_of_csr(csr(KEYS[0], x509.Name([]))) == expected(KEYS[0])


def test_a_request_that_is_signed_anew_has_the_same_key() -> None:
    first, second = csr(KEYS[-1]), csr(KEYS[-1])

    assert first != second
    assert key_of_csr(first) == key_of_csr(second)


def test_a_certificate_is_known_by_the_hash_of_its_der() -> None:
    signed = certificate(KEYS[3])

    assert certificate_id(pem(signed)) == signed.fingerprint(hashes.SHA256()).hex()


@pytest.mark.parametrize(
    "written",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", ""),
        lambda text: text.rstrip("\n"),
        lambda text: f"Certificate Request:\n    Data:\n{text}",
        lambda text: text.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"),
        lambda text: f"\n  {text}\n\n",
    ],
)
@pytest.mark.parametrize("key", KINDS)
def test_a_csr_is_read_in_every_form_that_tools_write(key: Key, written: object) -> None:
    assert callable(written)

    assert key_of_csr(written(csr(key))) == expected(key)


def wrapped(der: bytes, label: str = "CERTIFICATE REQUEST") -> str:
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n"


def unwrapped(text: str) -> bytes:
    return base64.b64decode("".join(text.split("\n")[1:-2]))


CSR = csr(KEYS[3])
DER = unwrapped(CSR)
CERTIFICATE_DER = unwrapped(pem(certificate(KEYS[3])))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "got no BEGIN line"),
        (base64.b64encode(DER).decode(), "got no BEGIN line"),
        (pem(certificate(KEYS[3])), "got no BEGIN line"),
        (CSR[:-20], "got no END line"),
        (CSR.replace("END CERTIFICATE REQUEST", "END CERTIFICATE"), "got no END line"),
        (CSR.replace("MI", "M!", 1), "got no base64"),
        (CSR.replace("MI", "Mé", 1), "got no base64"),
        (wrapped(b""), "at byte 0 of its DER, got the end"),
        (wrapped(b"\x30"), "at byte 0 of its DER, got the end"),
        (wrapped(b"\x31" + DER[1:]), "must have tag 0x30 at byte 0 of its DER, got 0x31"),
        (wrapped(b"\x30\x80" + DER[3:] + b"\0\0"), "must have a definite length at byte 1"),
        (wrapped(b"\x30\x85\0\0\0\0\1" + DER), "must have a definite length at byte 1"),
        (wrapped(b"\x30\x82\1"), "must have a definite length at byte 1"),
        (wrapped(b"\x30\x81\x05" + DER[:5]), "must have the shortest length at byte 1"),
        (wrapped(b"\x30\x82\x00\xff" + DER), "must have the shortest length at byte 1"),
        (wrapped(DER[:-1]), "bytes at byte 3 of its DER"),
        (wrapped(DER + b"\0"), f"must end after {len(DER)} bytes of DER, got {len(DER) + 1}"),
    ],
    # The keys are fresh in each process, and all processes of a run must have the same ids.
    ids=map(str, range(17)),
)
def test_what_is_no_csr_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(UnreadableCertificate) as error:
        key_of_csr(text)

    assert message in str(error.value)


def element(tag: int, *content: bytes) -> bytes:
    inner = b"".join(content)
    length = len(inner)
    if length < 0x80:
        return bytes((tag, length)) + inner
    return (
        bytes((tag, 0x82)) + length.to_bytes(2, "big") + inner
        if length > 0xFF
        else (bytes((tag, 0x81, length)) + inner)
    )


def test_bytes_behind_the_key_or_the_signature_are_refused() -> None:
    algorithm, bits, nothing = element(0x30), element(0x03, b"\0key"), element(0x05)
    key = element(0x30, algorithm, bits)
    signed = element(0x30, element(0x02, b"\0"), element(0x30), key)

    assert key_of_csr(wrapped(element(0x30, signed, algorithm, bits))) == (
        hashlib.sha256(key).hexdigest()
    )
    with pytest.raises(UnreadableCertificate, match="must end with the signature"):
        key_of_csr(wrapped(element(0x30, signed, algorithm, bits, nothing)))
    longer = element(0x30, algorithm, bits, nothing)
    signed = element(0x30, element(0x02, b"\0"), element(0x30), longer)
    with pytest.raises(UnreadableCertificate, match="got more bytes behind it"):
        key_of_csr(wrapped(element(0x30, signed, algorithm, bits)))


def test_any_rsa_key_is_found_where_it_is_in_either() -> None:
    numbers = random.Random(9)
    algorithm, bits = element(0x30), element(0x03, b"\0signature")
    subject = NAME.public_bytes()
    for length in (2048, 3072, 4096) * 100:
        modulus = numbers.getrandbits(length) | 1 | 1 << (length - 1)
        public = rsa.RSAPublicNumbers(65537, modulus).public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        request = element(0x30, element(0x02, b"\0"), subject, spki, element(0xA0))
        rest = [element(0x02, b"\7"), algorithm, subject, element(0x30), subject, spki]
        signed = element(0x30, element(0xA0, element(0x02, b"\2")), *rest)

        key = hashlib.sha256(spki).hexdigest()
        assert key_of_csr(wrapped(element(0x30, request, algorithm, bits))) == key
        whole = wrapped(element(0x30, signed, algorithm, bits), "CERTIFICATE")
        assert key_of_certificate(whole) == key


def test_a_certificate_of_version_1_has_a_key() -> None:
    algorithm, bits = element(0x30), element(0x03, b"\0key")
    key = element(0x30, algorithm, bits)
    signed = element(0x30, element(0x02, b"\1"), *[algorithm] * 4, key)
    text = wrapped(element(0x30, signed, algorithm, bits), "CERTIFICATE")

    assert key_of_certificate(text) == hashlib.sha256(key).hexdigest()


@pytest.mark.parametrize("read", [key_of_certificate, certificate_id])
def test_what_is_no_certificate_is_refused(read: object) -> None:
    assert callable(read)

    for text in (CSR, wrapped(DER[:-1], "CERTIFICATE"), wrapped(b"\x30\0", "CERTIFICATE")):
        with pytest.raises(UnreadableCertificate):
            read(text)


@st.composite
def damaged(draw: st.DrawFn, der: bytes) -> bytes:
    """The DER with some bytes changed, left out or put in."""
    changed = bytearray(der)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(changed)))
        # Lengths and tags stand at the beginning, so half of the damage is done there.
        at = at % 24 if draw(st.booleans()) else at
        changed[at : at + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(changed[: draw(st.integers(0, len(changed)))] if draw(st.booleans()) else changed)


@settings(max_examples=300, deadline=None)
@given(damaged(DER), damaged(CERTIFICATE_DER))
def test_damage_is_refused_or_leaves_the_key_that_cryptography_finds(
    asked: bytes, signed: bytes
) -> None:
    try:
        found = key_of_csr(wrapped(asked))
    except UnreadableCertificate:
        pass
    else:
        _agrees(x509.load_der_x509_csr, asked, found)
    try:
        found = key_of_certificate(wrapped(signed, "CERTIFICATE"))
    except UnreadableCertificate:
        pass
    else:
        _agrees(x509.load_der_x509_certificate, signed, found)


def _agrees(load: object, der: bytes, found: str) -> None:
    assert callable(load)
    try:
        public = load(der).public_key()
        spki = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion):
        return
    assert found == hashlib.sha256(spki).hexdigest()


@settings(max_examples=300, deadline=None)
@given(st.text(), st.integers(0, len(CSR)))
def test_text_in_a_csr_raises_nothing_but_that_it_is_unreadable(text: str, at: int) -> None:
    for damage in (text, CSR[:at] + text + CSR[at:], CSR[:at] + text):
        try:
            found = key_of_csr(damage)
        except UnreadableCertificate:
            continue
        assert found == expected(KEYS[3])


def test_every_cut_and_every_single_changed_byte_is_survived() -> None:
    numbers = random.Random(9)
    for at in range(len(DER)):
        other = bytes((*DER[:at], DER[at] ^ numbers.randrange(1, 256), *DER[at + 1 :]))
        with pytest.raises(UnreadableCertificate):
            key_of_csr(wrapped(DER[:at]))
        try:
            key_of_csr(wrapped(other))
        except UnreadableCertificate:
            continue


@settings(max_examples=300, deadline=None)
@given(damaged(DER))
def test_what_was_read_before_changes_no_answer(asked: bytes) -> None:
    public_keys._layouts.clear()
    first = _answer(asked)
    public_keys._layouts.clear()
    _answer(DER)

    assert _answer(asked) == first


def _answer(der: bytes) -> str:
    try:
        return key_of_csr(wrapped(der))
    except UnreadableCertificate as error:
        return str(error)
