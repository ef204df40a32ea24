"""A CSR that is signed with SHA-1, as some devices still make them; cryptography makes none."""

from __future__ import annotations

import base64
import textwrap

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

# sha1WithRSAEncryption.
_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101050500")


def sha1_csr(key: rsa.RSAPrivateKey | None = None) -> str:
    """Return a CSR in PEM for a key, by default a fresh one of 2,048 bits."""
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    content = builder.sign(key, hashes.SHA256()).tbs_certrequest_bytes
    signature = key.sign(content, padding.PKCS1v15(), hashes.SHA1())
    der = _element(0x30, content + _ALGORITHM + _element(0x03, b"\0" + signature))
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return f"-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n"


def _element(tag: int, content: bytes) -> bytes:
    return bytes((tag, 0x82)) + len(content).to_bytes(2, "big") + content
