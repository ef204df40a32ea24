"""The account and Region that a request is for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ministack.core import responses


@dataclass(frozen=True)
class Scope:
    """An account (12 digits) and a Region."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of a resource in this scope."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


def current_scope() -> Scope:
    """Return the scope of the request that is being served."""
    return Scope(str(responses.get_account_id()), str(responses.get_region()))


@contextmanager
def in_scope(scope: Scope) -> Iterator[None]:
    """Use ministack's state in a scope, outside of a request."""
    with responses.request_scope(scope.account, scope.region):
        yield
