"""Objects in memory, in the place of S3, among them the claim."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from thing_registration_worker.request.request import Declaration
from thing_registration_worker.state.claim import Claim


class ClaimObjects:
    """Reads and writes objects with ETags as `aws.s3` does; one bucket is as good as another.

    `on_write` is called before each conditional write: another request may come in between.
    """

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self._etags: dict[str, str] = {}
        self._numbers = count(1)
        self.on_write: Any = lambda: None

    def read(self, _client: Any, _bucket: str, key: str) -> bytes | None:
        return self.bodies.get(key)

    def read_with_etag(self, _client: Any, _bucket: str, key: str) -> tuple[bytes, str] | None:
        return (self.bodies[key], self._etags[key]) if key in self.bodies else None

    def write(self, _client: Any, _bucket: str, key: str, body: bytes) -> None:
        self.place(key, body)

    def write_if(self, _client: Any, _bucket: str, key: str, body: bytes, etag: str) -> str | None:
        self.on_write()
        if self._etags.get(key, "") != etag:
            return None
        return self.place(key, body)

    def lines(self, _client: Any, _bucket: str, key: str) -> Iterator[bytes]:
        yield from self.bodies.get(key, b"").splitlines()

    def lines_from(self, _client: Any, _bucket: str, key: str, offset: int) -> Iterator[bytes]:
        yield from self.bodies[key][offset:].splitlines(keepends=True)

    def keys_below(self, _client: Any, _bucket: str, prefix: str) -> Iterator[str]:
        yield from sorted(key for key in self.bodies if key.startswith(prefix))

    def put(self, declaration: Declaration, claim: Claim) -> None:
        """Write a claim whatever was there."""
        self.place(declaration.keys.claim, claim.to_json())
        self.place(declaration.keys.unclear, claim.unclear_to_json())

    def remove(self, declaration: Declaration) -> None:
        """Remove the claim."""
        del self.bodies[declaration.keys.claim], self._etags[declaration.keys.claim]

    def place(self, key: str, body: bytes) -> str:
        """Write an object whatever was there, and return its new ETag."""
        self.bodies[key] = body
        self._etags[key] = f'"{next(self._numbers)}"'
        return self._etags[key]
