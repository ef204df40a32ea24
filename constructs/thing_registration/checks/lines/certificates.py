"""Reads certificate signing requests and certificates.

Importing this module loads cryptography, which a template without certificates does without.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from thing_registration import limits
from thing_registration.checks.findings import Fault
from thing_registration.checks.quoting import shown
from thing_registration.checks.rules.lines import CERTIFICATE, CSR, CSR_KEY, PEM_FORM
from thing_registration.checks.value_kinds import Kind

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

_ARMOUR = re.compile(r"-----(BEGIN|END) (?:NEW )?CERTIFICATE(?: REQUEST)?-----")
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
    faults = CSR.faults(text)
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
    try:
        key = request.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        return Pem([*faults, CSR_KEY.fault(got=str(error) or "a key of an unknown type")])
    unfit = _unfit(key)
    if unfit is not None:
        faults.append(CSR_KEY.fault(got=unfit))
    return Pem(faults, key.public_bytes(_DER, _KEY))


def _read_certificate(text: str) -> Pem:
    faults = CERTIFICATE.faults(text)
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
