"""The prerequisites that a stack makes: thing types, groups, billing groups, policies."""

from __future__ import annotations

from collections.abc import Callable

from aws_cdk import CfnResource, RemovalPolicy, Stack
from aws_cdk import aws_iot as iot
from constructs import Construct

from thing_registration.prerequisites import PrerequisiteNames


def create_prerequisites(scope: Construct, names: PrerequisiteNames) -> list[CfnResource]:
    """Return a resource of the scope's stack for each name; tasks of one stack share them.

    Things outlive the stack, and AWS deletes no thing type, billing group or policy that is in use,
    which would make the deletion of the stack fail: so they are retained.
    """
    stack = Stack.of(scope)
    # A scope of its own: directly below a stack, `a-b` and `ab` would have one logical id.
    found = stack.node.try_find_child("Prerequisites")
    shared = found if isinstance(found, Construct) else Construct(stack, "Prerequisites")
    makers: tuple[tuple[tuple[str, ...], str, Callable[[str, str], CfnResource]], ...] = (
        (
            names.thing_types,
            "ThingType",
            lambda child, name: iot.CfnThingType(shared, child, thing_type_name=name),
        ),
        (
            names.thing_groups,
            "ThingGroup",
            lambda child, name: iot.CfnThingGroup(shared, child, thing_group_name=name),
        ),
        (
            names.billing_groups,
            "BillingGroup",
            lambda child, name: iot.CfnBillingGroup(shared, child, billing_group_name=name),
        ),
        (
            names.policies,
            "Policy",
            lambda child, name: iot.CfnPolicy(
                shared, child, policy_name=name, policy_document=own_topics_policy(stack)
            ),
        ),
    )
    made = []
    for kind_names, kind, make in makers:
        for name in kind_names:
            child = f"{kind}-{name}"
            resource = shared.node.try_find_child(child)
            if not isinstance(resource, CfnResource):
                resource = make(child, name)
                resource.apply_removal_policy(RemovalPolicy.RETAIN)
            made.append(resource)
    return made


# What a device may do under a policy that CREATE makes: connect as the thing its certificate is
# attached to, and use topics below its own name.
# https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html
_THING = "${iot:Connection.Thing.ThingName}"


def own_topics_policy(stack: Stack) -> dict[str, object]:
    """Return the document of a policy that CREATE makes."""

    def arn(kind: str, name: str) -> str:
        return stack.format_arn(service="iot", resource=kind, resource_name=name)

    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "iot:Connect",
                "Resource": arn("client", _THING),
                "Condition": {"Bool": {"iot:Connection.Thing.IsAttached": "true"}},
            },
            {
                "Effect": "Allow",
                "Action": ["iot:Publish", "iot:Receive"],
                "Resource": arn("topic", f"{_THING}/*"),
            },
            {
                "Effect": "Allow",
                "Action": "iot:Subscribe",
                "Resource": arn("topicfilter", f"{_THING}/*"),
            },
        ],
    }
