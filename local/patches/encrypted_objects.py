"""Difference: an object under SSE-KMS is read and written without any permission on the key.

Patch: reading needs kms:Decrypt, writing kms:GenerateDataKey, a multipart upload both, on the
customer managed key; by the identity's policies and the key's.
Unnecessary once ministack's S3 asks for kms:Decrypt.
Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from urllib.parse import unquote

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.router import extract_access_key_id
from ministack.services import kms, s3

from local.faults.service_apis import api_of_request
from local.ministack.scope import current_scope
from local.ministack.service_handler import HttpReply

_KEY_HEADER = "x-amz-server-side-encryption-aws-kms-key-id"
_READS = ("GetObject", "SelectObjectContent")
_COPIES = ("CopyObject", "UploadPartCopy")
_WRITES = ("PutObject", "CopyObject", "CreateMultipartUpload")


def apply() -> None:
    """Apply the patch."""
    handler = app.SERVICE_HANDLERS["s3"]

    async def handle(
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, list[str]],
    ) -> HttpReply:
        if app.AUTH:
            api = api_of_request("s3", method, path, headers, b"", query)
            access_key = extract_access_key_id(headers, query) or ""
            for action, key in needed(api, path, headers):
                denial = iam_evaluator.enforce(
                    access_key, action, "kms", current_scope().region, key
                )
                if denial is not None:
                    return _access_denied(action, key)
        reply: HttpReply = await handler(method, path, headers, body, query)
        return reply

    app.SERVICE_HANDLERS["s3"] = handle


def needed(api: str | None, path: str, headers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the actions on keys, by their ARNs, that a call of S3 needs."""
    if api in _READS:
        yield from _with_key("kms:Decrypt", _key_of_object(path))
    if api in _COPIES:
        source = headers.get("x-amz-copy-source", "").partition("?")[0]
        yield from _with_key("kms:Decrypt", _key_of_object(source))
    if api in _WRITES:
        bucket = unquote(path).lstrip("/").partition("/")[0]
        key = headers.get(_KEY_HEADER) or s3._bucket_default_sse_headers(bucket).get(_KEY_HEADER)
        yield from _with_key("kms:GenerateDataKey", key)
        if api == "CreateMultipartUpload":
            yield from _with_key("kms:Decrypt", key)


def _key_of_object(path: str) -> str | None:
    bucket, _, name = unquote(path).lstrip("/").partition("/")
    record = (s3._buckets.get(bucket) or {}).get("objects", {}).get(name)
    if record is None:
        return None
    stored = s3._stored_sse_headers(record)
    key = stored.get(_KEY_HEADER) or s3._bucket_default_sse_headers(bucket).get(_KEY_HEADER)
    return str(key) if key else None


def _with_key(action: str, key: str | None) -> Iterator[tuple[str, str]]:
    record = kms._resolve_key(key) if key else None
    if record is not None:
        yield action, str(record["Arn"])


def _access_denied(action: str, key: str) -> HttpReply:
    message = escape(
        f"User is not authorized to perform: {action} on resource: {key} because no identity-based "
        f"policy allows the {action} action"
    )
    body = f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"
    return 403, {"Content-Type": "application/xml"}, body.encode()
