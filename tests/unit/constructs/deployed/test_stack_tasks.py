"""The tasks of a template: which one is meant, and whether CloudFormation updates it."""

from __future__ import annotations

from typing import Any

import pytest

from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.resolved_values import References, Text
from thing_registration.deployed.stack_tasks import StackTask, chosen, tasks_of

TYPE = "Custom::ThingRegistrationTask"


def test_a_property_that_is_not_known_is_an_error_that_names_it() -> None:
    unknown = StackTask("S", "Fleet1", "", {"Bucket": Text("${New}", ("New",))})

    with pytest.raises(CommandError, match="task Fleet1 of stack S: Bucket refers to New, which"):
        unknown.text("Bucket")


def test_a_task_is_chosen_by_path_or_logical_id_or_because_it_is_the_only_one() -> None:
    template = {
        "Resources": {
            "Fleet1": {"Type": TYPE, "Metadata": {"aws:cdk:path": "S/Fleet/Resource/Default"}},
            "Fleet2": {"Type": TYPE},
            "Other": {"Type": "AWS::S3::Bucket"},
        }
    }
    both = tasks_of("S", template, References({}))

    assert chosen("S", both, "S/Fleet") is both[0]
    assert chosen("S", both, "Fleet2") is both[1]
    assert chosen("S", both[1:], None) is both[1]
    with pytest.raises(
        CommandError, match="S has several tasks: --task must be one of S/Fleet, Fl"
    ):
        chosen("S", both, None)
    with pytest.raises(CommandError, match="S has no task X: --task must be one of S/Fleet, Fl"):
        chosen("S", both, "X")
    with pytest.raises(CommandError, match="stack S has no ThingRegistrationTask"):
        chosen("S", [], None)


def test_two_nested_tasks_of_one_logical_id_are_told_apart_by_their_stacks() -> None:
    template = {"Resources": {"Fleet": {"Type": TYPE}}}
    both = [
        *tasks_of("S", template, References({}), ("A",)),
        *tasks_of("S", template, References({}), ("B",)),
    ]

    assert chosen("S", both, "B/Fleet") is both[1]
    with pytest.raises(CommandError, match=r"has several tasks Fleet: .* one of A/Fleet, B/Fleet"):
        chosen("S", both, "Fleet")


@pytest.mark.parametrize(
    ("before", "after", "differs"),
    [
        ("a", "a", False),
        ("a", "b", True),
        (3000, "3000", False),
        ({"Ref": "Known"}, "known", False),
        ({"Fn::GetAtt": ["Role", "Arn"]}, {"Fn::GetAtt": ["Role", "Arn"]}, False),
        ({"Fn::GetAtt": ["Role", "Arn"]}, {"Fn::GetAtt": ["Other", "Arn"]}, True),
        ({"Fn::If": ["C", "a", "b"]}, {"Fn::If": ["C", "a", "c"]}, True),
    ],
)
def test_a_task_differs_where_a_property_does(before: Any, after: Any, differs: bool) -> None:
    references = References({"Known": "known"})
    old, new = (
        tasks_of("S", {"Resources": {"F": {"Type": TYPE, "Properties": {"P": value}}}}, references)
        for value in (before, after)
    )

    assert new[0].differs(old[0]) is differs


def test_a_property_more_is_a_difference() -> None:
    assert StackTask("S", "F", "", {"A": Text("")}).differs(StackTask("S", "F", "", {}))
