"""The state of a fleet is downloaded, and what cannot be read is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from tests.unit.constructs.deployed.objects import KEYS, PREFIX, Bucket
from tests.unit.constructs.planning.states import state, thing
from thing_registration.deployed.errors import CommandError
from thing_registration.deployed.fleet_state import FleetState, read_state
from thing_registration_worker.state import devices
from thing_registration_worker.state.head import Head, Holder
from thing_registration_worker.state.order import Moment

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def read(bucket: Bucket, name: str = "files") -> FleetState:
    return read_state(cast("S3Client", bucket), name, PREFIX, lambda words: None)


def test_a_state_is_read_as_it_was_written() -> None:
    bucket = Bucket()
    bucket.store(state(thing("a", 0)))
    before = list(bucket.written)

    found = read(bucket)

    assert devices.count_in_fleet(found.db) == 1
    assert (found.is_there, found.problem) == (True, "")
    assert bucket.written == before


def test_without_a_head_nothing_is_known() -> None:
    found = read(Bucket())

    assert (found.is_there, found.problem, found.has_bucket) == (False, "", True)
    assert devices.count_in_fleet(found.db) == 0


def test_a_bucket_that_is_gone_is_named() -> None:
    found = read(Bucket(), "gone")

    assert (found.is_there, found.has_bucket) == (False, False)
    assert found.problem == "bucket gone does not exist"


def test_a_head_without_a_state_is_one_of_a_deployment_that_came_to_nothing() -> None:
    bucket = Bucket()
    bucket.head(Head(Holder("request-1", Moment(0))))

    found = read(bucket)

    assert (found.is_there, found.head is not None) == (False, True)


@pytest.mark.parametrize("content", [None, b"cut"])
def test_a_state_that_cannot_be_read_is_named(content: bytes | None) -> None:
    bucket = Bucket()
    bucket.store(state(thing("a", 0)))
    (key,) = [key for key in bucket.objects if key.startswith(KEYS.states)]
    if content is None:
        del bucket.objects[key]
    else:
        bucket.objects[key] = content

    found = read(bucket)

    assert f"s3://files/{key}" in found.problem
    assert devices.count_in_fleet(found.db) == 0


def test_a_state_that_a_later_version_has_written_is_an_error_that_names_both() -> None:
    bucket = Bucket()
    bucket.store(state(), oldest_reader=99, worker="9.0.0")

    with pytest.raises(CommandError, match=r"version 9\.0\.0 of thing-registration has written"):
        read(bucket)
