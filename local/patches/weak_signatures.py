"""Difference: ministack refuses a CSR that is signed with SHA-1; AWS IoT accepts it.

Patch: whether a CSR's signature fits is asked of its key, with whatever digest the CSR names.
Unnecessary once ministack accepts such CSRs.
Source: https://github.com/aws-amplify/aws-sdk-ios/issues/3345 (its CSRs are signed with SHA-1).
"""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from ministack.core import x509_utils


def apply() -> None:
    """Apply the patch."""
    x509_utils._require_crypto()
    x509 = x509_utils.x509

    class _X509:
        def __getattr__(self, name: str) -> Any:
            return getattr(x509, name)

        def load_pem_x509_csr(self, data: bytes) -> Any:
            return _Request(x509.load_pem_x509_csr(data))

    x509_utils.x509 = _X509()


class _Request:
    """A CSR whose signature is checked with the digest that it names."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._request, name)

    @property
    def is_signature_valid(self) -> bool:
        request, key = self._request, self._request.public_key()
        signed = request.signature, request.tbs_certrequest_bytes
        digest = request.signature_hash_algorithm
        try:
            if isinstance(key, rsa.RSAPublicKey):
                key.verify(*signed, padding.PKCS1v15(), digest)
            elif isinstance(key, ec.EllipticCurvePublicKey):
                key.verify(*signed, ec.ECDSA(digest))
            else:
                return bool(request.is_signature_valid)
        except (InvalidSignature, UnsupportedAlgorithm):
            return False
        return True
