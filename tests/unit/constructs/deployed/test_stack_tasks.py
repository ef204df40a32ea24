"""The tasks of a template: which one is meant, and whether CloudFormation updates it."""

from __future__ import annotations

from typing import Any

import pytest

from thing_registration.deployed.errors import CommandError, TaskNotFound
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

    assert chosen("stack S", both, "S/Fleet") is both[0]
    assert chosen("stack S", both, "Fleet2") is both[1]
    assert chosen("stack S", both[1:], None) is both[1]
    with pytest.raises(
        CommandError, match="S has several tasks: --task must be one of S/Fleet, Fl"
    ):
        chosen("stack S", both, None)
    with pytest.raises(CommandError, match="S has no task X: --task must be one of S/Fleet, Fl"):
        chosen("stack S", both, "X")
    with pytest.raises(CommandError, match="stack S has no ThingRegistrationTask"):
        chosen("stack S", [], None)


def test_two_nested_tasks_of_one_logical_id_are_told_apart_by_their_stacks() -> None:
    template = {"Resources": {"Fleet": {"Type": TYPE}}}
    both = [
        *tasks_of("S", template, References({}), ("A",)),
        *tasks_of("S", template, References({}), ("B",)),
    ]

    assert chosen("stack S", both, "B/Fleet") is both[1]
    with pytest.raises(CommandError, match=r"has several tasks Fleet: .* one of A/Fleet, B/Fleet"):
        chosen("stack S", both, "Fleet")


def named(*names: str) -> list[StackTask]:
    """Tasks with a path each, of which the last element is the logical id."""
    return [StackTask("S", name.rpartition("/")[2] + "1A2B", name, {}) for name in names]


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("S/Big/Fleet", "S/Big/Fleet"),
        ("Big/Fleet", "S/Big/Fleet"),
        ("Other", "S/Other"),
        ("ther1A2B", "S/Other"),
        ("S/Fleet", "S/Fleet"),
        ("S/Other1A2B", "S/Other"),
    ],
)
def test_a_task_is_chosen_by_the_end_of_its_path_or_id(wanted: str, name: str) -> None:
    tasks = named("S/Fleet", "S/Big/Fleet", "S/Other")

    assert chosen("stack S", tasks, wanted).name == name


def test_a_whole_path_is_preferred_to_the_end_of_one() -> None:
    tasks = named("S/Fleet", "Fleet")

    assert chosen("stack S", tasks, "Fleet") is tasks[1]


def test_a_whole_element_of_a_path_is_preferred_to_the_end_of_one() -> None:
    tasks = named("S/Fleet", "S/BigFleet")

    assert chosen("stack S", tasks, "Fleet") is tasks[0]
    assert chosen("stack S", tasks, "gFleet") is tasks[1]


def test_an_end_that_several_tasks_have_is_an_error_that_names_these() -> None:
    tasks = named("S/A/Fleet", "S/B/Fleet", "S/Other")

    with pytest.raises(TaskNotFound, match="S has several tasks Fleet: --task must be") as raised:
        chosen("stack S", tasks, "Fleet")

    assert raised.value.candidates == ("S/A/Fleet", "S/B/Fleet")


def test_an_end_that_no_task_has_is_an_error_that_names_all() -> None:
    tasks = named("S/A", "S/B")

    with pytest.raises(TaskNotFound) as raised:
        chosen("stack S", tasks, "C")

    assert (raised.value.wanted, raised.value.candidates) == ("C", ("S/A", "S/B"))


def test_tasks_of_two_stacks_with_one_logical_id_are_told_apart_by_their_stacks() -> None:
    tasks = [StackTask(stack, "Fleet", "", {}) for stack in ("Test", "Production")]

    with pytest.raises(TaskNotFound, match="one of Test/Fleet, Production/Fleet"):
        chosen("cdk.out", tasks, "Fleet")
    assert chosen("cdk.out", tasks, "Test/Fleet") is tasks[0]


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
