"""The values of one line."""

from __future__ import annotations

import pytest

from local.iot.errors import ServiceError
from local.iot.input_line import line_values


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"a": 1}', "must be a string"),
        (b"[]", "JSON object"),
        (b"{", "JSON"),
        (b"\xff", "JSON"),
        (b"[" * 100_000, "JSON"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'\xef\xbb\xbf{"a": "b"}', "JSON"),
        (b'{"a": "' + b"x" * 4097 + b'"}', "4096"),
        (b'{"a": "' + b"x" * 256_000 + b'"}', "256000"),
    ],
)
def test_a_line_that_cannot_be_read_fails(line: bytes, told: str) -> None:
    with pytest.raises(ServiceError, match=told):
        line_values(line)


def test_a_line_may_name_parameters_that_the_template_lacks() -> None:
    assert line_values(b'{"ThingName": "a", "other": "b"}') == {"ThingName": "a", "other": "b"}
