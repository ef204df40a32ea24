"""Reads lines of the input file and of the inventory with msgspec, several times as fast.

What msgspec reads as texts, Python's `json` reads in the same way. Whatever it refuses is read by
the Lambda's own code. A test holds both against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from thing_registration_worker.fleet.inventory_entry import Entry, State
from thing_registration_worker.fleet.resolved_device import Resolver
from thing_registration_worker.fleet.template_resources import properties_of, referred_parameter

_ERRORS = (msgspec.DecodeError, UnicodeDecodeError)


class _EntryLine(msgspec.Struct, gc=False):
    version: int
    state: str
    thingName: str  # noqa: N815 - as it is written
    resourcesHash: str = ""  # noqa: N815
    publicKey: str = ""  # noqa: N815
    certificateId: str = ""  # noqa: N815
    thingMade: bool = False  # noqa: N815
    certificateMade: bool = False  # noqa: N815
    at: int = 0


_texts = msgspec.json.Decoder(dict[str, str])
_entries = msgspec.json.Decoder(_EntryLine)


def text_values(line: bytes) -> dict[str, Any] | None:
    """Return the values of a line; None if it does not have texts only."""
    try:
        return _texts.decode(line)
    except _ERRORS:
        return None


def entry_of(line: bytes) -> Entry:
    """Return the entry in a line of the inventory.

    Raises:
        InvalidEntry: it is none, or of a later version of the library.
    """
    try:
        read = _entries.decode(line)
    except _ERRORS:
        return Entry.from_line(line)
    state: State = read.state  # type: ignore[assignment] # checked below
    entry = Entry(
        state,
        read.thingName,
        read.resourcesHash,
        read.publicKey,
        read.certificateId,
        read.thingMade,
        read.certificateMade,
        read.at,
    )
    return entry if read.version == 1 and entry.is_valid() else Entry.from_line(line)


def name_reader(template: dict[str, Any], resolver: Resolver) -> Callable[[bytes], str]:
    """Return what reads only the thing's name of a line; empty where the line has none.

    Args:
        template: the provisioning template.
        resolver: reads the lines that msgspec does not.
    """
    name = properties_of(template["Resources"], "AWS::IoT::Thing").get("ThingName")
    parameter = referred_parameter(name)
    declared = template.get("Parameters", {}).get(parameter, {})
    default = declared.get("Default", "") if isinstance(declared, dict) else ""
    decode: Callable[[bytes], Any] | None = None
    if parameter is not None and isinstance(default, str) and parameter.isidentifier():
        field = (parameter, str, default)
        decode = msgspec.json.Decoder(msgspec.defstruct("Named", [field], gc=False)).decode

    def read(line: bytes) -> str:
        if decode is not None:
            try:
                return str(getattr(decode(line), str(parameter)))
            except _ERRORS:
                pass
        return resolver.thing_name(line)

    return read
