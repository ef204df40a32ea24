"""Input files in a bucket: what is taken out of a file on disk does not matter there either."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from local.simulation import SimulatedAws
from tests.simulation.assembly import INPUT_BUCKET, INPUT_KEY
from tests.simulation.devices import fleet
from tests.simulation.known_defects.arranged import arranged
from tests.simulation.registry import Registry
from tests.simulation.stacks import Stack

pytestmark = pytest.mark.slow

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FIRST, SECOND, THIRD = fleet("device").splitlines(keepends=True)


@pytest.fixture
def pinned(aws: SimulatedAws, new_stack: Callable[[str], Stack]) -> Stack:
    """A stack that names the good version of its input file; it is the newest so far."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=INPUT_BUCKET)
    s3.put_bucket_versioning(Bucket=INPUT_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    put = s3.put_object(Bucket=INPUT_BUCKET, Key=INPUT_KEY, Body=FIRST + SECOND + THIRD)
    stack = new_stack("Pinned")
    stack.declare(SourceVersionId=put["VersionId"])
    return stack


def test_a_pinned_version_is_registered_although_the_newest_is_no_input_file(
    aws: SimulatedAws, pinned: Stack, registry: Registry
) -> None:
    aws.client("s3").put_object(Bucket=INPUT_BUCKET, Key=INPUT_KEY, Body=b"<html>")

    status = pinned.create()

    assert (status, len(registry.things())) == ("CREATE_COMPLETE", 3), pinned.reasons()


def test_a_pinned_version_is_registered_although_the_newest_is_deleted(
    aws: SimulatedAws, pinned: Stack, registry: Registry
) -> None:
    aws.client("s3").delete_object(Bucket=INPUT_BUCKET, Key=INPUT_KEY)

    status = pinned.create()

    assert (status, len(registry.things())) == ("CREATE_COMPLETE", 3), pinned.reasons()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(FIRST + b"\n" + SECOND + THIRD, id="a blank line"),
        pytest.param(b"\n" + FIRST + SECOND + THIRD, id="a blank first line"),
        pytest.param(FIRST + SECOND + THIRD + b"\n\n", id="blank lines at the end"),
        pytest.param(BYTE_ORDER_MARK + FIRST + SECOND + THIRD, id="a byte order mark"),
    ],
)
def test_what_is_taken_out_of_a_file_is_passed_over_in_an_object(
    stack: Stack, registry: Registry, body: bytes
) -> None:
    stack.declare_new_file(body)

    status = stack.create()

    assert (status, len(registry.things())) == ("CREATE_COMPLETE", 3), stack.reasons()


@pytest.mark.parametrize("body", [b"", b"\n\n"], ids=["empty", "blank"])
def test_an_object_without_devices_is_refused_with_words_of_its_own(
    stack: Stack, body: bytes
) -> None:
    stack.declare_new_file(body)

    arranged(stack.create() == "ROLLBACK_COMPLETE", "a file without devices is registered")

    assert "no devices" in stack.reason()
