"""What one line of the input asks for: the template with the line's values, checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from local.iot import model
from local.iot.errors import registration_failure
from local.iot.template import Resource, Template
from local.iot.template_resources import policy_document_violation


@dataclass(frozen=True)
class ThingPlan:
    """The wanted thing. None: the template does not say."""

    logical_id: str
    name: str
    attributes: Mapping[str, str] | None
    thing_type: str | None
    groups: tuple[str, ...] | None
    billing_group: str | None
    overrides: Mapping[str, str]


@dataclass(frozen=True)
class CertificatePlan:
    """The wanted certificate; one of `csr`, `certificate_id` and `pem` is given."""

    logical_id: str
    csr: str | None
    certificate_id: str | None
    pem: str | None
    ca_pem: str | None
    status: str
    principal_type: str
    overrides: Mapping[str, str]


@dataclass(frozen=True)
class PolicyPlan:
    """The wanted policy. Without a document it must exist."""

    logical_id: str
    name: str
    document: str | None


@dataclass(frozen=True)
class Plan:
    """All that one device needs."""

    thing: ThingPlan | None
    certificate: CertificatePlan | None
    policies: tuple[PolicyPlan, ...]


def line_values(line: bytes) -> dict[str, str]:
    """The parameter values of one input line.

    Raises:
        ServiceError: the line is too long, not UTF-8, or not a JSON object of strings.
    Source: https://docs.aws.amazon.com/iot/latest/developerguide/bulk-provisioning.html
    """
    if len(line) > model.MAX_LINE_BYTES:
        raise registration_failure(
            f"Line length exceeds the maximum of {model.MAX_LINE_BYTES} bytes"
        )
    try:
        values = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise registration_failure(f"Input line is not well-formed JSON. ({error})") from None
    if not isinstance(values, dict):
        raise registration_failure("Input line must be a JSON object")
    for name, value in values.items():
        if not isinstance(value, str):
            raise registration_failure(f"Value of parameter {name} must be a string")
        if any("\ud800" <= character <= "\udfff" for character in name + value):
            raise registration_failure(f"Parameter {name!a} holds half a surrogate pair")
        if len(value) > model.MAX_PARAMETER_CHARS:
            raise registration_failure(
                f"Value of parameter {name} must have length less than or equal to "
                f"{model.MAX_PARAMETER_CHARS}"
            )
    return values


def plan(template: Template, values: Mapping[str, str]) -> Plan:
    """The template with the values in place of its `Ref`s.

    Raises:
        ServiceError: a value is missing, or a name, attribute or document breaks a limit.
    """
    known = {**template.parameters, **values}
    thing = [_thing(resource, known) for resource in template.of_type("AWS::IoT::Thing")]
    certificate = [_certificate(r, known) for r in template.of_type("AWS::IoT::Certificate")]
    policies = tuple(_policy(r, known) for r in template.of_type("AWS::IoT::Policy"))
    if len(policies) > model.MAX_POLICIES_PER_CERTIFICATE:
        raise registration_failure(
            f"At most {model.MAX_POLICIES_PER_CERTIFICATE} policies can be attached to a "
            f"certificate, got {len(policies)}"
        )
    return Plan(
        thing[0] if thing else None,
        certificate[0] if certificate else None,
        policies,
    )


def check_attributes(attributes: Mapping[str, str], thing_type: str | None) -> None:
    """Refuse attributes beyond the registry's limits.

    Source: https://docs.aws.amazon.com/general/latest/gr/iot-core.html
    """
    limit = model.MAX_ATTRIBUTES_WITH_TYPE if thing_type else model.MAX_ATTRIBUTES_WITHOUT_TYPE
    if len(attributes) > limit:
        raise registration_failure(
            f"Cannot have more than {limit} attributes for a thing "
            f"{'with' if thing_type else 'without'} a thing type, got {len(attributes)}"
        )
    for name, value in attributes.items():
        _check(name, "attributeName", model.ATTRIBUTE_NAME)
        _check(value, f"attributePayload.attributes.{name}", model.ATTRIBUTE_VALUE)
    size = sum(len(name.encode()) + len(value.encode()) for name, value in attributes.items())
    if size > model.MAX_ATTRIBUTE_BYTES:
        raise registration_failure(
            f"The size of the attributes exceeds {model.MAX_ATTRIBUTE_BYTES} bytes"
        )


def check_groups(groups: tuple[str, ...]) -> None:
    """Refuse more groups than a thing may be in."""
    if len(groups) > model.MAX_GROUPS_PER_THING:
        raise registration_failure(
            f"A thing can be in at most {model.MAX_GROUPS_PER_THING} groups, got {len(groups)}"
        )


def _thing(resource: Resource, values: Mapping[str, str | None]) -> ThingPlan:
    properties = _resolve(dict(resource.properties), values)
    name = _check(properties["ThingName"], "thingName", model.RESOURCE_NAME)
    thing_type = properties.get("ThingTypeName") or None
    if thing_type:
        _check(thing_type, "thingTypeName", model.RESOURCE_NAME)
    billing_group = properties.get("BillingGroup") or None
    if billing_group:
        _check(billing_group, "billingGroupName", model.RESOURCE_NAME)
    groups = None
    if "ThingGroups" in properties:
        groups = tuple(dict.fromkeys(properties["ThingGroups"]))
        for group in groups:
            _check(group, "thingGroupName", model.RESOURCE_NAME)
        check_groups(groups)
    attributes = properties.get("AttributePayload")
    if attributes is not None:
        check_attributes(attributes, thing_type)
    return ThingPlan(
        resource.logical_id,
        name,
        MappingProxyType(attributes) if attributes is not None else None,
        thing_type,
        groups,
        billing_group,
        resource.override_settings,
    )


def _certificate(resource: Resource, values: Mapping[str, str | None]) -> CertificatePlan:
    properties = _resolve(dict(resource.properties), values)
    status = str(properties.get("Status", "ACTIVE")).upper()
    if status not in ("ACTIVE", "INACTIVE"):
        raise registration_failure(f"Certificate status must be ACTIVE or INACTIVE, got {status}")
    return CertificatePlan(
        resource.logical_id,
        csr=properties.get("CertificateSigningRequest"),
        certificate_id=properties.get("CertificateId"),
        pem=properties.get("CertificatePem"),
        ca_pem=properties.get("CACertificatePem"),
        status=status,
        principal_type=properties.get("ThingPrincipalType", "NON_EXCLUSIVE_THING"),
        overrides=resource.override_settings,
    )


def _policy(resource: Resource, values: Mapping[str, str | None]) -> PolicyPlan:
    properties = _resolve(dict(resource.properties), values)
    document = properties.get("PolicyDocument")
    if document is None:
        name = _check(properties["PolicyName"], "policyName", model.POLICY_NAME)
        return PolicyPlan(resource.logical_id, name, None)
    violation = policy_document_violation(document)
    if violation:
        raise registration_failure(violation)
    # "PolicyName: Defaults to a hash of the policy document"; which hash is not documented.
    name = hashlib.sha256(document.encode()).hexdigest()
    return PolicyPlan(resource.logical_id, name, document)


def _resolve(value: Any, values: Mapping[str, str | None]) -> Any:
    if isinstance(value, list):
        return [_resolve(item, values) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        found = values.get(value["Ref"])
        if found is None:
            raise registration_failure(f"Cannot resolve reference value: {value['Ref']}")
        return found
    return {name: _resolve(item, values) for name, item in value.items()}


def _check(value: str, where: str, limit: model.Text) -> str:
    violation = limit.violation(value, where)
    if violation:
        raise registration_failure(f"1 validation error detected: {violation}")
    return value
