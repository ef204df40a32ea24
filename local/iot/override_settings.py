"""`OverrideSettings`: what happens to a thing that exists already and differs.

Without a setting, a difference fails the line. The default is not documented; AWS's fleet
provisioning was seen to answer `Existing … conflicts with … in Template.`
Source: https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.iot.desired_device import DesiredThing, check_attributes, check_groups
from local.iot.errors import ServiceError
from local.iot.registry import Registry


async def align(
    registry: Registry, desired: DesiredThing, thing: Mapping[str, Any], default: str
) -> tuple[str, ...]:
    """Update a thing as its settings allow and return the groups that it must still join.

    `default` is the setting of what has none.

    Raises:
        ServiceError: `ResourceConflictsException`, it differs and may not be overridden.
    """
    update: dict[str, Any] = {}
    attributes = _attributes(desired, thing.get("attributes") or {}, default)
    if attributes is not None:
        update["attributePayload"] = {"attributes": attributes}
    thing_type = _thing_type(desired, thing.get("thingTypeName"), default)
    if thing_type is not None:
        update["thingTypeName"] = thing_type
    current = await registry.call("GET", f"/things/{desired.name}/thing-groups")
    groups = [group["groupName"] for group in current["thingGroups"]]
    join, leave = _groups(desired, groups, default)
    check_groups((*[group for group in groups if group not in leave], *join))
    if update:
        check_attributes(
            attributes if attributes is not None else thing.get("attributes") or {},
            thing_type or thing.get("thingTypeName"),
        )
        await registry.call("PATCH", f"/things/{desired.name}", update)
    for group in leave:
        await registry.call(
            "PUT",
            "/thing-groups/removeThingFromThingGroup",
            {"thingGroupName": group, "thingName": desired.name},
        )
    return join


def _attributes(
    desired: DesiredThing, current: Mapping[str, str], default: str
) -> dict[str, str] | None:
    if desired.attributes is None or dict(desired.attributes) == dict(current):
        return None
    setting = desired.overrides.get("AttributePayload", default)
    if setting == "FAIL":
        raise _conflict("AttributePayload", _java_map(current), _java_map(desired.attributes))
    if setting == "MERGE":
        return {**current, **desired.attributes}
    return dict(desired.attributes) if setting == "REPLACE" else None


def _thing_type(desired: DesiredThing, current: str | None, default: str) -> str | None:
    if desired.thing_type is None or desired.thing_type == current:
        return None
    setting = desired.overrides.get("ThingTypeName", default)
    if setting == "FAIL":
        raise _conflict("ThingType", current or "null", desired.thing_type)
    return desired.thing_type if setting == "REPLACE" else None


def _groups(
    desired: DesiredThing, current: list[str], default: str
) -> tuple[tuple[str, ...], list[str]]:
    """Return the groups to join and the groups to leave."""
    if desired.groups is None or set(desired.groups) == set(current):
        return (), []
    setting = desired.overrides.get("ThingGroups", default)
    if setting == "FAIL":
        raise _conflict("ThingGroups", _java_list(current), _java_list(desired.groups))
    if setting == "DO_NOTHING":
        return (), []
    join = tuple(group for group in desired.groups if group not in current)
    leave = [group for group in current if group not in desired.groups]
    return join, leave if setting == "REPLACE" else []


def _conflict(what: str, existing: str, wanted: str) -> ServiceError:
    return ServiceError(
        "ResourceConflictsException",
        f"Existing {what}: {existing} conflicts with {what}: {wanted} in Template.",
    )


def _java_map(attributes: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}={value}" for name, value in sorted(attributes.items())) + "}"


def _java_list(items: list[str] | tuple[str, ...]) -> str:
    return f"[{', '.join(items)}]"
