"""The journal is bounded."""

from __future__ import annotations

import pytest

from local import journal
from local.journal import MAX_ENTRIES, MAX_TEXT_CHARS, Journal


def test_entries_are_found_by_kind_and_number() -> None:
    written = Journal()
    for kind in ("call", "event", "call"):
        written.write(kind, fact=1)

    assert [entry["n"] for entry in written.entries("call")] == [1, 3]
    assert [entry["n"] for entry in written.entries(after=1)] == [2, 3]


def test_the_oldest_entries_go_first() -> None:
    written = Journal()
    for _ in range(MAX_ENTRIES + 2):
        written.write("call")

    assert len(written.entries()) == MAX_ENTRIES
    assert written.entries()[0]["n"] == 3


def test_the_size_of_all_entries_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "MAX_TOTAL_CHARS", 1000)
    written = Journal()
    for _ in range(9):
        written.write("call", text="x" * 300)

    assert [entry["n"] for entry in written.entries()] == [7, 8, 9]
    written.clear()
    written.write("call", text="x")
    assert len(written.entries()) == 1


def test_a_long_text_is_cut_short_at_any_depth() -> None:
    written = Journal()
    written.write("call", parameters={"bodies": ["x" * (MAX_TEXT_CHARS + 5)], "key": "kept"})

    (entry,) = written.entries()
    (body,) = entry["parameters"]["bodies"]
    assert body.endswith(f"… ({MAX_TEXT_CHARS + 5} characters)")
    assert len(body) < MAX_TEXT_CHARS + 40
    assert entry["parameters"]["key"] == "kept"
