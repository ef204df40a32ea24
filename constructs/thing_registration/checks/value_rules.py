"""The rules for a value, wherever it stands: in the template, as a Default, in a line."""

from __future__ import annotations

from thing_registration.checks.rule import Rule

_API = "https://docs.aws.amazon.com/iot/latest/apireference"
_REGISTER = f"{_API}/API_RegisterThing.html"
_SAMPLE = "https://github.com/aws-samples/aws-iot-core-device-provisioning-deep-dive"

VALUE_RULES = (
    # Values, in the template, as a Default, or in a line.
    Rule(
        "thing-name",
        "error",
        "a thing name fits AWS's pattern",
        f"{_API}/API_CreateThing.html",
        'devices.jsonl:1: ThingName: is no thing name, got "sensor 1", '
        "allowed 1 to 128 of [a-zA-Z0-9:_-]",
    ),
    Rule(
        "thing-type-name",
        "error",
        "a thing type name fits AWS's pattern",
        f"{_API}/API_CreateThingType.html",
        'devices.jsonl:1: Type: is no thing type name, got "a b", '
        "allowed 1 to 128 of [a-zA-Z0-9:_-]",
    ),
    Rule(
        "thing-group-name",
        "error",
        "a thing group name fits AWS's pattern",
        f"{_API}/API_CreateThingGroup.html",
        'devices.jsonl:1: Group: is no thing group name, got "a/b", '
        "allowed 1 to 128 of [a-zA-Z0-9:_-]",
    ),
    Rule(
        "billing-group-name",
        "error",
        "a billing group name fits AWS's pattern",
        f"{_API}/API_CreateBillingGroup.html",
        'devices.jsonl:1: Billing: is no billing group name, got "a.b", '
        "allowed 1 to 128 of [a-zA-Z0-9:_-]",
    ),
    Rule(
        "empty-name",
        "warning",
        "a thing type, group or billing group is not the empty string; AWS's own sample leaves "
        "things ungrouped with it",
        _SAMPLE,
        'devices.jsonl:1: Group: is an empty thing group name, got "", '
        "allowed 1 to 128 of [a-zA-Z0-9:_-]",
    ),
    Rule(
        "policy-name",
        "error",
        "a policy name fits AWS's pattern",
        f"{_API}/API_CreatePolicy.html",
        'devices.jsonl:1: Policy: is no policy name, got "a b", '
        "allowed 1 to 128 of [a-zA-Z0-9_+=,.@-]",
    ),
    Rule(
        "attribute-value",
        "error",
        "an attribute's value fits AWS's pattern: no spaces",
        f"{_API}/API_AttributePayload.html",
        'devices.jsonl:1: Place: is no attribute value, got "New York", '
        r"allowed 0 to 800 of [a-zA-Z0-9_.,@/:#=\[\]-]",
    ),
    Rule(
        "certificate-id",
        "error",
        "a certificate id has 64 hexadecimal digits",
        f"{_API}/API_DescribeCertificate.html",
        'devices.jsonl:1: CertificateId: is no certificate id, got "abc", '
        "allowed 64 of [a-fA-F0-9]",
    ),
    Rule(
        "value-type",
        "error",
        "a value is not null, a list or an object",
        _REGISTER,
        "devices.jsonl:1: SerialNumber: is not a string, got null, allowed a string",
    ),
    Rule(
        "value-number",
        "warning",
        "a value is a string; public projects register numbers, AWS documents strings",
        _REGISTER,
        "devices.jsonl:1: SerialNumber: is not a string, got 7, allowed a string",
    ),
    Rule(
        "value-length",
        "warning",
        "a value has at most 4,096 characters, RegisterThing's limit; whether bulk registration "
        "shares it is not documented",
        _REGISTER,
        "devices.jsonl:1: Note: is longer than RegisterThing takes, got 4,097 characters, "
        "allowed at most 4,096",
    ),
)
