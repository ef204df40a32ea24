"""`Ref` in a provisioning template: replaced by the value of the parameter that it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from local.iot.errors import registration_failure


def resolve_references(value: Any, values: Mapping[str, str | None]) -> Any:
    """Return a value of the template with each `Ref` in it resolved, at any depth.

    Raises:
        ServiceError: a parameter has no value.
    Source: https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
    """
    if isinstance(value, list):
        return [resolve_references(item, values) for item in value]
    if not isinstance(value, dict):
        return value
    if set(value) == {"Ref"}:
        found = values.get(value["Ref"])
        if found is None:
            raise registration_failure(f"Cannot resolve reference value: {value['Ref']}")
        return found
    return {name: resolve_references(item, values) for name, item in value.items()}
