"""One device: the things, certificates and policies of a plan, made in the registry.

A task's line and HTTP RegisterThing take this same path. What a plan leans on (type, groups,
billing group, named policies) is looked up first, so that a line which lacks one makes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from local.emulator.registry import Registry
from local.iot import existing_thing
from local.iot.errors import ServiceError, registration_failure
from local.iot.plan import CertificatePlan, Plan, PolicyPlan, ThingPlan

_FOUND_MESSAGES = {
    "thing-types": "Thing type not found.",
    "thing-groups": "Thing group {name} not found.",
    "billing-groups": "Billing group {name} not found.",
    "policies": "Policy default version not found",
}


@dataclass(frozen=True)
class Registration:
    """What was made: the certificate, and ARNs by the template's logical ids."""

    certificate_pem: str | None
    resource_arns: Mapping[str, str]


async def register(registry: Registry, plan: Plan) -> Registration:
    """Make, or bring into line, everything that a plan asks for.

    Raises:
        ServiceError: something is missing, in conflict with the plan, or not allowed.
    """
    await _check_prerequisites(registry, plan)
    arns: dict[str, str] = {}
    if plan.thing is not None:
        arns[plan.thing.logical_id] = await _thing(registry, plan.thing)
    pem = certificate_arn = None
    if plan.certificate is not None:
        certificate_arn, pem = await _certificate(registry, plan.certificate)
        arns[plan.certificate.logical_id] = certificate_arn
    for policy in plan.policies:
        arns[policy.logical_id] = await _policy(registry, policy)
        if certificate_arn is not None:
            await registry.call(
                "PUT", f"/target-policies/{policy.name}", {"target": certificate_arn}
            )
    if plan.thing is not None and plan.certificate is not None and certificate_arn is not None:
        await registry.call(
            "PUT",
            f"/things/{plan.thing.name}/principals",
            query={"thingPrincipalType": plan.certificate.principal_type},
            headers={"x-amzn-principal": certificate_arn},
        )
    return Registration(pem, arns)


async def _check_prerequisites(registry: Registry, plan: Plan) -> None:
    needed = [("policies", policy.name) for policy in plan.policies if policy.document is None]
    if plan.thing is not None:
        needed += [("thing-groups", group) for group in plan.thing.groups or ()]
        if plan.thing.thing_type:
            needed.append(("thing-types", plan.thing.thing_type))
        if plan.thing.billing_group:
            needed.append(("billing-groups", plan.thing.billing_group))
    for kind, name in needed:
        if not await registry.exists(f"/{kind}/{name}"):
            raise registration_failure(_FOUND_MESSAGES[kind].format(name=name))


async def _thing(registry: Registry, plan: ThingPlan) -> str:
    thing = await registry.find(f"/things/{plan.name}")
    groups: tuple[str, ...] = plan.groups or ()
    if thing is None:
        document: dict[str, object] = {"attributePayload": {"attributes": plan.attributes or {}}}
        if plan.attributes is not None:
            document["attributePayload"] = {"attributes": dict(plan.attributes)}
        if plan.thing_type:
            document["thingTypeName"] = plan.thing_type
        thing = await registry.call("POST", f"/things/{plan.name}", document)
    else:
        groups = await existing_thing.align(registry, plan, thing)
    for group in groups:
        await registry.call(
            "PUT",
            "/thing-groups/addThingToThingGroup",
            {"thingGroupName": group, "thingName": plan.name},
        )
    if plan.billing_group:
        await registry.call(
            "PUT",
            "/billing-groups/addThingToBillingGroup",
            {"billingGroupName": plan.billing_group, "thingName": plan.name},
        )
    return str(thing["thingArn"])


async def _certificate(registry: Registry, plan: CertificatePlan) -> tuple[str, str]:
    if plan.csr is not None:
        made = await registry.call(
            "POST",
            "/certificates",
            {"certificateSigningRequest": plan.csr},
            query={"setAsActive": "true" if plan.status == "ACTIVE" else "false"},
        )
        return made["certificateArn"], made["certificatePem"]
    certificate_id = plan.certificate_id
    if plan.pem is not None:
        try:
            document = {"certificatePem": plan.pem, "status": plan.status}
            if plan.ca_pem:
                document["caCertificatePem"] = plan.ca_pem
            made = await registry.call("POST", "/certificate/register", document)
            return made["certificateArn"], plan.pem
        except ServiceError as error:
            if error.code != "ResourceAlreadyExistsException":
                raise
            certificate_id = error.message.split(" id ")[1].split(" ")[0]
    return await _existing_certificate(registry, plan, str(certificate_id))


async def _existing_certificate(
    registry: Registry, plan: CertificatePlan, certificate_id: str
) -> tuple[str, str]:
    found = await registry.find(f"/certificates/{certificate_id}")
    if found is None:
        raise registration_failure(f"CertificateId {certificate_id} does not exist")
    certificate = found["certificateDescription"]
    if certificate["status"] != plan.status:
        setting = plan.overrides.get("Status", "FAIL")
        if setting == "FAIL":
            raise ServiceError(
                "ResourceConflictsException",
                f"Existing certificate status: {certificate['status']} conflicts with "
                f"status: {plan.status} in Template.",
            )
        if setting == "REPLACE":
            await registry.call(
                "PUT", f"/certificates/{certificate_id}", query={"newStatus": plan.status}
            )
    return certificate["certificateArn"], certificate["certificatePem"]


async def _policy(registry: Registry, plan: PolicyPlan) -> str:
    policy = await registry.find(f"/policies/{plan.name}")
    if policy is None:
        policy = await registry.call(
            "POST", f"/policies/{plan.name}", {"policyDocument": plan.document}
        )
    return str(policy["policyArn"])
