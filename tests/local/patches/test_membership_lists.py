"""Lists that know their members."""

from __future__ import annotations

import copy
import json

from local.patches.membership_lists import MemberList


def test_a_member_list_is_a_list() -> None:
    members = MemberList(["a"])
    members.append("b")
    members.remove("a")

    assert ("a" in members, "b" in members) == (False, True)
    assert json.dumps(members) == '["b"]'
    assert type(copy.deepcopy(members)) is list
