"""The names that AWS IoT allows.

A line with another name fails by itself, before AWS is asked about it: AWS's refusal would end the
whole run. The limits are those of the service model, version 2015-05-28, as botocore ships it.
"""

import json
import re
from collections.abc import Mapping

from thing_registration_worker.fleet.prerequisite_names import Kind

_LONGEST = 128
_NAME_CHARACTERS, _POLICY_NAME_CHARACTERS = "a-zA-Z0-9:_-", "a-zA-Z0-9_+=,.@-"
_SHOWN = 80


class NameLimit:
    """The names of one kind of resource.

    Args:
        noun: what messages call such a name.
        characters: those that are allowed, for a character class.
    """

    def __init__(self, noun: str, characters: str = _NAME_CHARACTERS) -> None:
        self._noun, self._characters = noun, characters
        self._fits = re.compile(f"[{characters}]{{1,{_LONGEST}}}").fullmatch

    def problem(self, name: str) -> str:
        """Return what is wrong with a name; empty if AWS allows it."""
        if self._fits(name):
            return ""
        allowed = f"1–{_LONGEST} characters of [{self._characters}]"
        return f"invalid {self._noun} {json.dumps(name[:_SHOWN])}: must be {allowed}"


THING_NAME = NameLimit("thing name")
OF_KIND: Mapping[Kind, NameLimit] = {
    "thing_types": NameLimit("thing type name"),
    "thing_groups": NameLimit("thing group name"),
    "billing_groups": NameLimit("billing group name"),
    "policies": NameLimit("policy name", _POLICY_NAME_CHARACTERS),
}
