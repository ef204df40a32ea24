"""Looks into certificate signing requests and certificates.

Importing this module loads cryptography, which a template without certificates does without.
"""

from __future__ import annotations

import base64
import re
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from thing_registration import limits
from thing_registration.checks.values import Fault, Kind
from thing_registration.problem import shown

_ARMOUR = re.compile(r"-----(BEGIN|END) (?:NEW )?CERTIFICATE(?: REQUEST)?-----")
_DER, _KEY = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
_UNREADABLE = (ValueError, x509.InvalidVersion)


class Pem(NamedTuple):
    """What is wrong with a PEM, and its public key where that can be read."""

    faults: list[Fault]
    key: bytes | None = None


def read_pem(kind: Kind, text: str) -> Pem:
    """Read a CSR or a certificate."""
    return _read_csr(text) if kind is Kind.CSR else _read_certificate(text)


def _read_csr(text: str) -> Pem:
    faults = []
    try:
        if len(text) > limits.MAX_CSR_LENGTH:
            return _broken_csr(text)
        request = x509.load_pem_x509_csr(text.encode())
    except _UNREADABLE:
        try:
            request = x509.load_der_x509_csr(_der(text))
        except _UNREADABLE:
            return _broken_csr(text)
        faults.append(_repaired(text))
    try:
        key = request.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        return Pem([*faults, _refused_key(str(error) or "a key of unknown kind")])
    unfit = _unfit(key)
    if unfit is not None:
        faults.append(_refused_key(unfit))
    return Pem(faults, key.public_bytes(_DER, _KEY))


def _read_certificate(text: str) -> Pem:
    longest = limits.MAX_CERTIFICATE_PEM_LENGTH
    allowed = f"a PEM of X.509 of at most {longest:,} characters"
    broken = Pem([Fault("certificate", "is no certificate", shown(text), allowed)])
    if len(text) > longest:
        return broken
    faults = []
    try:
        certificate = x509.load_pem_x509_certificate(text.encode())
    except _UNREADABLE:
        try:
            certificate = x509.load_der_x509_certificate(_der(text))
        except _UNREADABLE:
            return broken
        faults.append(_repaired(text))
    try:
        return Pem(faults, certificate.public_key().public_bytes(_DER, _KEY))
    except (UnsupportedAlgorithm, ValueError):  # which keys AWS takes in a certificate is its word
        return Pem(faults)


def _broken_csr(text: str) -> Pem:
    allowed = f"a PEM of PKCS #10 of at most {limits.MAX_CSR_LENGTH:,} characters"
    return Pem([Fault("csr", "is no certificate signing request", shown(text), allowed)])


def _unfit(key: CertificatePublicKeyTypes) -> str | None:
    """Say what a key is that AWS makes no certificate for."""
    if isinstance(key, RSAPublicKey):
        return None if key.key_size >= limits.MIN_RSA_BITS else f"RSA of {key.key_size:,} bits"
    if isinstance(key, EllipticCurvePublicKey):
        return None if key.curve.name in limits.CSR_CURVES else f"curve {key.curve.name}"
    return type(key).__name__.removesuffix("PublicKey")


def _refused_key(found: str) -> Fault:
    allowed = (
        f"RSA of at least {limits.MIN_RSA_BITS:,} bits, {', '.join(limits.CSR_CURVES.values())}"
    )
    return Fault("csr-key", "has a key that AWS does not accept", found, allowed)


def _der(text: str) -> bytes:
    """Take the base64 out of a PEM that lost its BEGIN and END, or has those of another kind.

    Raises:
        ValueError: if the text is not base64.
    """
    return base64.b64decode("".join(_ARMOUR.sub("", text).split()), validate=True)


def _repaired(text: str) -> Fault:
    got = "other BEGIN and END lines" if "-----" in text else "no BEGIN and END lines"
    return Fault("pem-form", "parses only after repair", got, "a PEM as it was made")
