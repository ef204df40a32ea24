"""Difference: the emulator speaks plain HTTP, so policies that deny it deny everything.

Patch: a request over loopback counts as sent over TLS, `aws:SecureTransport` is true.
Unnecessary once ministack can serve TLS to its own clients.
"""

from __future__ import annotations

import ipaddress

from ministack import app


def apply() -> None:
    """Apply the patch."""
    pin = app.pin_request_origin

    def pin_request_origin(source_ip: str, secure_transport: bool) -> None:
        pin(source_ip, secure_transport or ipaddress.ip_address(source_ip).is_loopback)

    app.pin_request_origin = pin_request_origin
