"""Reads certificate signing requests and certificates.

Importing this module loads cryptography, which a template without certificates does without.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from thing_registration import limits
from thing_registration.checks.findings import Fault
from thing_registration.checks.quoting import shown
from thing_registration.checks.rules.lines import (
    CERTIFICATE,
    CSR,
    CSR_KEY,
    CSR_SIGNATURE,
    PEM_FORM,
)
from thing_registration.checks.rules.rule import Rule
from thing_registration.checks.value_kinds import Kind

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

_ARMOUR = re.compile(r"-----(BEGIN|END) (?:NEW )?CERTIFICATE(?: REQUEST)?-----")
_BEGIN = re.compile(r"-----BEGIN [^-\n]*-----")
_DER, _KEY = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
_UNREADABLE = (ValueError, x509.InvalidVersion)


class Pem(NamedTuple):
    """What is wrong with a PEM, and its public key if that can be read."""

    faults: list[Fault]
    key: bytes | None = None


def read_pem(kind: Kind, text: str) -> Pem:
    """Read a CSR or a certificate."""
    return _read_csr(text) if kind is Kind.CSR else _read_certificate(text)


def _read_csr(text: str) -> Pem:
    faults = CSR.faults(text) or _form_faults(CSR, text)
    if faults:
        return Pem(faults)
    try:
        request = x509.load_pem_x509_csr(text.encode())
    except _UNREADABLE:
        try:
            request = x509.load_der_x509_csr(_der(text))
        except _UNREADABLE:
            return Pem([CSR.fault(got=shown(text))])
        faults.append(_repaired(text))
    if not _is_signed(request):
        return Pem([CSR_SIGNATURE.fault(got="")])
    try:
        key = request.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        return Pem([*faults, CSR_KEY.fault(got=str(error) or "a key of an unknown type")])
    unfit = _unfit(key)
    if unfit is not None:
        faults.append(CSR_KEY.fault(got=unfit))
    return Pem(faults, key.public_bytes(_DER, _KEY))


def _read_certificate(text: str) -> Pem:
    faults = CERTIFICATE.faults(text) or _form_faults(CERTIFICATE, text)
    if faults:
        return Pem(faults)
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except _UNREADABLE:
        try:
            certificate = x509.load_der_x509_certificate(_der(text))
        except _UNREADABLE:
            return Pem([CERTIFICATE.fault(got=shown(text))])
        faults.append(_repaired(text))
    try:
        return Pem(faults, certificate.public_key().public_bytes(_DER, _KEY))
    except (UnsupportedAlgorithm, ValueError):  # AWS does not document which keys it refuses here
        return Pem(faults)


def _form_faults(rule: Rule, text: str) -> list[Fault]:
    """Return what is wrong with the form of a PEM, in words that say more than a parser's."""
    if "\\n" in text and "\n" not in text:
        message = "has the two characters {got} where lines end: must have {allowed}"
        allowed = r"line ends, in JSON \n and not \\n"
        return [rule.fault(got=r"\n", allowed=allowed, message=message)]
    count = len(_BEGIN.findall(text))
    if count > 1:
        message = "has {got}: must have {allowed}"
        return [rule.fault(got=f"{count} PEMs", allowed="the device's own alone", message=message)]
    return []


def _is_signed(request: x509.CertificateSigningRequest) -> bool:
    """Return whether a request is signed by its own key, as far as that can be told.

    AWS accepts SHA-1, which cryptography itself does not.
    """
    try:
        key, digest = request.public_key(), request.signature_hash_algorithm
        signed = request.signature, request.tbs_certrequest_bytes
        if digest is not None and isinstance(key, EllipticCurvePublicKey):
            key.verify(*signed, ECDSA(digest))
        elif digest is not None and isinstance(key, RSAPublicKey):
            key.verify(*signed, PKCS1v15(), digest)
    except InvalidSignature:
        return False
    except (UnsupportedAlgorithm, ValueError):
        return True
    return True


def _unfit(key: CertificatePublicKeyTypes) -> str | None:
    """Return what a key is if AWS makes no certificate for it."""
    if isinstance(key, RSAPublicKey):
        fits = key.key_size >= limits.MIN_RSA_BITS
        return None if fits else f"RSA with {key.key_size:,} bits"
    if isinstance(key, EllipticCurvePublicKey):
        return None if key.curve.name in limits.CSR_CURVES else f"the curve {key.curve.name}"
    return f"a key of type {type(key).__name__.removesuffix('PublicKey')}"


def _der(text: str) -> bytes:
    """Return the DER in a PEM without BEGIN and END lines, or with those of another kind.

    Raises:
        ValueError: the text is not base64.
    """
    return base64.b64decode("".join(_ARMOUR.sub("", text).split()), validate=True)


def _repaired(text: str) -> Fault:
    lines = "BEGIN and END lines"
    return PEM_FORM.fault(got=f"unusual {lines}" if "-----" in text else f"no {lines}")
