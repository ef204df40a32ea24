"""One line of the inventory: what AWS has accepted of a device, or has answered about it."""

import json
import re
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

# Lines with a higher version were written by a later version of this library.
VERSION = 1

State = Literal["registered", "found", "absent", "orphan", "removed", "retiring", "retired"]
STATES: tuple[State, ...] = get_args(State)

# The hash of the resources, the key and the certificate's id, one after the other.
_DIGESTS = re.compile(r"(?:[1-9][0-9]?:[0-9a-f]{32})? (?:[0-9a-f]{64})? (?:[0-9a-f]{64})?")
_LAST_MOMENT = 0xFFFF_FFFF


class InvalidEntry(ValueError):
    """A line of the inventory cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a device since a moment. It holds no CSR and no attribute values.

    Attributes:
        state: `registered`: AWS registered the thing; `found`: the thing is in AWS's registry, and
            what it has is not known; `absent`: AWS's registry had no such thing; `orphan`: AWS made
            the certificate, but did not register the thing; `removed`: the thing was deregistered
            or released, and the certificate deleted where its id is given; `retired`: the device
            left the file, and its certificate was detached and set INACTIVE; `retiring`: that has
            begun, or the certificate is being brought back.
        thing_name: the device's name.
        resources_hash: what was registered (see `resolved_device`); empty where it is not known,
            also because a later registration of the device failed. Then the device is sent again.
        key: the SHA-256 of the public key; empty where it is not known.
        certificate_id: the certificate that the thing has; empty for none.
        thing_made: whether this resource made the thing, and did not find it.
        certificate_made: whether this resource made the certificate.
        at: when AWS said so, in epoch seconds.
    """

    state: State
    thing_name: str
    resources_hash: str = ""
    key: str = ""
    certificate_id: str = ""
    thing_made: bool = False
    certificate_made: bool = False
    at: int = 0

    @property
    def is_retired(self) -> bool:
        """Whether we have set its certificate INACTIVE, or may have."""
        return self.state in ("retiring", "retired")

    @property
    def is_made(self) -> bool:
        """Whether this resource has made anything of it."""
        return self.thing_made or self.certificate_made

    def claimed(self) -> "Entry":
        """Return this as if this resource had made all that was registered."""
        if self.state not in ("registered", "retiring", "retired"):
            return self
        return replace(self, thing_made=True, certificate_made=bool(self.certificate_id))

    def to_line(self) -> bytes:
        """Return the line of JSON, with its line break; what is empty or false is left out."""
        members: dict[str, Any] = {
            "version": VERSION,
            "state": self.state,
            "thingName": self.thing_name,
            "resourcesHash": self.resources_hash,
            "publicKey": self.key,
            "certificateId": self.certificate_id,
            "thingMade": self.thing_made,
            "certificateMade": self.certificate_made,
            "at": self.at,
        }
        kept = {name: value for name, value in members.items() if value}
        return json.dumps(kept, separators=(",", ":")).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> "Entry":
        """Read a line.

        Raises:
            InvalidEntry: it is not a line of the inventory, or of a later version.
        """
        try:
            members = json.loads(line)
            if members["version"] > VERSION:
                raise InvalidEntry(
                    f"the inventory has version {members['version']}, this library reads up to "
                    f"version {VERSION}: deploy with the version of the library that wrote it"
                )
            entry = cls(
                members["state"],
                members["thingName"],
                members.get("resourcesHash", ""),
                members.get("publicKey", ""),
                members.get("certificateId", ""),
                members.get("thingMade", False),
                members.get("certificateMade", False),
                members.get("at", 0),
            )
            valid = entry.is_valid()
        except (KeyError, TypeError, AttributeError, UnicodeError, json.JSONDecodeError):
            valid = False
        if not valid:
            raise InvalidEntry(f"a line of the inventory must be an entry, got {line[:200]!r}")
        return entry

    def is_valid(self) -> bool:
        """Return whether every value is one that an entry may have."""
        digests = f"{self.resources_hash} {self.key} {self.certificate_id}"
        return (
            self.state in STATES
            and isinstance(self.thing_name, str)
            and self.thing_name != ""
            and _DIGESTS.fullmatch(digests) is not None
            and isinstance(self.at, int)
            and 0 <= self.at <= _LAST_MOMENT
        )
