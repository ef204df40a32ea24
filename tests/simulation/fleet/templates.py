"""Provisioning templates that differ in a little from the one that the stacks begin with."""

from __future__ import annotations

import copy
from typing import Any

from tests.simulation.assembly import TEMPLATE

THINGS_ONLY: dict[str, Any] = {
    "Parameters": {"ThingName": TEMPLATE["Parameters"]["ThingName"]},
    "Resources": {"thing": TEMPLATE["Resources"]["thing"]},
}


def with_attribute(name: str, value: str) -> dict[str, Any]:
    """Return the template with an attribute that is the same for all devices."""
    template: dict[str, Any] = copy.deepcopy(TEMPLATE)
    template["Resources"]["thing"]["Properties"]["AttributePayload"] = {name: value}
    return template


def with_site(default: str) -> dict[str, Any]:
    """Return the template with an attribute of each line, which has a default."""
    template = with_attribute("site", "")
    template["Parameters"]["Site"] = {"Type": "String", "Default": default}
    template["Resources"]["thing"]["Properties"]["AttributePayload"]["site"] = {"Ref": "Site"}
    return template
