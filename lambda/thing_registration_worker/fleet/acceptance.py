"""What counts as unchanged: a device that AWS has accepted as it is declared.

A row has the id, the state, the resources, the key and the certificate of a thing.
"""

from typing import Any

from thing_registration_worker.fleet.resolved_device import ResolvedDevice
from thing_registration_worker.state.schema import REGISTERED


def is_accepted(device: ResolvedDevice, row: tuple[Any, ...]) -> bool:
    """Return whether AWS has registered exactly this device."""
    _, state, resources, key, certificate_id = row
    if state != REGISTERED or resources != device.resources:
        return False
    if device.certificate == "csr":
        return bool(key == bytes.fromhex(device.key))
    if device.certificate == "pem":
        # Which one is in the resources; AWS alone says under which id it has it.
        return certificate_id is not None
    return bool((certificate_id or b"") == bytes.fromhex(device.certificate_id))


def fits(device: ResolvedDevice, row: tuple[Any, ...]) -> bool:
    """Return whether a thing's certificate is the one that the device is to have."""
    if device.certificate == "csr":
        return bool(row[3] == bytes.fromhex(device.key))
    # A certificate that the user gives is another one if its id is, whatever its key.
    return device.certificate == "pem" and row[4] == bytes.fromhex(device.certificate_id)
