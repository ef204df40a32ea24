"""No two tasks of an app share a prefix of a bucket, or have one inside the other's."""

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3

from tests.unit.constructs.fleet import Make

REFUSED = r"^key_prefix must be neither that of another task in the same bucket nor nested with it"


@pytest.mark.parametrize(
    ("first", "second"),
    [("fleet/", "fleet/"), ("fleet/", "fleet/north/"), ("fleet/north/", "fleet/")],
)
@pytest.mark.parametrize("imported", [True, False])
def test_one_prefix_in_another_is_refused_in_either_order(
    stack: cdk.Stack, make_task: Make, first: str, second: str, imported: bool
) -> None:
    def bucket(construct_id: str) -> s3.IBucket:
        if imported:
            return s3.Bucket.from_bucket_name(stack, construct_id, "fleets")
        return own

    own = s3.Bucket(stack, "Bucket")
    make_task("One", bucket=bucket("A"), key_prefix=first)

    with pytest.raises(ValueError, match=REFUSED) as refused:
        make_task("Two", bucket=bucket("B"), key_prefix=second)

    assert f"got '{second}' for Stack/Two, but Stack/One has '{first}'" in str(refused.value)
    assert stack.node.try_find_child("Two") is None


def test_the_own_bucket_of_another_task_is_the_same_bucket(
    stack: cdk.Stack, make_task: Make
) -> None:
    first = make_task("One", key_prefix="fleet/")

    with pytest.raises(ValueError, match=REFUSED):
        make_task("Two", bucket=first.bucket, key_prefix="fleet/north/")


def test_the_tasks_of_all_stacks_of_an_app_are_compared(make_task: Make) -> None:
    app = cdk.App()
    one, two = cdk.Stack(app, "One"), cdk.Stack(cdk.Stage(app, "Stage"), "Two")
    named = s3.Bucket(one, "Bucket", bucket_name="fleets")
    make_task(scope=one, bucket=named, key_prefix="fleet/")
    imported = s3.Bucket.from_bucket_name(two, "Bucket", "fleets")

    with pytest.raises(ValueError, match=REFUSED):
        make_task(scope=two, bucket=imported, key_prefix="fleet/")

    other = cdk.Stack(cdk.App(), "Other")
    make_task(
        scope=other, bucket=s3.Bucket.from_bucket_name(other, "B", "fleets"), key_prefix="fleet/"
    )


def test_other_prefixes_other_buckets_and_what_is_known_only_later_are_accepted(
    stack: cdk.Stack, make_task: Make
) -> None:
    bucket = s3.Bucket(stack, "Bucket")
    parameter = cdk.CfnParameter(stack, "Prefix").value_as_string

    make_task("One", bucket=bucket, key_prefix="fleet/")
    make_task("Two", bucket=bucket, key_prefix="fleet-2/")
    make_task("Three", bucket=s3.Bucket(stack, "Other"), key_prefix="fleet/")
    make_task("Four", bucket=bucket)
    make_task("Five", bucket=bucket)
    make_task("Six", key_prefix="fleet/")
    make_task("Seven", key_prefix="fleet/")
    make_task("Eight", bucket=bucket, key_prefix=f"{parameter}/")
    make_task("Nine", bucket=bucket, key_prefix=f"{parameter}/")
