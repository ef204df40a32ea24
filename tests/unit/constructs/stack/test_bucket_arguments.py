"""Where a task keeps or finds its files: what AWS IoT does not accept is refused at synth."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from tests.unit.constructs.fleet import Make, properties
from thing_registration import InputFile


@pytest.mark.parametrize("given", ["fleet/north", "fleet/north/"])
def test_a_prefix_may_be_stated_without_its_slash(
    stack: cdk.Stack, make_task: Make, given: str
) -> None:
    make_task(key_prefix=given)

    assert properties(stack)["KeyPrefix"] == "fleet/north/"


def test_a_prefix_without_its_slash_is_that_of_another_task(
    stack: cdk.Stack, make_task: Make
) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    make_task("One", bucket=bucket, key_prefix="fleet")
    make_task("Two", bucket=bucket, key_prefix="fleet-2")

    with pytest.raises(ValueError, match=r"^key_prefix must be neither that of another task"):
        make_task("Three", bucket=bucket, key_prefix="fleet/")


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("/fleet/", "^key_prefix must be a name and not begin with a slash, got '/fleet/'$"),
        ("", "^key_prefix must be a name and not begin with a slash, got ''$"),
        (
            "my fleet",
            r"^key_prefix must be at most 900 characters of \[a-zA-Z0-9!.* got 'my fleet'$",
        ),
        ("x" * 900, "^key_prefix must be at most 900 characters"),
    ],
)
def test_a_prefix_that_aws_iot_does_not_take_is_refused(
    stack: cdk.Stack, make_task: Make, prefix: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        make_task(key_prefix=prefix)

    assert not stack.node.children


def test_a_key_that_aws_iot_does_not_take_is_refused(stack: cdk.Stack, make_task: Make) -> None:
    source = s3.Bucket.from_bucket_name(stack, "Source", "factory")

    with pytest.raises(
        ValueError, match=r"^key must be 1 to 1024 characters of .*, got 'my devices.jsonl'"
    ):
        make_task(input_file=InputFile.from_bucket(source, "my devices.jsonl"))

    assert stack.node.try_find_child("Fleet") is None


@pytest.mark.parametrize("version_id", ["", "v" * 1_025])
def test_a_version_that_s3_cannot_have_is_refused(
    stack: cdk.Stack, make_task: Make, version_id: str
) -> None:
    source = s3.Bucket.from_bucket_name(stack, "Source", "factory")

    with pytest.raises(ValueError, match=r"version_id must be 1 to 1,024 characters, got "):
        make_task(input_file=InputFile.from_bucket(source, "a.jsonl", version_id=version_id))

    assert stack.node.try_find_child("Fleet") is None


@pytest.mark.parametrize("argument", ["bucket", "input_file"])
def test_a_bucket_of_another_region_is_refused_where_both_are_known(
    argument: str, make_task: Make
) -> None:
    def given(region: str | None, theirs: str | None) -> None:
        stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(region=region))
        bucket = s3.Bucket.from_bucket_attributes(stack, "Own", bucket_name="fleets", region=theirs)
        source = InputFile.from_bucket(bucket, "devices.jsonl")
        make_task(scope=stack, **{argument: bucket if argument == "bucket" else source})

    given("eu-west-1", "eu-west-1")
    given("eu-west-1", None)
    given(None, "us-east-1")
    with pytest.raises(
        ValueError,
        match=f"^{argument} must be in the Region of stack Stack, eu-west-1, "
        "got a bucket in us-east-1$",
    ):
        given("eu-west-1", "us-east-1")
