"""The worker finds the input where the user put it, or where the deployment does."""

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from aws_cdk.assertions import Match, Template

from tests.unit.constructs.fleet import Make, properties
from thing_registration import InputFile


def test_an_input_in_a_bucket_is_read_from_there_and_no_asset_is_made(
    stack: cdk.Stack, make_task: Make
) -> None:
    source = s3.Bucket.from_bucket_name(stack, "Source", "factory")
    make_task(input_file=InputFile.from_bucket(source, "devices/today.jsonl"))

    found = properties(stack)
    assert (found["SourceBucket"], found["SourceKey"]) == ("factory", "devices/today.jsonl")
    read = Match.object_like({"Action": "s3:GetObject", "Effect": "Allow"})
    Template.from_stack(stack).has_resource_properties(
        "AWS::IAM::Policy", {"PolicyDocument": {"Statement": Match.array_with([read])}}
    )
