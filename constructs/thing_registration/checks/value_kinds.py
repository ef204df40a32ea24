"""What values become on AWS: a thing name, an attribute, a policy's name, …, and their limits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from thing_registration import limits
from thing_registration.choices import CertificateStatus, ThingPrincipalType


class Kind(str, Enum):
    """What a value becomes on AWS."""

    THING_NAME = "thing name"
    THING_TYPE = "thing type name"
    THING_GROUP = "thing group name"
    BILLING_GROUP = "billing group name"
    POLICY_NAME = "policy name"
    ATTRIBUTE = "attribute value"
    CERTIFICATE_ID = "certificate ID"
    CSR = "certificate signing request"
    CERTIFICATE = "certificate"
    CA_CERTIFICATE = "CA certificate"
    STATUS = "certificate status"
    PRINCIPAL_TYPE = "thing principal type"
    POLICY_DOCUMENT = "policy document"
    OTHER = "value"


@dataclass(frozen=True)
class CharacterLimits:
    """The characters and the length that AWS's service model allows for a value."""

    characters: str
    shortest: int
    longest: int
    pattern: str | None = None

    @property
    def allowed(self) -> str:
        """What is allowed, for a message."""
        lengths = dict.fromkeys((str(self.shortest), str(self.longest)))
        return f"{'–'.join(lengths)} characters of [{self.characters}]"

    def fits(self, value: str) -> bool:
        """Return whether AWS accepts the value."""
        characters = self.pattern or f"[{self.characters}]*"
        fits = self.shortest <= len(value) <= self.longest
        return fits and re.fullmatch(characters, value) is not None


NAME = CharacterLimits(limits.NAME_CHARACTERS, 1, limits.MAX_NAME_LENGTH)
POLICY_NAME = CharacterLimits(limits.POLICY_NAME_CHARACTERS, 1, limits.MAX_POLICY_NAME_LENGTH)
ATTRIBUTE_NAME = CharacterLimits(
    limits.ATTRIBUTE_NAME_CHARACTERS, 1, limits.MAX_ATTRIBUTE_NAME_LENGTH
)
ATTRIBUTE_VALUE = CharacterLimits(
    limits.ATTRIBUTE_VALUE_CHARACTERS, 0, limits.MAX_ATTRIBUTE_VALUE_LENGTH
)
CERTIFICATE_ID = CharacterLimits(
    limits.CERTIFICATE_ID_CHARACTERS,
    limits.CERTIFICATE_ID_LENGTH,
    limits.CERTIFICATE_ID_LENGTH,
    limits.CERTIFICATE_ID_PATTERN,
)
CHARACTER_LIMITS: dict[Kind, CharacterLimits] = {
    Kind.THING_NAME: NAME,
    Kind.THING_TYPE: NAME,
    Kind.THING_GROUP: NAME,
    Kind.BILLING_GROUP: NAME,
    Kind.POLICY_NAME: POLICY_NAME,
    Kind.ATTRIBUTE: ATTRIBUTE_VALUE,
    Kind.CERTIFICATE_ID: CERTIFICATE_ID,
}
CERTIFICATE_STATUSES = tuple(status.value for status in CertificateStatus)
PRINCIPAL_TYPES = tuple(kind.value for kind in ThingPrincipalType)

# Kinds whose empty string means "none" in AWS's own samples.
OPTIONAL_NAMES = frozenset({Kind.THING_TYPE, Kind.THING_GROUP, Kind.BILLING_GROUP})
PEM_KINDS = frozenset({Kind.CSR, Kind.CERTIFICATE, Kind.CA_CERTIFICATE})
# Kinds that have a device's own public key in them.
UNIQUE_KEYS = frozenset({Kind.CSR, Kind.CERTIFICATE})
# Kinds whose values must exist in the account before a task starts.
PREREQUISITE_KINDS = (Kind.THING_TYPE, Kind.THING_GROUP, Kind.BILLING_GROUP, Kind.POLICY_NAME)
