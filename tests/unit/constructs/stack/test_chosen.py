"""A choice may be stated as a word; another word is refused with what is allowed."""

from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Template

from tests.unit.constructs.fleet import Make, properties


def test_the_word_of_a_choice_is_the_choice(stack: cdk.Stack, make_task: Make) -> None:
    make_task(
        prerequisites="CREATE",
        deregister="ALL",
        removal_policy="DESTROY",
        log_retention="ONE_WEEK",
    )

    found = properties(stack)
    assert (found["PrerequisiteMode"], found["Deregister"]) == ("CREATE", "ALL")
    template = Template.from_stack(stack)
    template.has_resource("AWS::S3::Bucket", {"DeletionPolicy": "Delete"})
    template.has_resource_properties("AWS::Logs::LogGroup", {"RetentionInDays": 7})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"prerequisites": "create"},
            "prerequisites must be VERIFY, CREATE or ASSUME, got 'create': did you mean 'CREATE'?",
        ),
        (
            {"deregister": "REMOVED"},
            "deregister must be NEVER, REMOVED_LINES or ALL, got 'REMOVED': "
            "did you mean 'REMOVED_LINES'?",
        ),
        ({"deregister": "no"}, "deregister must be NEVER, REMOVED_LINES or ALL, got 'no'"),
        (
            {"removal_policy": "destroy"},
            "removal_policy must be RETAIN or DESTROY, got 'destroy': did you mean 'DESTROY'?",
        ),
        (
            {"removal_policy": cdk.RemovalPolicy.SNAPSHOT},
            "removal_policy must be RETAIN or DESTROY, got SNAPSHOT",
        ),
    ],
)
def test_another_word_is_refused_with_what_is_allowed_and_the_nearest(
    stack: cdk.Stack, make_task: Make, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011, the whole text is compared
        make_task(**arguments)

    assert str(refused.value) == message
    assert not stack.node.children


def test_a_retention_that_does_not_exist_is_refused_with_the_nearest(make_task: Make) -> None:
    with pytest.raises(
        ValueError, match=r"^log_retention must be ONE_DAY, .* did you mean 'ONE_YEAR'\?$"
    ):
        make_task(log_retention="A_YEAR")
