"""The rules for a value, wherever it is: in the template, as a Default, on a line."""

from __future__ import annotations

import json
from collections.abc import Callable

from thing_registration import limits
from thing_registration.checks.findings import Fault
from thing_registration.checks.policy_elements import policy_document_faults
from thing_registration.checks.quoting import shown
from thing_registration.checks.rules.resources import (
    CERTIFICATE_STATUS,
    CERTIFICATE_STATUS_SPELLING,
    THING_PRINCIPAL_TYPE,
)
from thing_registration.checks.rules.rule import API, SAMPLE, Rule
from thing_registration.checks.value_kinds import (
    ATTRIBUTE_VALUE,
    CERTIFICATE_ID,
    NAME,
    OPTIONAL_NAMES,
    POLICY_NAME,
    CharacterLimits,
    Kind,
)

_REGISTER = f"{API}/API_RegisterThing.html"


def value_faults(kind: Kind, value: str) -> list[Fault]:
    """Return what is wrong with a value of a kind, PEMs aside: see `certificates`."""
    if kind in OPTIONAL_NAMES and value == "":
        return [EMPTY_NAME.fault(got=shown(value), kind=kind.value)]
    if kind is Kind.POLICY_DOCUMENT:
        return policy_document_faults(value)
    return [fault for rule in _RULES_BY_KIND.get(kind, ()) for fault in rule.faults(value)]


def type_faults(value: object) -> list[Fault]:
    """Return what is wrong with a JSON value that should be a string."""
    return [*VALUE_TYPE.faults(value), *VALUE_NUMBER.faults(value)]


def as_text(value: str | bool | int | float) -> str:
    """Return the text that AWS most likely registers for a number."""
    return value if isinstance(value, str) else json.dumps(value)


def _outside(character_limits: CharacterLimits) -> Callable[[str], str | None]:
    """Return a check that shows a value outside the limits."""
    return lambda value: None if character_limits.fits(value) else shown(value)


def _name_rule(id_: str, noun: str, page: str, parameter: str, bad: str) -> Rule:
    """Return the rule for one of the four names that share their limits."""
    return Rule(
        id=id_,
        severity="error",
        sentence=f"a {noun} matches AWS's pattern",
        page=f"{API}/{page}.html",
        message=f"invalid {noun} {{got}}: must be {{allowed}}",
        allowed=NAME.allowed,
        check=_outside(NAME),
        example=f'devices.jsonl:1: {parameter}: invalid {noun} "{bad}": '
        "must be 1–128 characters of [a-zA-Z0-9:_-]",
    )


THING_NAME = _name_rule(
    id_="thing-name",
    noun="thing name",
    page="API_CreateThing",
    parameter="ThingName",
    bad="air sensor",
)
THING_TYPE_NAME = _name_rule(
    id_="thing-type-name",
    noun="thing type name",
    page="API_CreateThingType",
    parameter="Type",
    bad="a b",
)
THING_GROUP_NAME = _name_rule(
    id_="thing-group-name",
    noun="thing group name",
    page="API_CreateThingGroup",
    parameter="Group",
    bad="a/b",
)
BILLING_GROUP_NAME = _name_rule(
    id_="billing-group-name",
    noun="billing group name",
    page="API_CreateBillingGroup",
    parameter="Billing",
    bad="a.b",
)
EMPTY_NAME = Rule(
    id="empty-name",
    severity="warning",
    sentence="a thing type, group or billing group is not the empty string; AWS's own sample "
    "leaves things ungrouped with it",
    page=SAMPLE,
    message="the {kind} is {got}: should be {allowed}",
    allowed=NAME.allowed,
    example='devices.jsonl:1: Group: the thing group name is "": '
    "should be 1–128 characters of [a-zA-Z0-9:_-]",
)
POLICY_NAME_PATTERN = Rule(
    id="policy-name",
    severity="error",
    sentence="a policy name matches AWS's pattern",
    page=f"{API}/API_CreatePolicy.html",
    message="invalid policy name {got}: must be {allowed}",
    allowed=POLICY_NAME.allowed,
    check=_outside(POLICY_NAME),
    example='devices.jsonl:1: Policy: invalid policy name "a b": '
    "must be 1–128 characters of [a-zA-Z0-9_+=,.@-]",
)
ATTRIBUTE_VALUE_PATTERN = Rule(
    id="attribute-value",
    severity="error",
    sentence="an attribute's value matches AWS's pattern: no spaces",
    page=f"{API}/API_AttributePayload.html",
    message="invalid attribute value {got}: must be {allowed}",
    allowed=ATTRIBUTE_VALUE.allowed,
    check=_outside(ATTRIBUTE_VALUE),
    example='devices.jsonl:1: Place: invalid attribute value "New York": '
    r"must be 0–800 characters of [a-zA-Z0-9_.,@/:#=\[\]-]",
)
CERTIFICATE_ID_PATTERN = Rule(
    id="certificate-id",
    severity="error",
    sentence="a certificate ID has 64 hexadecimal digits",
    page=f"{API}/API_DescribeCertificate.html",
    message="invalid certificate ID {got}: must be {allowed}",
    allowed=CERTIFICATE_ID.allowed,
    check=_outside(CERTIFICATE_ID),
    example='devices.jsonl:1: CertificateId: invalid certificate ID "abc": '
    "must be 64 characters of [a-fA-F0-9]",
)
VALUE_TYPE = Rule(
    id="value-type",
    severity="error",
    sentence="a value is not null, a list or an object",
    page=_REGISTER,
    message="is {got}: must be {allowed}",
    allowed="a string",
    check=lambda value: None if isinstance(value, str | int | float) else shown(value),
    example="devices.jsonl:1: SerialNumber: is null: must be a string",
)
VALUE_NUMBER = Rule(
    id="value-number",
    severity="warning",
    sentence="a value is a string; public projects register numbers, AWS documents strings",
    page=_REGISTER,
    message="is {got}: should be {allowed}",
    allowed="a string",
    check=lambda value: shown(value) if isinstance(value, int | float) else None,
    example="devices.jsonl:1: SerialNumber: is 7: should be a string",
)
VALUE_LENGTH = Rule(
    id="value-length",
    severity="warning",
    sentence="a value has at most 4,096 characters, RegisterThing's limit; whether bulk "
    "registration shares it is not documented",
    page=_REGISTER,
    message="has {got}: RegisterThing accepts {allowed}",
    allowed=f"at most {limits.MAX_PARAMETER_VALUE_LENGTH:,}",
    check=lambda text: (
        f"{len(text):,} characters" if len(text) > limits.MAX_PARAMETER_VALUE_LENGTH else None
    ),
    example="devices.jsonl:1: Note: has 4,097 characters: RegisterThing accepts at most 4,096",
)
PRIVATE_KEY = Rule(
    id="private-key",
    severity="error",
    sentence="no value has a private key, whether it is used or not: the file is stored in S3, and "
    "AWS IoT reads it",
    page=None,
    message="has a private key, which would be stored in S3: {allowed}",
    allowed="remove it, the device alone may have it",
    example="devices.jsonl:1: Key: has a private key, which would be stored in S3: "
    "remove it, the device alone may have it",
)
VALUE_RULES = (
    PRIVATE_KEY,
    THING_NAME,
    THING_TYPE_NAME,
    THING_GROUP_NAME,
    BILLING_GROUP_NAME,
    EMPTY_NAME,
    POLICY_NAME_PATTERN,
    ATTRIBUTE_VALUE_PATTERN,
    CERTIFICATE_ID_PATTERN,
    VALUE_TYPE,
    VALUE_NUMBER,
    VALUE_LENGTH,
)
_RULES_BY_KIND: dict[Kind, tuple[Rule, ...]] = {
    Kind.THING_NAME: (THING_NAME,),
    Kind.THING_TYPE: (THING_TYPE_NAME,),
    Kind.THING_GROUP: (THING_GROUP_NAME,),
    Kind.BILLING_GROUP: (BILLING_GROUP_NAME,),
    Kind.POLICY_NAME: (POLICY_NAME_PATTERN,),
    Kind.ATTRIBUTE: (ATTRIBUTE_VALUE_PATTERN,),
    Kind.CERTIFICATE_ID: (CERTIFICATE_ID_PATTERN,),
    Kind.STATUS: (CERTIFICATE_STATUS, CERTIFICATE_STATUS_SPELLING),
    Kind.PRINCIPAL_TYPE: (THING_PRINCIPAL_TYPE,),
}
