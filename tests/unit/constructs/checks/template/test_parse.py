"""A template that is not a JSON object is reported with the place."""

from __future__ import annotations

import pytest

from thing_registration import (
    ProvisioningTemplate,
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "template: is empty: must be one JSON object"),
        ("[1]", "template: is [1]: must be one JSON object"),
        (
            '{"a": NaN}',
            "template: is not valid JSON (NaN, Infinity or too large a number): "
            "must be one JSON object",
        ),
        (
            '{"a": 1e999}',
            "template: is not valid JSON (NaN, Infinity or too large a number): "
            "must be one JSON object",
        ),
        (
            "[" * 100_000,
            "template: is nested too deeply (more than 100 levels): must be one JSON object",
        ),
        (
            '{"a": ' * 101 + "1" + "}" * 101,
            "template: is nested too deeply (more than 100 levels): must be one JSON object",
        ),
        (
            '{"a": "\\ud800"}',
            "template: is not UTF-8 (half of a surrogate pair): must be one JSON object",
        ),
        (
            "{'a': 1}",
            "template:1:2: is not valid JSON (expecting property name enclosed in double quotes): "
            "must be one JSON object",
        ),
    ],
)
def test_what_is_no_json_object_is_said_in_one_line(text: str, message: str) -> None:
    template = ProvisioningTemplate.from_string(text)

    assert [str(problem) for problem in template.reading.problems] == [message]
