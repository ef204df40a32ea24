"""Small parts of the mends."""

from __future__ import annotations

import copy
import json

from local.mends.lambda_errors import exception_name
from local.mends.long_lists import MemberList


def test_an_exceptions_name_is_read_from_its_traceback() -> None:
    trace = (
        'Traceback (most recent call last):\n  File "x", line 1\npackage.SlotBusy: a task\n  runs'
    )

    assert exception_name(trace) == "SlotBusy"
    assert exception_name("Traceback\n  raise\nValueError") == "ValueError"
    assert exception_name("") is None


def test_a_member_list_is_a_list() -> None:
    members = MemberList(["a"])
    members.append("b")
    members.remove("a")

    assert ("a" in members, "b" in members) == (False, True)
    assert json.dumps(members) == '["b"]'
    assert type(copy.deepcopy(members)) is list
