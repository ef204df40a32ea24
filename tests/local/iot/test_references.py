"""`Ref` is resolved."""

from __future__ import annotations

import pytest

from local.iot.errors import ServiceError
from local.iot.references import resolve_references


def test_a_ref_at_any_depth_is_the_value_of_its_parameter() -> None:
    value = {"groups": [{"Ref": "Group"}, "fixed"], "name": {"Ref": "Name"}}

    resolved = resolve_references(value, {"Group": "g", "Name": "n"})

    assert resolved == {"groups": ["g", "fixed"], "name": "n"}


def test_a_ref_to_a_parameter_without_a_value_fails_the_line() -> None:
    with pytest.raises(ServiceError, match="Cannot resolve reference value: Name"):
        resolve_references({"Ref": "Name"}, {"Name": None})
