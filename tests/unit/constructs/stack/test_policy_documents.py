"""The documents of the policies that the worker makes."""

import json
from typing import Any

import aws_cdk as cdk
import pytest
from aws_cdk.assertions import Annotations, Match

from tests.unit.constructs.cases import POLICY, long_policy
from tests.unit.constructs.fleet import Make, properties
from thing_registration import InputFile, Prerequisites

CONNECT = json.loads(POLICY)


def documents(stack: cdk.Stack) -> Any:
    """The documents as they are deployed in one account."""
    found = properties(stack)["PolicyDocuments"]
    if isinstance(found, str):
        return json.loads(found)
    pseudo = {"AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012"}
    separator, parts = found["Fn::Join"]
    texts = (part if isinstance(part, str) else pseudo[part["Ref"]] for part in parts)
    return json.loads(separator.join(texts))


def test_a_policy_without_a_document_lets_a_device_use_its_own_topics(
    stack: cdk.Stack, make_task: Make
) -> None:
    make_task(prerequisites=Prerequisites.CREATE)

    (document,) = documents(stack).items()
    assert document[0] == "*"
    connect, publish, subscribe = document[1]["Statement"]
    own = "arn:aws:iot:eu-west-1:123456789012:{}/${{iot:Connection.Thing.ThingName}}"
    assert connect["Resource"] == own.format("client")
    assert connect["Condition"] == {"Bool": {"iot:Connection.Thing.IsAttached": "true"}}
    assert publish["Resource"] == own.format("topic") + "/*"
    assert subscribe["Resource"] == own.format("topicfilter") + "/*"


def test_a_document_of_the_users_goes_to_the_worker_with_its_tokens_resolved(
    stack: cdk.Stack, make_task: Make
) -> None:
    resource = stack.format_arn(service="iot", resource="client", resource_name="a")
    document = {**CONNECT, "Statement": [{**CONNECT["Statement"][0], "Resource": resource}]}

    make_task(prerequisites=Prerequisites.CREATE, policy_documents={"sensor": document})

    found = documents(stack)
    assert found.keys() == {"*", "sensor"}
    (statement,) = found["sensor"]["Statement"]
    assert statement["Resource"] == "arn:aws:iot:eu-west-1:123456789012:client/a"


@pytest.mark.parametrize("prerequisites", [Prerequisites.VERIFY, Prerequisites.ASSUME])
def test_only_create_has_documents(
    stack: cdk.Stack, make_task: Make, prerequisites: Prerequisites
) -> None:
    make_task("Fleet", prerequisites=prerequisites)
    with pytest.raises(
        ValueError,
        match=rf"^policy_documents must be used with Prerequisites.CREATE, got {prerequisites}$",
    ):
        make_task("Other", prerequisites=prerequisites, policy_documents={"sensor": CONNECT})

    assert properties(stack)["PolicyDocuments"] == "{}"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"a b": CONNECT}, r'^policy_documents must have policy names of 1–128 .*, got "a b"$'),
        ({"*": CONNECT}, r'got "\*"$'),
        ({"p": {"a": {1}}}, r'^policy_documents\["p"\] must have JSON values only, got '),
        ({"p": {"a": float("nan")}}, "must have JSON values only, got "),
        (
            {"p": json.loads(long_policy(2_049))},
            "has 2,049 characters: must have at most 2,048, not counting",
        ),
        ({"p": {"a": {"Ref": "B"}}}, r'contains \{"Ref": "B"\}, which AWS does not resolve here'),
        (
            {f"p{n}": json.loads(long_policy(2_000)) for n in range(40)},
            r"must have at most 65,536 characters of JSON together, got 80,\d\d\d$",
        ),
    ],
)
def test_documents_that_aws_does_not_accept_are_refused_before_anything_is_made(
    stack: cdk.Stack, make_task: Make, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_task(prerequisites=Prerequisites.CREATE, policy_documents=given)

    assert not stack.node.children


def test_white_space_in_a_document_does_not_count(make_task: Make) -> None:
    document = json.loads(long_policy(2_030).replace("xx", "x" + " " * 100 + "x", 1))

    make_task(prerequisites=Prerequisites.CREATE, policy_documents={"sensor": document})


def test_a_document_for_a_policy_that_no_device_refers_to_is_warned_of(
    stack: cdk.Stack, make_task: Make
) -> None:
    used_and_unused = {"sensor": CONNECT, "sensors": CONNECT}

    make_task(prerequisites=Prerequisites.CREATE, policy_documents=used_and_unused)

    message = "policy_documents has documents for policies that no device refers to: sensors"
    Annotations.from_stack(stack).has_warning(
        "/Stack/Fleet", Match.string_like_regexp(f"^{message}( |$)")
    )


def test_a_file_in_a_bucket_may_name_any_policy(stack: cdk.Stack, make_task: Make) -> None:
    source = cdk.aws_s3.Bucket.from_bucket_name(stack, "Source", "factory")

    make_task(
        prerequisites=Prerequisites.CREATE,
        policy_documents={"other": CONNECT},
        input_file=InputFile.from_bucket(source, "devices.jsonl"),
    )

    assert Annotations.from_stack(stack).find_warning("*", Match.any_value()) == []


def test_a_variable_that_aws_does_not_replace_is_warned_of_and_a_token_is_none(
    stack: cdk.Stack, make_task: Make
) -> None:
    statement = CONNECT["Statement"][0]
    tokens = stack.format_arn(service="iot", resource="client", resource_name="*")
    region = "arn:aws:iot:${AWS::Region}:1:client/a"
    documents = {
        "sensor": {**CONNECT, "Statement": [{**statement, "Resource": tokens}]},
        "other": {
            **CONNECT,
            "Statement": [{**statement, "Resource": region}],
        },
    }

    make_task(prerequisites=Prerequisites.CREATE, policy_documents=documents)

    warnings = [
        str(found.entry.data)
        for found in Annotations.from_stack(stack).find_warning("*", Match.any_value())
    ]
    assert [text for text in warnings if "does not replace" in text] == [
        'policy_documents["other"] has ${AWS::Region}, which AWS IoT does not replace: use a '
        "value, or a variable such as ${iot:Connection.Thing.ThingName} "
        "[ack: thing-registration:policy-variable]"
    ]
