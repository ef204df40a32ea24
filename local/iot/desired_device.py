"""What a template and one line of the input ask for, checked against the registry's limits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from local.faults.assumptions import DEFAULTS, Assumptions
from local.iot import limits
from local.iot.errors import registration_failure
from local.iot.policy_document import policy_document_violation
from local.iot.references import resolve_references
from local.iot.template import Resource, Template


@dataclass(frozen=True)
class DesiredThing:
    """The desired thing. None: the template does not specify it."""

    logical_id: str
    name: str
    attributes: Mapping[str, str] | None
    thing_type: str | None
    groups: tuple[str, ...] | None
    billing_group: str | None
    overrides: Mapping[str, str]


@dataclass(frozen=True)
class DesiredCertificate:
    """The desired certificate; one of `csr`, `certificate_id` and `pem` is given."""

    logical_id: str
    csr: str | None
    certificate_id: str | None
    pem: str | None
    ca_pem: str | None
    status: str
    principal_type: str
    overrides: Mapping[str, str]


@dataclass(frozen=True)
class DesiredPolicy:
    """The desired policy. Without a document it must exist already."""

    logical_id: str
    name: str
    document: str | None


@dataclass(frozen=True)
class DesiredDevice:
    """All that one line asks for."""

    thing: DesiredThing | None
    certificate: DesiredCertificate | None
    policies: tuple[DesiredPolicy, ...]


@dataclass(frozen=True)
class _Values:
    """The parameters' values; what refers to an omitted one is left out."""

    known: Mapping[str, str | None]
    omitted: frozenset[str]

    def properties(self, resource: Resource) -> dict[str, Any]:
        """Return a resource's properties with each reference resolved."""
        resolved: dict[str, Any] = resolve_references(
            dict(resource.properties), self.known, self.omitted
        )
        return resolved


def desired_device(
    template: Template, values: Mapping[str, str], assumed: Assumptions = DEFAULTS
) -> DesiredDevice:
    """Return the device that a template and the values of a line ask for.

    Raises:
        ServiceError: a value is missing, or a name, attribute or document breaks a limit.
    """
    known = _values(template, values, assumed)
    thing = [_thing(resource, known) for resource in template.of_type("AWS::IoT::Thing")]
    certificate = [_certificate(r, known) for r in template.of_type("AWS::IoT::Certificate")]
    policies = tuple(_policy(r, known) for r in template.of_type("AWS::IoT::Policy"))
    if len(policies) > limits.MAX_POLICIES_PER_CERTIFICATE:
        raise registration_failure(
            f"At most {limits.MAX_POLICIES_PER_CERTIFICATE} policies can be attached to a "
            f"certificate, got {len(policies)}"
        )
    return DesiredDevice(
        thing[0] if thing else None,
        certificate[0] if certificate else None,
        policies,
    )


def check_attributes(attributes: Mapping[str, str], thing_type: str | None) -> None:
    """Raise if attributes exceed the registry's limits.

    Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html
    """
    limit = limits.MAX_ATTRIBUTES_WITH_TYPE if thing_type else limits.MAX_ATTRIBUTES_WITHOUT_TYPE
    if len(attributes) > limit:
        raise registration_failure(
            f"Cannot have more than {limit} attributes for a thing "
            f"{'with' if thing_type else 'without'} a thing type, got {len(attributes)}"
        )
    for name, value in attributes.items():
        _check(name, "attributeName", limits.ATTRIBUTE_NAME)
        _check(value, f"attributePayload.attributes.{name}", limits.ATTRIBUTE_VALUE)
    size = sum(len(name.encode()) + len(value.encode()) for name, value in attributes.items())
    if size > limits.MAX_ATTRIBUTE_BYTES:
        raise registration_failure(
            f"The size of the attributes exceeds {limits.MAX_ATTRIBUTE_BYTES} bytes"
        )


def check_groups(groups: tuple[str, ...]) -> None:
    """Raise if there are more groups than a thing may be in."""
    if len(groups) > limits.MAX_GROUPS_PER_THING:
        raise registration_failure(
            f"A thing can be in at most {limits.MAX_GROUPS_PER_THING} groups, got {len(groups)}"
        )


def _values(template: Template, values: Mapping[str, str], assumed: Assumptions) -> _Values:
    unknown = sorted(set(values) - set(template.parameters))
    if unknown and assumed.unknown_key == "fails":
        raise registration_failure(f"Parameters {unknown} are not in the template")
    known = {**template.parameters, **values}
    empty = frozenset(name for name, value in known.items() if value == "")
    if empty and assumed.empty_value == "fails":
        raise registration_failure(f"Values of parameters {sorted(empty)} are empty")
    omitted = empty if assumed.empty_value == "omitted" else frozenset()
    if assumed.missing_value == "omitted":
        omitted |= {name for name, value in known.items() if value is None}
    return _Values(known, omitted)


def _thing(resource: Resource, values: _Values) -> DesiredThing:
    properties = values.properties(resource)
    name = _check(properties.get("ThingName", ""), "thingName", limits.RESOURCE_NAME)
    thing_type = properties.get("ThingTypeName") or None
    if thing_type:
        _check(thing_type, "thingTypeName", limits.RESOURCE_NAME)
    billing_group = properties.get("BillingGroup") or None
    if billing_group:
        _check(billing_group, "billingGroupName", limits.RESOURCE_NAME)
    groups = None
    if "ThingGroups" in properties:
        groups = tuple(dict.fromkeys(properties["ThingGroups"]))
        for group in groups:
            _check(group, "thingGroupName", limits.RESOURCE_NAME)
        check_groups(groups)
    attributes = properties.get("AttributePayload")
    if attributes is not None:
        check_attributes(attributes, thing_type)
    return DesiredThing(
        resource.logical_id,
        name,
        MappingProxyType(attributes) if attributes is not None else None,
        thing_type,
        groups,
        billing_group,
        resource.override_settings,
    )


def _certificate(resource: Resource, values: _Values) -> DesiredCertificate:
    properties = values.properties(resource)
    status = str(properties.get("Status", "ACTIVE")).upper()
    if status not in ("ACTIVE", "INACTIVE"):
        raise registration_failure(f"Certificate status must be ACTIVE or INACTIVE, got {status}")
    return DesiredCertificate(
        resource.logical_id,
        csr=properties.get("CertificateSigningRequest"),
        certificate_id=properties.get("CertificateId"),
        pem=properties.get("CertificatePem"),
        ca_pem=properties.get("CACertificatePem"),
        status=status,
        principal_type=properties.get("ThingPrincipalType", "NON_EXCLUSIVE_THING"),
        overrides=resource.override_settings,
    )


def _policy(resource: Resource, values: _Values) -> DesiredPolicy:
    properties = values.properties(resource)
    document = properties.get("PolicyDocument")
    if document is None:
        name = _check(properties.get("PolicyName", ""), "policyName", limits.POLICY_NAME)
        return DesiredPolicy(resource.logical_id, name, None)
    violation = policy_document_violation(document)
    if violation:
        raise registration_failure(violation)
    # "PolicyName: Defaults to a hash of the policy document"; which hash is not documented.
    name = hashlib.sha256(document.encode()).hexdigest()
    return DesiredPolicy(resource.logical_id, name, document)


def _check(value: str, where: str, limit: limits.StringLimit) -> str:
    violation = limit.violation(value, where)
    if violation:
        raise registration_failure(f"1 validation error detected: {violation}")
    return value
