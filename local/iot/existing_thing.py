"""A thing that exists already: what its `OverrideSettings` say of each difference.

Without a setting a difference fails the line: the default is documented nowhere, the fleet
provisioning of AWS was seen to answer `Existing … conflicts with … in Template.`
Source: https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.emulator.registry import Registry
from local.iot.errors import ServiceError
from local.iot.plan import ThingPlan, check_attributes, check_groups


async def align(registry: Registry, plan: ThingPlan, thing: Mapping[str, Any]) -> tuple[str, ...]:
    """Bring a thing into line with its plan; the groups that it must still join.

    Raises:
        ServiceError: `ResourceConflictsException`, where the plan differs and may not override.
    """
    update: dict[str, Any] = {}
    attributes = _attributes(plan, thing.get("attributes") or {})
    if attributes is not None:
        update["attributePayload"] = {"attributes": attributes}
    thing_type = _thing_type(plan, thing.get("thingTypeName"))
    if thing_type is not None:
        update["thingTypeName"] = thing_type
    current = await registry.call("GET", f"/things/{plan.name}/thing-groups")
    groups = [group["groupName"] for group in current["thingGroups"]]
    join, leave = _groups(plan, groups)
    check_groups((*[group for group in groups if group not in leave], *join))
    if update:
        check_attributes(
            attributes if attributes is not None else thing.get("attributes") or {},
            thing_type or thing.get("thingTypeName"),
        )
        await registry.call("PATCH", f"/things/{plan.name}", update)
    for group in leave:
        await registry.call(
            "PUT",
            "/thing-groups/removeThingFromThingGroup",
            {"thingGroupName": group, "thingName": plan.name},
        )
    return join


def _attributes(plan: ThingPlan, current: Mapping[str, str]) -> dict[str, str] | None:
    if plan.attributes is None or dict(plan.attributes) == dict(current):
        return None
    setting = plan.overrides.get("AttributePayload", "FAIL")
    if setting == "FAIL":
        raise _conflict("AttributePayload", _java_map(current), _java_map(plan.attributes))
    if setting == "MERGE":
        return {**current, **plan.attributes}
    return dict(plan.attributes) if setting == "REPLACE" else None


def _thing_type(plan: ThingPlan, current: str | None) -> str | None:
    if plan.thing_type is None or plan.thing_type == current:
        return None
    setting = plan.overrides.get("ThingTypeName", "FAIL")
    if setting == "FAIL":
        raise _conflict("ThingType", current or "null", plan.thing_type)
    return plan.thing_type if setting == "REPLACE" else None


def _groups(plan: ThingPlan, current: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The groups to join and the groups to leave."""
    if plan.groups is None or set(plan.groups) == set(current):
        return (), []
    setting = plan.overrides.get("ThingGroups", "FAIL")
    if setting == "FAIL":
        raise _conflict("ThingGroups", _java_list(current), _java_list(plan.groups))
    if setting == "DO_NOTHING":
        return (), []
    join = tuple(group for group in plan.groups if group not in current)
    leave = [group for group in current if group not in plan.groups]
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
