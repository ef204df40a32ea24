"""Looks into certificate signing requests and certificates."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from thing_registration import limits
from thing_registration.checks.values import Fault, Kind
from thing_registration.problem import shown

if TYPE_CHECKING:
    from cryptography.x509 import CertificateSigningRequest

_ARMOUR = re.compile(r"-----(BEGIN|END) (?:NEW )?CERTIFICATE(?: REQUEST)?-----")


def pem_faults(kind: Kind, text: str) -> list[Fault]:
    """Say what is wrong with a CSR or a certificate; nothing of any other kind."""
    if kind is Kind.CSR:
        return _csr_faults(text)
    if kind in (Kind.CERTIFICATE, Kind.CA_CERTIFICATE):
        return _certificate_faults(text)
    return []


def _csr_faults(text: str) -> list[Fault]:
    from cryptography import x509

    longest = limits.MAX_CSR_LENGTH
    allowed = f"a PEM of PKCS #10 of at most {longest:,} characters"
    broken = Fault("csr", "is no certificate signing request", shown(text), allowed)
    if len(text) > longest:
        return [broken]
    try:
        return _key_faults(x509.load_pem_x509_csr(text.encode()))
    except (ValueError, x509.InvalidVersion):
        pass
    try:
        request = x509.load_der_x509_csr(_der(text))
    except (ValueError, x509.InvalidVersion):
        return [broken]
    return [_repaired(text), *_key_faults(request)]


def _certificate_faults(text: str) -> list[Fault]:
    from cryptography import x509

    longest = limits.MAX_CERTIFICATE_PEM_LENGTH
    allowed = f"a PEM of X.509 of at most {longest:,} characters"
    broken = Fault("certificate", "is no certificate", shown(text), allowed)
    if len(text) > longest:
        return [broken]
    try:
        x509.load_pem_x509_certificate(text.encode())
    except (ValueError, x509.InvalidVersion):
        pass
    else:
        return []
    try:
        x509.load_der_x509_certificate(_der(text))
    except (ValueError, x509.InvalidVersion):
        return [broken]
    return [_repaired(text)]


def _key_faults(request: CertificateSigningRequest) -> list[Fault]:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    try:
        key = request.public_key()
    except (UnsupportedAlgorithm, ValueError) as error:
        found = str(error) or "a key of unknown kind"
    else:
        if isinstance(key, RSAPublicKey):
            if key.key_size >= limits.MIN_RSA_BITS:
                return []
            found = f"RSA of {key.key_size:,} bits"
        elif isinstance(key, EllipticCurvePublicKey):
            if key.curve.name in limits.CSR_CURVES:
                return []
            found = f"curve {key.curve.name}"
        else:
            found = type(key).__name__.removesuffix("PublicKey")
    allowed = (
        f"RSA of at least {limits.MIN_RSA_BITS:,} bits, {', '.join(limits.CSR_CURVES.values())}"
    )
    return [Fault("csr-key", "has a key that AWS does not accept", found, allowed)]


def _der(text: str) -> bytes:
    """Take the base64 out of a PEM that lost its BEGIN and END, or has those of another kind.

    Raises:
        ValueError: if the text is not base64.
    """
    return base64.b64decode("".join(_ARMOUR.sub("", text).split()), validate=True)


def _repaired(text: str) -> Fault:
    got = "other BEGIN and END lines" if "-----" in text else "no BEGIN and END lines"
    return Fault("pem-form", "parses only after repair", got, "a PEM as it was made")
