"""The provisioning template: its grammar, checked when a task is started.

Source: https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html

The messages about a body that is not JSON and about a policy without name and document were seen
on AWS; the others are modelled on them. What the page shows for fleet provisioning only
(`Mappings`, `DeviceConfiguration`, `Fn::` functions) is refused: no page says that bulk
registration accepts it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from local.faults.assumptions import DEFAULTS, Assumptions
from local.iot.errors import ServiceError, invalid_request
from local.iot.template_resources import resource_violation


@dataclass(frozen=True)
class Resource:
    """One resource of a template; its properties may contain `Ref`s."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    override_settings: Mapping[str, str]


@dataclass(frozen=True)
class Template:
    """A valid template. A default of None: the line must contain the value."""

    parameters: Mapping[str, str | None]
    resources: tuple[Resource, ...]

    def of_type(self, resource_type: str) -> tuple[Resource, ...]:
        """Return the resources of one type, in the template's order."""
        return tuple(resource for resource in self.resources if resource.type == resource_type)


def parse_template(body: str, assumed: Assumptions = DEFAULTS) -> Template:
    """Return the template of a `templateBody`.

    Raises:
        ServiceError: `InvalidRequestException`, with the reason.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _invalid(f"Template format error: JSON not well-formed. ({error})") from None
    if not isinstance(document, dict):
        raise _invalid("Template format error: unsupported structure.")
    if unknown := sorted(set(document) - {"Parameters", "Resources"}):
        raise _invalid(f"Template format error: Invalid template property or properties {unknown}")
    parameters = _parameters(document.get("Parameters") or {})
    resources = _resources(document.get("Resources"))
    _check_references(document["Resources"], parameters, assumed.fn_join)
    return Template(MappingProxyType(parameters), resources)


def _parameters(declared: object) -> dict[str, str | None]:
    if not isinstance(declared, dict):
        raise _invalid("Template format error: Parameters must be an object.")
    parameters: dict[str, str | None] = {}
    for name, parameter in declared.items():
        if not isinstance(parameter, dict) or parameter.get("Type") != "String":
            raise _invalid(f"Template format error: Parameter {name} must have the Type String.")
        if unknown := sorted(set(parameter) - {"Type", "Default"}):
            raise _invalid(f"Template format error: Parameter {name} has unknown keys {unknown}.")
        default = parameter.get("Default")
        if "Default" in parameter and not isinstance(default, str):
            raise _invalid(f"Template format error: Default of parameter {name} must be a string.")
        parameters[name] = default
    return parameters


def _resources(declared: object) -> tuple[Resource, ...]:
    if not isinstance(declared, dict) or not declared:
        raise _invalid("Template format error: At least one Resources member must be defined.")
    resources = tuple(_resource(name, resource) for name, resource in declared.items())
    for kind in ("AWS::IoT::Thing", "AWS::IoT::Certificate"):
        if sum(resource.type == kind for resource in resources) > 1:
            raise _invalid(f"Only one {kind} resource can be defined.")
    return resources


def _resource(logical_id: str, declared: object) -> Resource:
    if not isinstance(declared, dict):
        raise _invalid(f"Template format error: Resource {logical_id} must be an object.")
    if unknown := sorted(set(declared) - {"Type", "Properties", "OverrideSettings"}):
        raise _invalid(f"Template format error: Resource {logical_id} has unknown keys {unknown}.")
    properties = declared.get("Properties")
    if not isinstance(properties, dict):
        raise _invalid(f"Properties of a resource cannot be null. ({logical_id})")
    settings = declared.get("OverrideSettings", {})
    if not isinstance(settings, dict):
        raise _invalid(f"OverrideSettings of {logical_id} must be an object.")
    violation = resource_violation(declared.get("Type"), properties, settings)
    if violation:
        raise _invalid(f"{violation} ({logical_id})")
    return Resource(
        logical_id,
        declared["Type"],
        MappingProxyType(properties),
        MappingProxyType(settings),
    )


def _check_references(resources: object, parameters: Mapping[str, object], fn_join: bool) -> None:
    for name, argument in _functions(resources):
        if name == "Fn::Join" and fn_join:
            if not (isinstance(argument, list) and len(argument) == 2):
                raise _invalid("Template format error: Fn::Join needs a separator and a list")
            _check_references(argument, parameters, fn_join)
            continue
        if name != "Ref":
            raise _invalid(f"Template format error: Unsupported function: {name}")
        if not isinstance(argument, str) or argument not in parameters:
            raise _invalid(
                "Template format error: Unresolved resource dependencies "
                f"[{argument}] in the Resources block of the template"
            )


def _functions(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, list):
        for item in value:
            yield from _functions(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name == "Ref" or name.startswith("Fn::"):
                yield name, item
            else:
                yield from _functions(item)


def _invalid(message: str) -> ServiceError:
    return invalid_request(f"Invalid registration template. {message}")
