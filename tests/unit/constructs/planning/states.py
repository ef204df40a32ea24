"""States of a fleet of meters, and the template and lines that they are compared with."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from tests.unit.lambda_.fleet.signed import csrs
from thing_registration.planning.comparand import Comparand
from thing_registration_worker.fleet.resolved_device import ResolvedDevice, Resolver
from thing_registration_worker.fleet.template import Template
from thing_registration_worker.state import devices, schema
from thing_registration_worker.state.devices import Thing
from thing_registration_worker.state.schema import REGISTERED

TEMPLATE = json.dumps(
    {
        "Parameters": {name: {"Type": "String"} for name in ("Name", "Serial", "CSR")},
        "Resources": {
            "t": {
                "Type": "AWS::IoT::Thing",
                "Properties": {
                    "ThingName": {"Ref": "Name"},
                    "AttributePayload": {"serial": {"Ref": "Serial"}},
                    "ThingTypeName": "meter",
                },
            },
            "c": {
                "Type": "AWS::IoT::Certificate",
                "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}},
            },
        },
    }
)


@cache
def csr(key: int) -> str:
    """A CSR of one of ten keys."""
    return csrs(10)[key]


def line(name: str, key: int, serial: str = "1") -> bytes:
    return json.dumps({"Name": name, "Serial": serial, "CSR": csr(key)}).encode() + b"\n"


def certificate_id(key: int) -> str:
    return f"{key:064x}"


def resolved(name: str, key: int, serial: str = "1") -> ResolvedDevice:
    return Resolver(Template(TEMPLATE)).resolve(line(name, key, serial))


def thing(name: str, key: int, state: int = REGISTERED, **changes: Any) -> Thing:
    """What the state knows of a thing that was registered with its line, and made."""
    device = resolved(name, key)
    values: dict[str, Any] = {
        "resources": device.resources,
        "key": device.key,
        "certificate_id": certificate_id(key),
        "thing_made": True,
        "certificate_made": True,
    }
    return Thing(0, name, state, **{**values, **changes})


def state(*things: Thing) -> Connection:
    db = schema.empty()
    for each in things:
        devices.put(db, each)
    return db


def comparand(folder: Path, *lines: bytes, template: str = TEMPLATE) -> Comparand:
    file = folder / "devices.jsonl"
    file.write_bytes(b"".join(lines))
    return Comparand(template, file, "devices.jsonl")
