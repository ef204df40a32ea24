"""The registration of one device: its thing, certificate and policies in the registry.

A task's line and RegisterThing both end here. What a device needs (thing type, groups, billing
group, named policies) is looked up first, so that a line which lacks one of them makes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from local.faults.assumptions import DEFAULTS, Assumptions
from local.iot import override_settings
from local.iot.desired_device import (
    DesiredCertificate,
    DesiredDevice,
    DesiredPolicy,
    DesiredThing,
)
from local.iot.errors import ServiceError, registration_failure
from local.iot.registry import Registry

_FOUND_MESSAGES = {
    "thing-types": "Thing type not found.",
    "thing-groups": "Thing group {name} not found.",
    "billing-groups": "Billing group {name} not found.",
    "policies": "Policy default version not found",
}


@dataclass(frozen=True)
class Registration:
    """What exists now: the certificate, and ARNs by the template's logical ids."""

    certificate_pem: str | None
    resource_arns: Mapping[str, str]


def _go_on(stage: str) -> None:
    """Let a registration continue."""


async def register(
    registry: Registry,
    desired: DesiredDevice,
    assumed: Assumptions = DEFAULTS,
    reached: Callable[[str], None] = _go_on,
) -> Registration:
    """Make or update everything that a device needs and return its ARNs.

    `reached` is called at each of the stages that a line fault can follow, and may raise.

    Raises:
        ServiceError: something is missing, in conflict with the template, or not allowed.
    """
    if assumed.prerequisites_first:
        await _check_prerequisites(registry, _of_thing(desired) + _of_policies(desired))
    arns: dict[str, str] = {}
    if desired.thing is not None:
        await _check_prerequisites(registry, _of_thing(desired))
        arns[desired.thing.logical_id] = await _thing(registry, desired.thing, assumed)
        reached("thing")
    pem = certificate_arn = None
    if desired.certificate is not None:
        certificate_arn, pem = await _certificate(registry, desired, desired.certificate, assumed)
        arns[desired.certificate.logical_id] = certificate_arn
        reached("certificate")
    await _check_prerequisites(registry, _of_policies(desired))
    for policy in desired.policies:
        arns[policy.logical_id] = await _policy(registry, policy)
        if certificate_arn is not None:
            await registry.call(
                "PUT", f"/target-policies/{policy.name}", {"target": certificate_arn}
            )
    if (
        desired.thing is not None
        and desired.certificate is not None
        and certificate_arn is not None
    ):
        await registry.call(
            "PUT",
            f"/things/{desired.thing.name}/principals",
            query={"thingPrincipalType": desired.certificate.principal_type},
            headers={"x-amzn-principal": certificate_arn},
        )
    reached("everything")
    return Registration(pem, arns)


def _of_policies(desired: DesiredDevice) -> list[tuple[str, str]]:
    return [("policies", policy.name) for policy in desired.policies if policy.document is None]


def _of_thing(desired: DesiredDevice) -> list[tuple[str, str]]:
    if desired.thing is None:
        return []
    needed = [("thing-groups", group) for group in desired.thing.groups or ()]
    if desired.thing.thing_type:
        needed.append(("thing-types", desired.thing.thing_type))
    if desired.thing.billing_group:
        needed.append(("billing-groups", desired.thing.billing_group))
    return needed


async def _check_prerequisites(registry: Registry, needed: list[tuple[str, str]]) -> None:
    for kind, name in needed:
        if not await registry.exists(f"/{kind}/{name}"):
            raise registration_failure(_FOUND_MESSAGES[kind].format(name=name))


async def _thing(registry: Registry, desired: DesiredThing, assumed: Assumptions) -> str:
    thing = await registry.find(f"/things/{desired.name}")
    groups: tuple[str, ...] = desired.groups or ()
    if thing is None:
        document: dict[str, object] = {"attributePayload": {"attributes": desired.attributes or {}}}
        if desired.attributes is not None:
            document["attributePayload"] = {"attributes": dict(desired.attributes)}
        if desired.thing_type:
            if await registry.is_deprecated(desired.thing_type):
                raise registration_failure(
                    f"Can not create new thing with deprecated thing type:{desired.thing_type}"
                )
            document["thingTypeName"] = desired.thing_type
        thing = await registry.call("POST", f"/things/{desired.name}", document)
    else:
        groups = await override_settings.align(registry, desired, thing, assumed.thing_override)
    for group in groups:
        await registry.call(
            "PUT",
            "/thing-groups/addThingToThingGroup",
            {"thingGroupName": group, "thingName": desired.name},
        )
    if desired.billing_group:
        await _join_billing_group(registry, desired.name, desired.billing_group, assumed)
    return str(thing["thingArn"])


async def _join_billing_group(
    registry: Registry, thing: str, group: str, assumed: Assumptions
) -> None:
    current = registry.billing_group_of(thing)
    if current not in (None, group):
        if assumed.billing_group == "fails":
            raise ServiceError(
                "ResourceConflictsException",
                f"Existing BillingGroup: {current} conflicts with BillingGroup: {group} "
                "in Template.",
            )
        if assumed.billing_group == "kept":
            return
    await registry.call(
        "PUT",
        "/billing-groups/addThingToBillingGroup",
        {"billingGroupName": group, "thingName": thing},
    )


async def _certificate(
    registry: Registry, device: DesiredDevice, desired: DesiredCertificate, assumed: Assumptions
) -> tuple[str, str | None]:
    if desired.csr is not None:
        made = await registry.call(
            "POST",
            "/certificates",
            {"certificateSigningRequest": desired.csr},
            query={"setAsActive": "true" if desired.status == "ACTIVE" else "false"},
        )
        return made["certificateArn"], made["certificatePem"]
    certificate_id = desired.certificate_id
    if desired.pem is not None:
        try:
            document = {"certificatePem": desired.pem, "status": desired.status}
            if desired.ca_pem:
                document["caCertificatePem"] = desired.ca_pem
            made = await registry.call("POST", "/certificate/register", document)
            return made["certificateArn"], desired.pem
        except ServiceError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise
            certificate_id = error.message.split(" id ")[1].split(" ")[0]
    found = await _existing_certificate(
        registry, desired, str(certificate_id), assumed.certificate_override
    )
    if assumed.attached_certificate == "fails" and device.thing is not None:
        await _check_unattached(registry, found["certificateArn"], device.thing.name)
    pem = found["certificatePem"] if assumed.known_certificate_pem else None
    return found["certificateArn"], pem


async def _check_unattached(registry: Registry, certificate_arn: str, thing: str) -> None:
    attached = await registry.call(
        "GET", "/principals/things", headers={"x-amzn-principal": certificate_arn}
    )
    if others := [name for name in attached["things"] if name != thing]:
        raise ServiceError(
            "ResourceConflictsException",
            f"{certificate_arn} is attached to another thing: {others[0]}",
        )


async def _existing_certificate(
    registry: Registry, desired: DesiredCertificate, certificate_id: str, default: str
) -> dict[str, Any]:
    found = await registry.find(f"/certificates/{certificate_id}")
    if found is None:
        raise registration_failure(f"CertificateId {certificate_id} does not exist")
    certificate: dict[str, Any] = found["certificateDescription"]
    if certificate["status"] != desired.status:
        setting = desired.overrides.get("Status", default)
        if setting == "FAIL":
            raise ServiceError(
                "ResourceConflictsException",
                f"Existing certificate status: {certificate['status']} conflicts with "
                f"status: {desired.status} in Template.",
            )
        if setting == "REPLACE":
            await registry.call(
                "PUT", f"/certificates/{certificate_id}", query={"newStatus": desired.status}
            )
    return certificate


async def _policy(registry: Registry, desired: DesiredPolicy) -> str:
    policy = await registry.find(f"/policies/{desired.name}")
    if policy is None:
        policy = await registry.call(
            "POST", f"/policies/{desired.name}", {"policyDocument": desired.document}
        )
    return str(policy["policyArn"])
