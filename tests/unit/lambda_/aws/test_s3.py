"""The calls to S3: what is written only once, read and copied."""

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.unit.lambda_.stubs import NOW, body
from thing_registration_worker.aws import s3

OBJECT = {"Bucket": "fleet", "Key": "k"}


def listed(*keys: str, **more: Any) -> dict[str, Any]:
    return {"Contents": [{"Key": key} for key in keys], **more}


def test_a_conditional_write_names_the_etag_that_it_replaces(aws: Any) -> None:
    stub = aws.stub("s3")
    stub.add_response("put_object", {"ETag": "1"}, {**OBJECT, "Body": b"x", "IfNoneMatch": "*"})
    stub.add_response("put_object", {"ETag": "2"}, {**OBJECT, "Body": b"y", "IfMatch": "1"})

    assert s3.write_if(aws.s3, "fleet", "k", b"x", "") == "1"
    assert s3.write_if(aws.s3, "fleet", "k", b"y", "1") == "2"


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey"])
def test_a_conditional_write_that_comes_second_writes_nothing(aws: Any, code: str) -> None:
    aws.stub("s3").add_client_error("put_object", code)

    assert s3.write_if(aws.s3, "fleet", "k", b"x", "1") is None


def test_a_conditional_write_that_is_denied_is_an_error(aws: Any) -> None:
    aws.stub("s3").add_client_error("put_object", "AccessDenied")

    with pytest.raises(ClientError, match="AccessDenied"):
        s3.write_if(aws.s3, "fleet", "k", b"x", "1")


def test_an_object_is_read_with_its_etag_or_is_none(aws: Any) -> None:
    aws.stub("s3").add_response("get_object", {"Body": body("x"), "ETag": "1"}, OBJECT)
    aws.stub("s3").add_client_error("get_object", "NoSuchKey")

    assert s3.read_with_etag(aws.s3, "fleet", "k") == (b"x", "1")
    assert s3.read_with_etag(aws.s3, "fleet", "k") is None


@pytest.mark.parametrize("code", ["NoSuchKey", "NoSuchBucket"])
def test_what_is_not_there_has_no_bytes_and_no_lines(aws: Any, code: str, tmp_path: Path) -> None:
    for _ in range(4):
        aws.stub("s3").add_client_error("get_object", code)

    assert s3.read_with_etag(aws.s3, "fleet", "k") is None
    assert not s3.read_file(aws.s3, "fleet", "k", tmp_path / "k")
    assert s3.read(aws.s3, "fleet", "k") is None
    assert list(s3.lines(aws.s3, "fleet", "k")) == []


def test_what_cannot_be_read_is_an_error(aws: Any) -> None:
    for _ in range(2):
        aws.stub("s3").add_client_error("get_object", "AccessDenied")

    with pytest.raises(ClientError):
        s3.read(aws.s3, "fleet", "k")
    with pytest.raises(ClientError):
        list(s3.lines(aws.s3, "fleet", "k"))


def test_an_object_is_read_line_by_line(aws: Any) -> None:
    aws.stub("s3").add_response("get_object", {"Body": body("a\nb\n")}, OBJECT)

    assert list(s3.lines(aws.s3, "fleet", "k")) == [b"a", b"b"]


def test_an_object_is_read_into_a_file(aws: Any, tmp_path: Path) -> None:
    aws.stub("s3").add_response("get_object", {"Body": body("a\nb")}, OBJECT)

    assert s3.read_file(aws.s3, "fleet", "k", tmp_path / "k")
    assert (tmp_path / "k").read_bytes() == b"a\nb"


def test_a_range_of_an_object_is_from_one_place_to_before_another(aws: Any) -> None:
    expected = {**OBJECT, "Range": "bytes=5-8"}
    aws.stub("s3").add_response("get_object", {"Body": body("abcd")}, expected)

    assert s3.read_range(aws.s3, "fleet", "k", 5, 9) == b"abcd"


def test_lines_from_a_place_keep_their_line_breaks(aws: Any) -> None:
    aws.stub("s3").add_response("head_object", {"ContentLength": 9}, OBJECT)
    expected = {**OBJECT, "Range": "bytes=4-"}
    aws.stub("s3").add_response("get_object", {"Body": body("a\n\r\nb")}, expected)
    aws.stub("s3").add_response("head_object", {"ContentLength": 4}, OBJECT)

    assert list(s3.lines_from(aws.s3, "fleet", "k", 4)) == [b"a\n", b"\r\n", b"b"]
    assert list(s3.lines_from(aws.s3, "fleet", "k", 4)) == []


def test_a_line_that_never_ends_is_yielded_in_pieces(aws: Any) -> None:
    text = "x" * (3 * s3.MIB + 5)
    aws.stub("s3").add_response("get_object", {"Body": body(text)})

    pieces = list(s3.lines_from(aws.s3, "fleet", "k", 0))

    assert b"".join(pieces) == text.encode()
    assert max(map(len, pieces)) <= 2 * s3.MIB


def test_the_region_of_a_bucket_that_is_denied_is_an_error_of_aws(aws: Any) -> None:
    aws.stub("s3").add_client_error("head_bucket", "403", http_status_code=403)

    with pytest.raises(ClientError, match="403"):
        s3.region(aws.s3, "fleet")


def test_what_is_below_one_prefix_is_copied_to_below_another_unless_it_is_there(aws: Any) -> None:
    stub = aws.stub("s3")
    new, old = {"Bucket": "new", "Prefix": "b/"}, {"Bucket": "old", "Prefix": "a/"}
    stub.add_response("list_objects_v2", listed("b/1"), new)
    stub.add_response("list_objects_v2", listed("a/1", "a/2"), old)
    source = {"Bucket": "old", "Key": "a/2"}
    stub.add_response("head_object", {"ContentLength": 1, "ETag": "1"}, source)
    stub.add_response("copy_object", {}, {"Bucket": "new", "Key": "b/2", "CopySource": source})

    assert s3.copy_below(aws.s3, ("old", "a/"), ("new", "b/"), float("inf"))


def test_each_call_copies_one_object_at_least_and_leaves_the_rest_to_the_next(
    aws: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: NOW)
    for end, copied in ((NOW - 1, 1), (NOW, 2)):
        aws.stub("s3").add_response("list_objects_v2", {})
        aws.stub("s3").add_response("list_objects_v2", listed("a/1", "a/2"))
        for _ in range(copied):
            aws.stub("s3").add_response("head_object", {"ContentLength": 1, "ETag": "1"})
            aws.stub("s3").add_response("copy_object", {})

        assert s3.copy_below(aws.s3, ("old", "a/"), ("new", "b/"), end) is (copied == 2)


def test_nothing_is_copied_from_a_bucket_that_is_gone(aws: Any) -> None:
    aws.stub("s3").add_response("list_objects_v2", {})
    aws.stub("s3").add_client_error("list_objects_v2", "NoSuchBucket")

    assert s3.copy_below(aws.s3, ("old", "a/"), ("new", "b/"), float("inf"))


def test_a_list_that_is_denied_is_an_error_and_not_an_empty_bucket(aws: Any) -> None:
    aws.stub("s3").add_client_error("list_objects_v2", "AccessDenied")

    with pytest.raises(ClientError):
        s3.copy_below(aws.s3, ("old", "a/"), ("new", "b/"), float("inf"))
