"""What values of a template stand for."""

from __future__ import annotations

from typing import Any

import pytest

from thing_registration.deployed.resolved_values import References, Text

REFERENCES = References(
    {"Bucket": "files-1", "Type": "sensor", "AWS::Region": "eu-west-1", "Role.Arn": "arn:r"},
    lambda: {"Shared": "other-bucket"},
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a text", "a text"),
        (3000, "3000"),
        (True, "true"),
        ({"Ref": "Bucket"}, "files-1"),
        ({"Fn::GetAtt": ["Role", "Arn"]}, "arn:r"),
        ({"Fn::GetAtt": "Type.Id"}, "sensor"),
        ({"Fn::Join": ["/", ["a", {"Ref": "Bucket"}]]}, "a/files-1"),
        ({"Fn::Sub": "in-${AWS::Region}-${!Literal}"}, "in-eu-west-1-${Literal}"),
        ({"Fn::Sub": ["${A}-${Role.Arn}", {"A": {"Ref": "Type"}}]}, "sensor-arn:r"),
        ({"Fn::ImportValue": "Shared"}, "other-bucket"),
    ],
)
def test_a_value_stands_for_a_text(value: Any, text: str) -> None:
    assert REFERENCES.text(value) == Text(text)


@pytest.mark.parametrize(
    ("value", "text", "unresolved"),
    [
        ({"Ref": "New"}, "${New}", ("New",)),
        ({"Fn::GetAtt": ["New", "Arn"]}, "${New.Arn}", ("New.Arn",)),
        ({"Fn::Join": ["", ["a", {"Ref": "New"}, {"Ref": "Type"}]]}, "a${New}sensor", ("New",)),
        ({"Fn::Sub": "${New}-${Type}"}, "${New}-sensor", ("New",)),
        ({"Fn::ImportValue": "Nothing"}, "${Nothing}", ("Nothing",)),
        ({"Fn::If": ["A", "b", "c"]}, "${Fn::If}", ("Fn::If",)),
        ({"Fn::Join": ["", {"Ref": "List"}]}, "${Fn::Join}", ("Fn::Join",)),
        ({"two": 1, "members": 2}, "${an object}", ("an object",)),
    ],
)
def test_what_is_not_known_is_named(value: Any, text: str, unresolved: tuple[str, ...]) -> None:
    assert REFERENCES.text(value) == Text(text, unresolved)


def test_exports_are_asked_for_only_where_one_is_imported() -> None:
    def refused() -> dict[str, str]:
        raise AssertionError("asked")

    assert References({"A": "a"}, refused).text({"Ref": "A"}) == Text("a")
