"""What AWS's registry says about a line whose certificate the state does not know."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thing_registration_worker.aws import registry
from thing_registration_worker.aws.registry import Certificate
from thing_registration_worker.fleet.public_keys import (
    UnreadableCertificate,
    certificate_id,
    key_of_certificate,
)
from thing_registration_worker.fleet.resolved_device import ResolvedDevice

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient


@dataclass(frozen=True)
class Found:
    """What the registry has of a device.

    Attributes:
        thing_exists: whether there is a thing of its name.
        certificate: the certificate for its key; None for none, and where the line declares none.
        other_certificate_ids: what else the thing has. Not asked for where the line declares no
            key.
    """

    thing_exists: bool
    certificate: Certificate | None = None
    other_certificate_ids: tuple[str, ...] = ()


def look_up(iot: "IoTClient", device: ResolvedDevice) -> Found:
    """Ask the registry about a device: one call for a thing that does not exist, unless it has PEM.

    The registry may lag a registration task by some seconds. Ask about no line that was in a task
    of this account within the last minute.
    """
    exists = registry.thing_exists(iot, device.thing_name)
    if device.certificate == "pem":
        # It may be registered without the thing.
        known = registry.certificate(iot, device.certificate_id)
        ids = registry.certificate_ids_of(iot, device.thing_name) if exists else []
        known = known or _with_pem(iot, ids, device.certificate_id)
        return Found(exists, known, _without(known, ids))
    if device.certificate == "csr" and exists:
        certificates = registry.certificates_of(iot, device.thing_name)
        known = _for_key(certificates, device.key)
        return Found(exists, known, _without(known, [one.certificate_id for one in certificates]))
    return Found(exists)


def _with_pem(
    iot: "IoTClient", certificate_ids: Iterable[str], computed_id: str
) -> Certificate | None:
    """Return the certificate whose PEM has a computed id.

    AWS documents no way to compute its own ids.
    """
    found = (registry.certificate(iot, one) for one in certificate_ids)
    return next((one for one in found if one and _read(certificate_id, one) == computed_id), None)


def _for_key(certificates: list[Certificate], key: str) -> Certificate | None:
    """Return the newest certificate for a key, an active one before any other."""
    fitting = [one for one in certificates if _read(key_of_certificate, one) == key]
    return max(fitting, key=lambda one: (one.is_active, one.created_at), default=None)


def _read(what: Callable[[str], str], certificate: Certificate) -> str:
    """Return the key or id of a certificate; empty for one that this library cannot read."""
    try:
        return what(certificate.pem)
    except UnreadableCertificate as error:
        print(f"certificate {certificate.certificate_id} cannot be read: {error}")
        return ""


def _without(known: Certificate | None, certificate_ids: list[str]) -> tuple[str, ...]:
    return tuple(one for one in certificate_ids if known is None or one != known.certificate_id)
