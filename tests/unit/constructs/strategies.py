"""Templates and lines that AWS accepts, for hypothesis."""

from __future__ import annotations

import json
import string
from typing import Any

from hypothesis import strategies as st

NAME = st.text(string.ascii_letters + string.digits + ":_-", min_size=1, max_size=128)
ATTRIBUTE_VALUE = st.text(
    string.ascii_letters + string.digits + "_.,@/:#=[]-", min_size=0, max_size=800
)
PARAMETER = st.text(string.ascii_letters + ":", min_size=1, max_size=20).filter(
    lambda name: name != "ThingName"
)
# Parameters by what they become.
PROPERTIES: dict[str, st.SearchStrategy[str]] = {
    "ThingTypeName": NAME,
    "BillingGroup": NAME,
    "ThingGroups": NAME,
    "AttributePayload": ATTRIBUTE_VALUE,
}


@st.composite
def declarations(draw: st.DrawFn) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Draw a template and lines for it, both without fault."""
    chosen = draw(st.lists(st.sampled_from(sorted(PROPERTIES)), unique=True))
    names = draw(st.lists(PARAMETER, unique=True, min_size=len(chosen), max_size=len(chosen)))
    parameters: dict[str, dict[str, str]] = {"ThingName": {"Type": "String"}}
    properties: dict[str, Any] = {"ThingName": {"Ref": "ThingName"}}
    kinds = dict(zip(names, chosen, strict=True))
    for name, prop in kinds.items():
        parameters[name] = {"Type": "String"}
        if draw(st.booleans()):
            parameters[name]["Default"] = draw(PROPERTIES[prop])
        ref = {"Ref": name}
        wrapped = {"ThingGroups": [ref], "AttributePayload": {"a": ref}}
        properties[prop] = wrapped.get(prop, ref)
    things = draw(st.lists(NAME, unique=True, min_size=1, max_size=5))
    lines = []
    for thing in things:
        line = {"ThingName": thing}
        for name, prop in kinds.items():
            if "Default" not in parameters[name] or draw(st.booleans()):
                line[name] = draw(PROPERTIES[prop])
        lines.append(line)
    thing_resource = {"Type": "AWS::IoT::Thing", "Properties": properties}
    return {"Parameters": parameters, "Resources": {"thing": thing_resource}}, lines


def content_of(lines: list[dict[str, str]]) -> bytes:
    """Return the JSON Lines."""
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


# Bytes that are often near what a line holds.
PIECES = st.sampled_from(
    [
        *(b'{"ThingName":"a"}', b'{"ThingName":"b"}', b"\n", b"\r\n", b"{", b"}", b'"', b"\\"),
        *(b'\\"', b"\\\\", b",", b":", b" ", b"[]", b"null", b"7", b"NaN", b"\xff", b"\xc3\xa9"),
        *(b"\xef\xbb\xbf", b'"ThingName"', b'"ThingName":"c"', b'"X":"y"', b"\\u0041", b"\\ud800"),
        *(b"\x00", b'{"ThingName":\n"d"}', b'{"ThingName":"e","ThingName":"e"}'),
        *(b'{"Thing\\u004eame":"f"}', b'{"ThingName":"g\\n"}'),
    ]
)
