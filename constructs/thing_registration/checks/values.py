"""What a value may be, by what it becomes: a thing name, an attribute, a policy's name, …"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple, TypeGuard

from thing_registration import limits
from thing_registration.problem import shown


class Kind(str, Enum):
    """What a value becomes on AWS."""

    THING_NAME = "thing name"
    THING_TYPE = "thing type name"
    THING_GROUP = "thing group name"
    BILLING_GROUP = "billing group name"
    POLICY_NAME = "policy name"
    ATTRIBUTE = "attribute value"
    CERTIFICATE_ID = "certificate id"
    CSR = "certificate signing request"
    CERTIFICATE = "certificate"
    CA_CERTIFICATE = "CA certificate"
    STATUS = "certificate status"
    PRINCIPAL_TYPE = "thing principal type"
    POLICY_DOCUMENT = "policy document"
    OTHER = "value"


class Fault(NamedTuple):
    """What is wrong with a value, without the place where it stands."""

    rule: str
    what: str
    got: str
    allowed: str


@dataclass(frozen=True)
class Text:
    """The characters and the length that AWS's service model allows for a value."""

    rule: str
    characters: str
    shortest: int
    longest: int
    pattern: str | None = None

    @property
    def allowed(self) -> str:
        """Say what is allowed."""
        length = (
            f"{self.shortest}"
            if self.shortest == self.longest
            else f"{self.shortest} to {self.longest}"
        )
        return f"{length} of [{self.characters}]"

    def fits(self, value: str) -> bool:
        """Tell whether AWS would take the value."""
        characters = self.pattern or f"[{self.characters}]*"
        fits = self.shortest <= len(value) <= self.longest
        return fits and re.fullmatch(characters, value) is not None


_NAME = (limits.NAME_CHARACTERS, 1, limits.MAX_NAME_LENGTH)
TEXTS: dict[Kind, Text] = {
    Kind.THING_NAME: Text("thing-name", *_NAME),
    Kind.THING_TYPE: Text("thing-type-name", *_NAME),
    Kind.THING_GROUP: Text("thing-group-name", *_NAME),
    Kind.BILLING_GROUP: Text("billing-group-name", *_NAME),
    Kind.POLICY_NAME: Text(
        "policy-name", limits.POLICY_NAME_CHARACTERS, 1, limits.MAX_POLICY_NAME_LENGTH
    ),
    Kind.ATTRIBUTE: Text(
        "attribute-value", limits.ATTRIBUTE_VALUE_CHARACTERS, 0, limits.MAX_ATTRIBUTE_VALUE_LENGTH
    ),
    Kind.CERTIFICATE_ID: Text(
        "certificate-id",
        limits.CERTIFICATE_ID_CHARACTERS,
        limits.CERTIFICATE_ID_LENGTH,
        limits.CERTIFICATE_ID_LENGTH,
        limits.CERTIFICATE_ID_PATTERN,
    ),
}
ATTRIBUTE_NAME = Text(
    "attribute-name", limits.ATTRIBUTE_NAME_CHARACTERS, 1, limits.MAX_ATTRIBUTE_NAME_LENGTH
)
# Kinds whose empty string AWS's own samples use to say "none".
OPTIONAL_NAMES = frozenset({Kind.THING_TYPE, Kind.THING_GROUP, Kind.BILLING_GROUP})
PEM_KINDS = frozenset({Kind.CSR, Kind.CERTIFICATE, Kind.CA_CERTIFICATE})
_STATUSES = ("ACTIVE", "INACTIVE")
_OLD_STATUSES = ("PENDING_ACTIVATION",)
_PRINCIPAL_TYPES = ("EXCLUSIVE_THING", "NON_EXCLUSIVE_THING")


def text_faults(kind: Kind, value: str) -> list[Fault]:
    """Say what is wrong with a value; certificates are looked at in `certificates`."""
    if kind in TEXTS:
        return _pattern_faults(kind, TEXTS[kind], value)
    if kind is Kind.STATUS:
        return _status_faults(value)
    if kind is Kind.PRINCIPAL_TYPE and value not in _PRINCIPAL_TYPES:
        return [_choice("thing-principal-type", kind, value, _PRINCIPAL_TYPES)]
    if kind is Kind.POLICY_DOCUMENT:
        return policy_document_faults(value)
    return []


def type_fault(value: object) -> Fault | None:
    """Say what is wrong with a JSON value that should be a string."""
    if isinstance(value, str):
        return None
    rule = "value-number" if isinstance(value, bool | int | float) else "value-type"
    return Fault(rule, "is not a string", shown(value), "a string")


def as_text(value: str | bool | int | float) -> str:
    """Give the text that a number would most likely be registered as."""
    return value if isinstance(value, str) else json.dumps(value)


def policy_document_faults(document: object) -> list[Fault]:
    """Say what is wrong with a policy document, given as an object or as JSON text."""
    text = document if isinstance(document, str) else json.dumps(document)
    try:
        statement = json.loads(text)
    except (ValueError, RecursionError):
        statement = None
    if not isinstance(statement, dict):
        allowed = "a JSON object with Version and Statement"
        return [Fault("policy-document-json", "is not a JSON object", shown(document), allowed)]
    faults = []
    length = len("".join(text.split()))
    if length > limits.MAX_POLICY_DOCUMENT_CHARACTERS:
        allowed = f"at most {limits.MAX_POLICY_DOCUMENT_CHARACTERS:,} without white space"
        got = f"{length:,} characters"
        faults.append(Fault("policy-document-length", "is too long", got, allowed))
    reference = next(references_in(statement), None)
    if reference is not None:
        what = "holds a reference that nobody replaces"
        allowed = "a policy variable such as ${iot:Connection.Thing.ThingName}"
        faults.append(Fault("policy-document-ref", what, shown(reference), allowed))
    return faults


def references_in(value: object) -> Iterator[dict[str, object]]:
    """Find every Ref and Fn::* within a JSON value, those within a Fn::* too."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if is_reference(one):
            yield one
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def is_reference(value: object) -> TypeGuard[dict[str, object]]:
    """Tell whether a JSON value is a Ref or an intrinsic function."""
    if not isinstance(value, dict) or len(value) != 1:
        return False
    key = str(next(iter(value)))
    return key == "Ref" or key.startswith("Fn:")


def _pattern_faults(kind: Kind, text: Text, value: str) -> list[Fault]:
    if text.fits(value):
        return []
    if value == "" and kind in OPTIONAL_NAMES:
        return [Fault("empty-name", f"is an empty {kind.value}", shown(value), text.allowed)]
    return [Fault(text.rule, f"is no {kind.value}", shown(value), text.allowed)]


def _status_faults(value: str) -> list[Fault]:
    if value in _STATUSES:
        return []
    if value.upper() in _STATUSES + _OLD_STATUSES:
        what, allowed = "is not as AWS documents it", ", ".join(_STATUSES)
        return [Fault("certificate-status-spelling", what, shown(value), allowed)]
    return [_choice("certificate-status", Kind.STATUS, value, _STATUSES)]


def _choice(rule: str, kind: Kind, value: str, allowed: tuple[str, ...]) -> Fault:
    return Fault(rule, f"is no {kind.value}", shown(value), ", ".join(allowed))
