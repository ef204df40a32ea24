"""Difference: ministack loads and checks its CA's key for every certificate, 30 ms each.

Patch: the loaded key is kept. A certificate is otherwise made as ministack makes it: the CSR's
subject and public key, no CA, until the end of 2049.
Unnecessary once ministack keeps the CA's key.
Source: https://docs.aws.amazon.com/iot/latest/apireference/API_CreateCertificateFromCsr.html
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ministack.core import x509_utils


def apply() -> None:
    """Apply the patch."""
    x509_utils._require_crypto()
    serialization = x509_utils.serialization
    load = lru_cache(maxsize=4)(serialization.load_pem_private_key)

    class _Serialization:
        def __getattr__(self, name: str) -> Any:
            return getattr(serialization, name)

        def load_pem_private_key(self, data: bytes, password: bytes | None = None) -> Any:
            return load(data, password)

    x509_utils.serialization = _Serialization()
