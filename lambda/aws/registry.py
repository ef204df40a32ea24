"""The calls to AWS IoT's registry: does what the devices refer to exist?"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient


def missing(iot: "IoTClient", names: Mapping[str, list[str]]) -> list[str]:
    """Ask AWS for each name and return a phrase for each that cannot be used.

    Args:
        iot: the client.
        names: names by kind: `thing_types`, `thing_groups`, `billing_groups`, `policies`.
    """
    describe: dict[str, tuple[str, Callable[[str], Any]]] = {
        "thing_types": ("thing type", lambda name: iot.describe_thing_type(thingTypeName=name)),
        "thing_groups": ("thing group", lambda name: iot.describe_thing_group(thingGroupName=name)),
        "billing_groups": (
            "billing group",
            lambda name: iot.describe_billing_group(billingGroupName=name),
        ),
        "policies": ("policy", lambda name: iot.get_policy(policyName=name)),
    }
    found = []
    for member, member_names in names.items():
        kind, call = describe[member]
        for name in member_names:
            try:
                answer = call(name)
            except iot.exceptions.ResourceNotFoundException:
                found.append(f"{kind} {name!r} does not exist")
            else:
                if answer.get("thingTypeMetadata", {}).get("deprecated"):
                    found.append(f"{kind} {name!r} is deprecated")
    return found
