"""The texts of lines, from our copy of the user's file."""

from typing import Any

import pytest

from tests.unit.lambda_.memory_s3 import MemoryS3
from thing_registration_worker.run import texts as module
from thing_registration_worker.run.texts import Texts
from thing_registration_worker.state.lines import Line
from thing_registration_worker.step import Step

FILE = b'\xef\xbb\xbf{"a": 1}\r\n\n{"b": "\xc3\xbc"}  \n' + b"x" * 1_000 + b'\n{"c": 3}'
PLACES = {1: (0, 13), 3: (14, 14), 5: (28 + 1_001, 8)}


@pytest.fixture
def step(make_step: Any, s3: MemoryS3) -> Step:
    made: Step = make_step("LookUp")
    s3.place(made.place.keys.file(made.request.request_id), FILE)
    s3.reads.clear()
    return made


def wanted(*numbers: int) -> list[Line]:
    return [Line(number, *PLACES[number], 0, "new", "a") for number in numbers]


@pytest.mark.parametrize(("gap", "reads"), [(1, 2), (14, 2), (10_000, 1)])
def test_a_line_is_read_without_what_is_around_it(
    step: Step, s3: MemoryS3, monkeypatch: pytest.MonkeyPatch, gap: int, reads: int
) -> None:
    monkeypatch.setattr(module, "_GAP", gap)
    one, other, last = wanted(1, 3, 5)

    texts = Texts(step, [one, other, last])

    assert [texts[line] for line in (one, other, last)] == [
        b'{"a": 1}',
        '{"b": "ü"}'.encode(),
        b'{"c": 3}',
    ]
    assert len(s3.reads) == reads


def test_not_more_than_so_much_is_read_at_once(
    step: Step, s3: MemoryS3, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOST", 10)

    Texts(step, wanted(1, 3, 5))

    assert len(s3.reads) == 3


def test_no_line_is_no_call(step: Step, s3: MemoryS3) -> None:
    Texts(step, [])

    assert s3.reads == []
