"""A payload is found in an event."""

from __future__ import annotations

from local.faults.matching import contains


def test_a_payload_is_found_at_any_depth() -> None:
    event = {"input": [{"step": "Start", "n": 1}]}

    assert contains(event, {"step": "Start"})
    assert contains(event, {})
    assert not contains(event, {"step": "Stop"})
