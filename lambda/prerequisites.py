"""What must exist before the task: AWS fails every line that names something missing."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from failures import RegistrationError

if TYPE_CHECKING:
    from mypy_boto3_iot import IoTClient


def verify(iot: "IoTClient", names: Mapping[str, list[str]]) -> None:
    """Ask AWS for each name.

    Raises:
        RegistrationError: some of them do not exist, or are thing types that AWS has deprecated.
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
    missing = []
    for member, member_names in names.items():
        kind, call = describe[member]
        for name in member_names:
            try:
                answer = call(name)
            except iot.exceptions.ResourceNotFoundException:
                missing.append(f"{kind} {name!r} does not exist")
            else:
                if answer.get("thingTypeMetadata", {}).get("deprecated"):
                    missing.append(f"{kind} {name!r} is deprecated")
    if missing:
        raise RegistrationError(
            "nothing was registered, because the devices need what is not there: "
            + "; ".join(missing)
        )
