"""`Ref` in a provisioning template: replaced by the value of the parameter that it names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from local.iot.errors import registration_failure


def resolve_references(
    value: Any, values: Mapping[str, str | None], omitted: Collection[str] = ()
) -> Any:
    """Return a value of the template with each `Ref` in it resolved, at any depth.

    What refers to one of the `omitted` parameters is left out.

    Raises:
        ServiceError: a parameter has no value.
    Source: https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
    """
    if isinstance(value, list):
        items = (resolve_references(item, values, omitted) for item in value)
        return [item for item in items if item is not None]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Fn::Join"}:
        separator, items = resolve_references(value["Fn::Join"], values, omitted)
        return str(separator).join(items)
    if set(value) == {"Ref"}:
        if value["Ref"] in omitted:
            return None
        found = values.get(value["Ref"])
        if found is None:
            raise registration_failure(f"Cannot resolve reference value: {value['Ref']}")
        return found
    members = {name: resolve_references(item, values, omitted) for name, item in value.items()}
    return {name: item for name, item in members.items() if item is not None}
