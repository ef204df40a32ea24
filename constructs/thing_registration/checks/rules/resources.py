"""The rules for the resources of a provisioning template."""

from __future__ import annotations

from collections.abc import Callable

from thing_registration import limits
from thing_registration.checks.quoting import choice, field_names, shown
from thing_registration.checks.rules.rule import API, QUOTAS, TEMPLATE_PAGE, Rule
from thing_registration.checks.value_kinds import (
    ATTRIBUTE_NAME,
    CERTIFICATE_STATUSES,
    PRINCIPAL_TYPES,
)

# AWS accepted this status in older pages, and `Active` in its fleet examples.
_OLD_STATUSES = ("PENDING_ACTIVATION",)


def _more_than(most: int) -> Callable[[list[object]], str | None]:
    """Return a check that gets the number of things in a collection that has too many."""
    return lambda collection: str(len(collection)) if len(collection) > most else None


def _certificate_methods(given: list[str]) -> str | None:
    if len(given) == 1:
        return None
    return f"the certificate by {' and '.join(given)}" if given else "no certificate"


RESOURCE_TYPE = Rule(
    id="resource-type",
    severity="error",
    sentence="a resource is a thing, a certificate or a policy",
    page=TEMPLATE_PAGE,
    message="is {got}: must be {allowed}",
    allowed="AWS::IoT::Certificate, AWS::IoT::Policy or AWS::IoT::Thing",
    example='template.json: Resources.group.Type: is "AWS::IoT::ThingGroup": '
    "must be AWS::IoT::Certificate, AWS::IoT::Policy or AWS::IoT::Thing",
)
RESOURCE_COUNT = Rule(
    id="resource-count",
    severity="warning",
    sentence="the template has one thing and at most one certificate",
    page=TEMPLATE_PAGE,
    message="has {got}: should have {allowed}",
    example="template.json: Resources: has 0 resources of type AWS::IoT::Thing: "
    "should have exactly 1",
)
THING_NAME_GIVEN = Rule(
    id="thing-name-given",
    severity="warning",
    sentence="the thing has a ThingName: only AWS's oldest example has none",
    page=TEMPLATE_PAGE,
    message="has {got}: the thing should have {allowed}",
    allowed="a ThingName",
    check=lambda properties: (
        None
        if "ThingName" in properties
        else f"only {field_names(properties)}"
        if properties
        else "no properties"
    ),
    example="template.json: Resources.thing.Properties: "
    "has only AttributePayload: the thing should have a ThingName",
)
CSR_THING_NAME = Rule(
    id="csr-thing-name",
    severity="error",
    sentence="the ThingName of a template with a CSR is one Ref to a parameter: AWS is asked by "
    "this name whether the device has a certificate for its key, before it would make another",
    page=f"{API}/API_CreateCertificateFromCsr.html",
    message="is {got}: a template with a CertificateSigningRequest must have {allowed}; without "
    "it, AWS cannot be asked for the certificate of a device, and would make another one for the "
    "same key",
    allowed='a ThingName that is one Ref to a parameter, such as {"Ref": "ThingName"}',
    example='template.json: Resources.thing.Properties.ThingName: is "a": a template with a '
    "CertificateSigningRequest must have a ThingName that is one Ref to a parameter, such as "
    '{"Ref": "ThingName"}; without it, AWS cannot be asked for the certificate of a device, and '
    "would make another one for the same key",
)
ATTRIBUTE_COUNT = Rule(
    id="attribute-count",
    severity="error",
    sentence="a thing without a thing type has at most 3 attributes",
    page=QUOTAS,
    message="has {got} attributes: a thing without a thing type may have {allowed}",
    allowed=f"at most {limits.MAX_ATTRIBUTES_WITHOUT_THING_TYPE}",
    check=_more_than(limits.MAX_ATTRIBUTES_WITHOUT_THING_TYPE),
    example="template.json: Resources.thing.Properties.AttributePayload: has 4 attributes: "
    "a thing without a thing type may have at most 3",
)
ATTRIBUTE_QUOTA = Rule(
    id="attribute-quota",
    severity="warning",
    sentence="a thing with a thing type has at most 50 attributes; AWS raises it on request",
    page=QUOTAS,
    message="has {got} attributes: a thing may have {allowed}",
    allowed=f"at most {limits.MAX_ATTRIBUTES_WITH_THING_TYPE}, unless AWS has raised your quota",
    check=_more_than(limits.MAX_ATTRIBUTES_WITH_THING_TYPE),
    example="template.json: Resources.thing.Properties.AttributePayload: has 51 attributes: "
    "a thing may have at most 50, unless AWS has raised your quota",
)
ATTRIBUTE_NAME_PATTERN = Rule(
    id="attribute-name",
    severity="error",
    sentence="an attribute's name matches AWS's pattern",
    page=f"{API}/API_AttributePayload.html",
    message="invalid attribute name {got}: must be {allowed}",
    allowed=ATTRIBUTE_NAME.allowed,
    check=lambda name: None if ATTRIBUTE_NAME.fits(name) else shown(name),
    example="template.json: Resources.thing.Properties.AttributePayload: "
    'invalid attribute name "serial number": must be 1–128 characters of [a-zA-Z0-9_.,@/:#-]',
)
THING_GROUP_COUNT = Rule(
    id="thing-group-count",
    severity="error",
    sentence="a thing is in at most 10 groups",
    page=QUOTAS,
    message="has {got} groups: a thing may be in {allowed}",
    allowed=f"at most {limits.MAX_THING_GROUPS}",
    check=_more_than(limits.MAX_THING_GROUPS),
    example="template.json: Resources.thing.Properties.ThingGroups: has 11 groups: "
    "a thing may be in at most 10",
)
CERTIFICATE_METHOD = Rule(
    id="certificate-method",
    severity="error",
    sentence="a certificate is specified in exactly one way",
    page=TEMPLATE_PAGE,
    message="specifies {got}: must have {allowed}",
    allowed="exactly one of CertificateId, CertificatePem, CertificateSigningRequest",
    check=_certificate_methods,
    example="template.json: Resources.certificate.Properties: specifies the certificate by "
    "CertificateId and CertificateSigningRequest: must have exactly one of "
    "CertificateId, CertificatePem, CertificateSigningRequest",
)
CERTIFICATE_STATUS = Rule(
    id="certificate-status",
    severity="error",
    sentence="a certificate's Status is ACTIVE or INACTIVE",
    page=TEMPLATE_PAGE,
    message="invalid certificate status {got}: must be {allowed}",
    allowed=choice(CERTIFICATE_STATUSES),
    check=lambda status: (
        None if status.upper() in CERTIFICATE_STATUSES + _OLD_STATUSES else shown(status)
    ),
    example="template.json: Resources.certificate.Properties.Status: "
    'invalid certificate status "ON": must be ACTIVE or INACTIVE',
)
CERTIFICATE_STATUS_SPELLING = Rule(
    id="certificate-status-spelling",
    severity="warning",
    sentence="Status is written in capitals; AWS's fleet examples have `Active`, older pages "
    "PENDING_ACTIVATION",
    page=TEMPLATE_PAGE,
    message="the certificate status {got} is not documented: should be {allowed}",
    allowed=choice(CERTIFICATE_STATUSES),
    check=lambda status: (
        shown(status)
        if status not in CERTIFICATE_STATUSES
        and status.upper() in CERTIFICATE_STATUSES + _OLD_STATUSES
        else None
    ),
    example="template.json: Resources.certificate.Properties.Status: "
    'the certificate status "Active" is not documented: should be ACTIVE or INACTIVE',
)
THING_PRINCIPAL_TYPE = Rule(
    id="thing-principal-type",
    severity="error",
    sentence="ThingPrincipalType is EXCLUSIVE_THING or NON_EXCLUSIVE_THING",
    page=TEMPLATE_PAGE,
    message="invalid thing principal type {got}: must be {allowed}",
    allowed=choice(PRINCIPAL_TYPES),
    check=lambda kind: None if kind in PRINCIPAL_TYPES else shown(kind),
    example="template.json: Resources.certificate.Properties.ThingPrincipalType: invalid thing "
    'principal type "SHARED": must be EXCLUSIVE_THING or NON_EXCLUSIVE_THING',
)
OVERRIDE_VALUE = Rule(
    id="override-value",
    severity="error",
    sentence="an override setting is DO_NOTHING, REPLACE or FAIL; for groups and attributes also "
    "MERGE",
    page=TEMPLATE_PAGE,
    message="invalid override setting {got}: must be {allowed}",
    example="template.json: Resources.thing.OverrideSettings.ThingTypeName: "
    'invalid override setting "MERGE": must be DO_NOTHING, FAIL or REPLACE',
)
RESOURCE_RULES = (
    RESOURCE_TYPE,
    RESOURCE_COUNT,
    THING_NAME_GIVEN,
    CSR_THING_NAME,
    ATTRIBUTE_COUNT,
    ATTRIBUTE_QUOTA,
    ATTRIBUTE_NAME_PATTERN,
    THING_GROUP_COUNT,
    CERTIFICATE_METHOD,
    CERTIFICATE_STATUS,
    CERTIFICATE_STATUS_SPELLING,
    THING_PRINCIPAL_TYPE,
    OVERRIDE_VALUE,
)
