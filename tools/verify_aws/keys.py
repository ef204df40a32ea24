"""Certificate signing requests with fresh keys, by which their certificates are known again."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def new_csr(name: str) -> str:
    """Return a certificate signing request, PEM, for a fresh P-256 key."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    signed = request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def key_of_csr(pem: str) -> bytes:
    """Return the public key of a certificate signing request."""
    return _encoded(x509.load_pem_x509_csr(pem.encode()))


def key_of_certificate(pem: str) -> bytes:
    """Return the public key of a certificate."""
    return _encoded(x509.load_pem_x509_certificate(pem.encode()))


def _encoded(certified: x509.CertificateSigningRequest | x509.Certificate) -> bytes:
    return certified.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
