"""How large a run may be."""

import pytest

from thing_registration_worker.fleet.run_size import (
    DEREGISTERED_PER_SECOND,
    PART_LINES,
    most_retired,
    part_count,
    run_seconds,
)

NOTHING = {
    "to_send": 0,
    "to_check": 0,
    "to_look_up": 0,
    "to_ask": 0,
    "status_pages": 0,
    "to_deregister": 0,
}


@pytest.mark.parametrize(("lines", "parts"), [(0, 0), (1, 1), (PART_LINES, 1), (PART_LINES + 1, 2)])
def test_lines_are_sent_in_as_few_parts_as_hold_them(lines: int, parts: int) -> None:
    assert part_count(lines) == parts


@pytest.mark.parametrize(
    ("registered", "retired"), [(0, 10), (100, 10), (109, 10), (110, 11), (1_000_000, 100_000)]
)
def test_a_tenth_of_the_fleet_may_be_retired_and_ten_devices_always(
    registered: int, retired: int
) -> None:
    assert most_retired(registered) == retired


@pytest.mark.parametrize(
    ("work", "seconds"),
    [
        ({}, 0),
        ({"to_send": 100}, 20),
        ({"to_look_up": 100}, 2),
        ({"to_check": 100}, 20),
        # The statuses are described one by one, or listed where that takes fewer calls.
        ({"to_ask": 100, "status_pages": 1_000}, 20),
        ({"to_ask": 1_000, "status_pages": 100}, 20),
        ({"to_deregister": 100}, 100 / DEREGISTERED_PER_SECOND),
        ({"to_send": 100, "to_look_up": 100}, 22),
    ],
)
def test_a_run_takes_as_long_as_all_that_it_does(work: dict[str, int], seconds: float) -> None:
    assert run_seconds(**{**NOTHING, **work}, things_per_second=5) == seconds
