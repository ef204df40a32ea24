"""Read the public key in a certificate signing request (CSR) or certificate.

Lambda's Python has no library for this. Only the path to the key is read, and it is read strictly:
what is not DER is refused, because a wrong key would be certified twice.

RFC 2986 (CSR), RFC 5280 (certificate), RFC 7468 (PEM), X.690 (DER).
"""

import base64
import binascii
import hashlib
from collections.abc import Callable
from operator import itemgetter
from typing import Any

_CSR_LABELS = ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")
_CERTIFICATE_LABELS = ("CERTIFICATE",)

_INTEGER, _BIT_STRING, _SEQUENCE = 0x02, 0x03, 0x30
_VERSION = 0xA0
# Four bytes of length are 4 GiB; a line of the input file has at most 256,000 bytes.
_MAX_LENGTH_BYTES = 4
# The CSRs of a fleet have few layouts. Those that many beginnings have are not one fleet's.
_BEGINNING = 16
_MOST_LAYOUTS = 4_096


class UnreadableCertificate(ValueError):
    """A text is not a CSR or not a certificate; the message says what is wrong with it."""


def key_of_csr(pem: str) -> str:
    """Return the SHA-256 of a CSR's public key (DER SubjectPublicKeyInfo), as hexadecimal digits.

    Args:
        pem: the PEM; text before it is ignored, and its line breaks may be missing.

    Raises:
        UnreadableCertificate: it is not a CSR.
    """
    der = _der(pem, _CSR_LABELS, "a certificate signing request")
    looked_at, values, start, stop = _layout_of_csr(der)
    if looked_at(der) != values:
        start, stop = _key_in_csr(der)
    return hashlib.sha256(der[start:stop]).hexdigest()


def key_of_certificate(pem: str) -> str:
    """Return the SHA-256 of a certificate's public key, as hexadecimal digits.

    The key of a CSR and of the certificate that AWS made from it are equal.

    Raises:
        UnreadableCertificate: it is not a certificate.
    """
    der = _der(pem, _CERTIFICATE_LABELS, "a certificate")
    at, end = _signed_part(der)
    if at < end and der[at] == _VERSION:
        at = _after(der, at, end, _VERSION)
    at = _after(der, at, end, _INTEGER)  # serialNumber
    for _ in ("signature", "issuer", "validity", "subject"):
        at = _after(der, at, end, _SEQUENCE)
    start, stop = _key_at(der, at, end)
    return hashlib.sha256(der[start:stop]).hexdigest()


def certificate_id(pem: str) -> str:
    """Return the id that AWS gives a certificate: the SHA-256 of its DER.

    No page of AWS says so; AWS's support does, quoted in https://github.com/getmoto/moto/pull/3321.

    Raises:
        UnreadableCertificate: it is not a certificate.
    """
    der = _der(pem, _CERTIFICATE_LABELS, "a certificate")
    _signed_part(der)
    return hashlib.sha256(der).hexdigest()


def _der(pem: str, labels: tuple[str, ...], what: str) -> bytes:
    """Return the bytes between the BEGIN and END lines of one of these labels."""
    for label in labels:
        begin = f"-----BEGIN {label}-----"
        at = pem.find(begin)
        if at >= 0:
            break
    else:
        raise UnreadableCertificate(f"must be {what} in PEM, got no BEGIN line of one")
    end = pem.find(f"-----END {label}-----", at)
    if end < 0:
        raise UnreadableCertificate(f"must be {what} in PEM, got no END line of one")
    try:
        return base64.b64decode("".join(pem[at + len(begin) : end].split()), validate=True)
    except (binascii.Error, ValueError):
        # ValueError: a character that is not ASCII.
        message = f"must be {what} in PEM, got no base64 between its BEGIN and END lines"
        raise UnreadableCertificate(message) from None


class _Watched(bytes):
    """DER that notes which of its bytes were looked at."""

    def __init__(self, der: bytes) -> None:
        self.places: set[int] = set()

    def __getitem__(self, place: Any) -> Any:
        one = isinstance(place, int)
        self.places.update([place] if one else range(*place.indices(len(self))))
        return super().__getitem__(place)


# What a reading has looked at, what was there, and where the key is.
_Layout = tuple[Callable[[bytes], tuple[int, ...]], tuple[int, ...], int, int]
_layouts: dict[tuple[int, bytes], _Layout] = {}


def _layout_of_csr(der: bytes) -> _Layout:
    """Return the layout of a CSR, or of one of the same length that begins like it.

    Reading another one with the same bytes in the same places finds the same.
    """
    beginning = (len(der), der[:_BEGINNING])
    found = _layouts.get(beginning)
    if found is None:
        watched = _Watched(der)
        start, stop = _key_in_csr(watched)
        looked_at = itemgetter(*sorted(watched.places))
        if len(_layouts) == _MOST_LAYOUTS:
            _layouts.clear()
        found = _layouts[beginning] = (looked_at, looked_at(der), start, stop)
    return found


def _key_in_csr(der: bytes) -> tuple[int, int]:
    """Return where the key of a CSR begins and ends."""
    at, end = _signed_part(der)
    at = _after(der, at, end, _INTEGER)  # version
    at = _after(der, at, end, _SEQUENCE)  # subject
    return _key_at(der, at, end)


def _signed_part(der: bytes) -> tuple[int, int]:
    """Return where the content begins and ends that the signature of a whole structure covers."""
    at, end = _content(der, 0, len(der), _SEQUENCE)
    if end != len(der):
        raise UnreadableCertificate(f"must end after {end} bytes of DER, got {len(der)}")
    first, last = _content(der, at, end, _SEQUENCE)
    at = _after(der, last, end, _SEQUENCE)  # signatureAlgorithm
    if _after(der, at, end, _BIT_STRING) != end:
        raise UnreadableCertificate("must end with the signature, got more bytes of DER")
    return first, last


def _key_at(der: bytes, start: int, end: int) -> tuple[int, int]:
    """Return where the key that begins at a place begins and ends."""
    at, stop = _content(der, start, end, _SEQUENCE)
    at = _after(der, at, stop, _SEQUENCE)  # algorithm
    if _after(der, at, stop, _BIT_STRING) != stop:
        raise UnreadableCertificate("must have a public key, got more bytes behind it")
    return start, stop


def _after(der: bytes, at: int, end: int, tag: int) -> int:
    return _content(der, at, end, tag)[1]


def _content(der: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Return where the content of the element at a place begins and ends.

    Args:
        der: all bytes.
        at: where the element begins.
        end: where the element around it ends.
        tag: what it must be.
    """
    start = at + 2
    if start > end:
        raise UnreadableCertificate(f"must have an element at byte {at} of its DER, got the end")
    if der[at] != tag:
        raise UnreadableCertificate(
            f"must have tag {tag:#04x} at byte {at} of its DER, got {der[at]:#04x}"
        )
    length = der[at + 1]
    if length > 0x7F:
        start, length = _long_length(der, start, end, length & 0x7F)
    stop = start + length
    if stop > end:
        raise UnreadableCertificate(
            f"must have {length} bytes at byte {start} of its DER, got {end - start}"
        )
    return start, stop


def _long_length(der: bytes, at: int, end: int, count: int) -> tuple[int, int]:
    """Return where the content begins, and its length, which is written in so many bytes."""
    start = at + count
    if not 1 <= count <= _MAX_LENGTH_BYTES or start > end:
        raise UnreadableCertificate(f"must have a definite length at byte {at - 1} of its DER")
    length = int.from_bytes(der[at:start], "big")
    if length <= 0x7F or der[at] == 0:
        raise UnreadableCertificate(f"must have the shortest length at byte {at - 1} of its DER")
    return start, length
