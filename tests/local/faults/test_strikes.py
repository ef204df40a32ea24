"""Which fault strikes when."""

from __future__ import annotations

import pytest

from local.faults.document import parse_faults
from local.faults.strikes import Faults, contains


def faults(**document: object) -> Faults:
    made = Faults(clock=lambda: CLOCK[0])
    made.put(parse_faults(document))
    return made


CLOCK = [0.0]


def test_the_next_calls_of_an_api_fail() -> None:
    struck = faults(calls=[{"api": "StopThingRegistrationTask", "next": 2, "code": "X"}])

    codes = [
        fault.code if fault else None
        for fault in (
            struck.call("iot", "StartThingRegistrationTask"),
            *(struck.call("iot", "StopThingRegistrationTask") for _ in range(3)),
            struck.call("states", "StopThingRegistrationTask"),
        )
    ]
    assert codes == [None, "X", "X", None, None]


def test_a_rate_strikes_the_same_calls_with_the_same_seed() -> None:
    def pattern(seed: int) -> list[bool]:
        struck = faults(seed=seed, calls=[{"rate": 0.5}])
        return [struck.call("iot", "Any") is not None for _ in range(50)]

    assert pattern(1) == pattern(1) != pattern(2)
    assert 10 < sum(pattern(1)) < 40


def test_lines_fail_by_number_or_pattern() -> None:
    struck = faults(lines=[{"line": 3, "message": "ü" * 9000}, {"pattern": "bulky1\\b"}])

    assert [bool(struck.line(n, b'"bulky%d"' % n)) for n in (1, 2, 3, 10)] == [
        True,
        False,
        True,
        False,
    ]


def test_a_role_can_be_used_after_its_seconds() -> None:
    CLOCK[0] = 100.0
    struck = faults(role={"seconds": 5, "at": "start"})

    before = struck.role_is_unusable("start"), struck.role_is_unusable("task")
    CLOCK[0] = 105.0
    assert (before, struck.role_is_unusable("start")) == ((True, False), False)


def test_a_payload_is_found_at_any_depth() -> None:
    event = {"input": [{"step": "Start", "n": 1}]}

    assert contains(event, {"step": "Start"})
    assert contains(event, {})
    assert not contains(event, {"step": "Stop"})


@pytest.mark.parametrize(
    "document", [{"cals": []}, {"calls": [{"apis": "x"}]}, {"role": {"minutes": 1}}]
)
def test_an_unknown_fault_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"cals|apis|minutes"):
        parse_faults(document)
