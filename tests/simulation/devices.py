"""Devices for input files, each with a certificate signing request of its own."""

from __future__ import annotations

import json
from typing import TypedDict

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.local.fleet import new_csr


class Device(TypedDict):
    """One line of an input file."""

    ThingName: str
    CSR: str


def device(name: str) -> Device:
    """A device with a fresh key."""
    return {"ThingName": name, "CSR": new_csr(name)}


def fleet(prefix: str, count: int = 3) -> bytes:
    """An input file with that many devices."""
    return b"".join(
        json.dumps(device(f"{prefix}-{number}")).encode() + b"\n" for number in range(count)
    )


def public_key(certified: x509.Certificate | x509.CertificateSigningRequest) -> bytes:
    """The public key of a certificate or of a request for one."""
    return certified.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def key_of(csr: str) -> bytes:
    """The public key of a certificate signing request."""
    return public_key(x509.load_pem_x509_csr(csr.encode()))
