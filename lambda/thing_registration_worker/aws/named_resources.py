"""The calls to AWS IoT for what devices refer to by name: types, groups, policies."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from thing_registration_worker.aws.pace import pace

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient

    from thing_registration_worker.fleet.prerequisite_names import Kind


@dataclass(frozen=True)
class NamedResource:
    """What AWS has under a name.

    Attributes:
        deprecated: whether it is a thing type that no more things can have.
        policy_document: the document of a policy's default version; empty for the other kinds.
        query: by what AWS itself puts things into a group; empty for a static one.
    """

    deprecated: bool = False
    policy_document: str = ""
    query: str = ""


def find(iot: "IoTClient", kind: "Kind", name: str) -> NamedResource | None:
    """Return what AWS has under a name; None for nothing."""
    try:
        return _describe(iot, kind, name)
    except iot.exceptions.ResourceNotFoundException:
        return None


def create(iot: "IoTClient", kind: "Kind", name: str, policy_document: str = "") -> None:
    """Create what is missing; one that somebody else creates meanwhile is left as it is.

    Args:
        iot: the client.
        kind: what it is.
        name: its name.
        policy_document: JSON; for a policy only.
    """
    try:
        _create(iot, kind, name, policy_document)
    except iot.exceptions.ResourceAlreadyExistsException:
        print(f"{kind} {name} was created by somebody else meanwhile")


def _describe(iot: "IoTClient", kind: "Kind", name: str) -> NamedResource:
    """Ask AWS.

    https://docs.aws.amazon.com/iot/latest/apireference/API_DescribeThingType.html
    https://docs.aws.amazon.com/iot/latest/apireference/API_DescribeThingGroup.html
    https://docs.aws.amazon.com/iot/latest/apireference/API_DescribeBillingGroup.html
    https://docs.aws.amazon.com/iot/latest/apireference/API_GetPolicy.html
    """
    if kind == "thing_types":
        pace.wait("DescribeThingType")
        metadata = iot.describe_thing_type(thingTypeName=name).get("thingTypeMetadata", {})
        return NamedResource(deprecated=metadata.get("deprecated", False))
    if kind == "policies":
        pace.wait("GetPolicy")
        return NamedResource(policy_document=iot.get_policy(policyName=name)["policyDocument"])
    if kind == "thing_groups":
        pace.wait("DescribeThingGroup")
        group = iot.describe_thing_group(thingGroupName=name)
        return NamedResource(query=group.get("queryString", ""))
    if kind == "billing_groups":
        pace.wait("DescribeBillingGroup")
        iot.describe_billing_group(billingGroupName=name)
    return NamedResource()


def _create(iot: "IoTClient", kind: "Kind", name: str, policy_document: str) -> None:
    """Create it.

    https://docs.aws.amazon.com/iot/latest/apireference/API_CreateThingType.html
    https://docs.aws.amazon.com/iot/latest/apireference/API_CreateThingGroup.html
    https://docs.aws.amazon.com/iot/latest/apireference/API_CreateBillingGroup.html
    https://docs.aws.amazon.com/iot/latest/apireference/API_CreatePolicy.html
    """
    if kind == "thing_types":
        pace.wait("CreateThingType")
        iot.create_thing_type(thingTypeName=name)
    elif kind == "policies":
        pace.wait("CreatePolicy")
        iot.create_policy(policyName=name, policyDocument=policy_document)
    elif kind == "thing_groups":
        pace.wait("CreateThingGroup")
        iot.create_thing_group(thingGroupName=name)
    else:
        pace.wait("CreateBillingGroup")
        iot.create_billing_group(billingGroupName=name)
