"""CSRs and certificates for tests, of keys that are the same in each call."""

from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding


@cache
def _key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def csrs(count: int) -> list[str]:
    """One CSR for each of so many keys, signed anew."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    requests = [builder.sign(_key(number), hashes.SHA256()) for number in range(count)]
    return [request.public_bytes(Encoding.PEM).decode() for request in requests]


def certificates(count: int) -> list[str]:
    """So many certificates for one key."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(x509.Name([]))
        .public_key(_key(0).public_key())
        .not_valid_before(datetime(2026, 1, 1))
        .not_valid_after(datetime(2026, 1, 1) + timedelta(days=9000))
    )
    signed = [builder.serial_number(n + 1).sign(_key(0), hashes.SHA256()) for n in range(count)]
    return [certificate.public_bytes(Encoding.PEM).decode() for certificate in signed]
