"""The tasks of a stack run one after the other, and never wait in a circle."""

import aws_cdk as cdk
import jsii
import pytest
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template
from constructs import IConstruct

from tests.unit.constructs.fleet import RESOURCE, Make
from thing_registration import ThingRegistrationTask
from thing_registration.stack.task_order import in_order


@jsii.implements(cdk.IAspect)
class Before:
    """Lets one task wait for another when CDK visits the stack."""

    def __init__(self, task: ThingRegistrationTask, other: ThingRegistrationTask) -> None:
        self._task = task
        self._other = other

    def visit(self, node: IConstruct) -> None:
        """Add the dependency, once."""
        if isinstance(node, cdk.Stack):
            self._task.node.add_dependency(self._other)


def waits_for(stack: cdk.Stack) -> dict[str, set[str]]:
    """Which tasks each task of the stack waits for, by the start of their logical ids."""
    tasks = Template.from_stack(stack).find_resources(RESOURCE)
    return {
        name[:-8]: {other[:-8] for other in task["DependsOn"] if other in tasks}
        for name, task in tasks.items()
    }


def test_each_task_waits_for_the_one_that_is_declared_before(
    stack: cdk.Stack, make_task: Make
) -> None:
    for name in ("Zero", "One", "Two"):
        make_task(name)

    assert waits_for(stack) == {"Zero": set(), "One": {"Zero"}, "Two": {"One"}}


def test_a_dependency_on_a_later_task_turns_their_order_round(
    stack: cdk.Stack, make_task: Make
) -> None:
    zero, _, two = (make_task(name) for name in ("Zero", "One", "Two"))
    zero.node.add_dependency(two)

    assert waits_for(stack) == {"One": set(), "Two": {"One"}, "Zero": {"Two"}}


def test_an_output_of_a_later_task_turns_their_order_round_through_other_resources_too(
    stack: cdk.Stack, make_task: Make
) -> None:
    topic = sns.CfnTopic(stack, "Topic")
    zero, one = make_task("Zero"), make_task("One")
    topic.display_name = f"after {one.task_id}"
    zero.node.add_dependency(topic)

    assert waits_for(stack) == {"One": set(), "Zero": {"One"}}


def test_a_dependency_between_resources_counts(stack: cdk.Stack, make_task: Make) -> None:
    zero, one = make_task("Zero"), make_task("One")
    resources = [task.node.find_child("Resource").node.default_child for task in (zero, one)]
    assert isinstance(resources[0], cdk.CfnResource)
    assert isinstance(resources[1], cdk.CfnResource)
    resources[0].add_dependency(resources[1])

    assert waits_for(stack) == {"One": set(), "Zero": {"One"}}


@pytest.mark.parametrize("through", ["construct", "output"])
def test_a_nested_stack_between_two_tasks_turns_their_order_round(
    stack: cdk.Stack, make_task: Make, through: str
) -> None:
    nested = cdk.NestedStack(stack, "Nested")
    topic = sns.CfnTopic(nested, "Topic")
    zero, one = make_task("Zero"), make_task("One")
    topic.display_name = f"after {one.task_id}"
    if through == "construct":
        zero.node.add_dependency(nested)
    else:
        reader = sns.CfnTopic(stack, "Reader", display_name=topic.attr_topic_name)
        zero.node.add_dependency(reader)

    assert waits_for(stack) == {"One": set(), "Zero": {"One"}}


def test_the_tasks_of_a_nested_stack_have_an_order_of_their_own(
    stack: cdk.Stack, make_task: Make
) -> None:
    nested = cdk.NestedStack(stack, "Nested")
    for name in ("One", "Two"):
        make_task(name, scope=nested)
        make_task(name)

    assert waits_for(nested) == waits_for(stack) == {"One": set(), "Two": {"One"}}


def test_an_aspect_of_the_users_that_turns_an_order_round_is_seen(
    stack: cdk.Stack, make_task: Make
) -> None:
    zero, one = make_task("Zero"), make_task("One")
    cdk.Aspects.of(stack).add(Before(zero, one))

    assert waits_for(stack) == {"One": set(), "Zero": {"One"}}


def test_a_role_with_a_policy_that_names_an_output_of_an_earlier_task_makes_no_cycle(
    stack: cdk.Stack, make_task: Make
) -> None:
    first = make_task("First")
    statement = iam.PolicyStatement(actions=["iot:DescribeEndpoint"], resources=[first.reports_uri])
    role = iam.Role(
        stack,
        "Own",
        assumed_by=iam.ServicePrincipal("iot.amazonaws.com"),
        inline_policies={"Reports": iam.PolicyDocument(statements=[statement])},
    )
    make_task("Second", role=role)

    assert waits_for(stack)["Second"] == {"First"}


def test_tasks_that_wait_for_each_other_are_left_to_cloudformation() -> None:
    circle = {"a": {"b"}, "b": {"a"}, "c": set[str](), "d": {"b"}}

    assert in_order(list(circle), circle) == ["c"]
