"""Claims in memory, in the place of the bucket."""

from itertools import count
from typing import Any

from claim import Claim
from request import Declaration


class ClaimObjects:
    """Reads and writes objects with ETags as `aws.s3` does.

    `on_write` is called before each write: another request may come in between.
    """

    def __init__(self) -> None:
        self._objects: dict[tuple[str, str], tuple[bytes, str]] = {}
        self._numbers = count(1)
        self.on_write: Any = lambda: None

    def read(self, _client: Any, bucket: str, key: str) -> tuple[bytes, str] | None:
        return self._objects.get((bucket, key))

    def write_if(self, _client: Any, bucket: str, key: str, body: bytes, etag: str) -> str | None:
        self.on_write()
        found = self._objects.get((bucket, key))
        if (found[1] if found else "") != etag:
            return None
        return self._put(bucket, key, body)

    def put(self, declaration: Declaration, claim: Claim) -> None:
        """Write a claim whatever was there."""
        self._put(declaration.bucket, declaration.keys.claim, claim.to_json())

    def remove(self, declaration: Declaration) -> None:
        """Remove the claim."""
        del self._objects[declaration.bucket, declaration.keys.claim]

    def _put(self, bucket: str, key: str, body: bytes) -> str:
        etag = f'"{next(self._numbers)}"'
        self._objects[bucket, key] = (body, etag)
        return etag
