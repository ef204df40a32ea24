"""Records become lines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.constructs.cases import (
    THING,
    rewritten,
)
from thing_registration import (
    InputFile,
    check,
)


def test_records_are_read_once_and_become_lines() -> None:
    input_file = InputFile.from_records({"ThingName": name} for name in "ab")

    first, second = check(THING, input_file), check(THING, input_file)

    assert rewritten(first) == (b'{"ThingName": "a"}\n{"ThingName": "b"}\n', [])
    assert first == second


@pytest.mark.parametrize("value", [{1}, object, timedelta(1), [], float("nan")])
def test_a_record_with_what_is_not_a_string_is_an_error(value: object) -> None:
    verdict = check(THING, InputFile.from_records([{"ThingName": value}]))

    assert verdict.error_count == 1
    assert verdict.problems[0].line == 1
