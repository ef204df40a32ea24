"""The local AWS in one process: the front for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlencode

import boto3

from local.iot.registration_tasks import RegistrationTasks
from local.server.options import DEFAULT_ACCOUNT, DEFAULT_REGION
from local.simulation.calls import Listener
from local.simulation.world import ENDPOINT_URL, the_world

_THINGS_PER_SECOND = 10.0
T = TypeVar("T")


class SimulatedAws:
    """A local AWS in this process, on a virtual clock; one at a time.

    Time passes only while somebody waits: in a call of a client, or in `sleep`. Code
    outside sees the process's own time; `inside()` lets a block of it see the virtual one.

    Args:
        seed: of all that is left to chance. One seed is one life.
        things_per_second: the rate of a registration task.
        auth: whether IAM policies are enforced.
        quota: the registry's calls per second in multiples of AWS's quotas; 0: no limit.
    """

    region = DEFAULT_REGION
    account = DEFAULT_ACCOUNT
    endpoint_url = ENDPOINT_URL

    def __init__(
        self,
        *,
        seed: int = 0,
        things_per_second: float = _THINGS_PER_SECOND,
        auth: bool = True,
        quota: float = 1.0,
    ) -> None:
        self._world = the_world()
        self._seed, self._auth = seed, auth
        self._things_per_second = things_per_second
        self._quota = quota
        self._session: Any = None

    def __enter__(self) -> SimulatedAws:
        """Begin with an empty account."""
        self._world.begin(self._seed, auth=self._auth)
        with self.inside():
            self._session = boto3.session.Session()
        self.faults()
        return self

    def __exit__(self, *_: object) -> None:
        """End whatever runs."""
        self._world.end()

    @property
    def now(self) -> float:
        """Return the virtual time in epoch seconds."""
        return self._world.now

    @property
    def calls(self) -> int:
        """Return how many AWS calls Lambdas have made."""
        return self._world.network.calls

    @property
    def registration_tasks(self) -> RegistrationTasks:
        """Return the tasks of the account, those that a test adds with them."""
        return self._world.tasks

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass."""
        with self.inside():
            self._world.sleep(seconds)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Let a block see virtual time: `time`, `datetime` and `sleep` follow it."""
        with self._world.running():
            yield

    def listen(self, listener: Listener | None) -> None:
        """Let somebody be told of each AWS call of a Lambda; None: nobody."""
        self._world.network.listener = listener

    def let_grow_cold(self) -> None:
        """Let the next invocations find no warm execution environment."""
        self._world.invocations.let_grow_cold()

    def client(self, service_name: str, **arguments: Any) -> Any:
        """Return a boto3 client of the account's root, or of the credentials in `arguments`."""
        settings: dict[str, Any] = {
            "endpoint_url": ENDPOINT_URL,
            "region_name": self.region,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            **arguments,
        }
        with self.inside():
            client = self._session.client(service_name, **settings)
        for name in ("_make_api_call", "generate_presigned_url"):
            setattr(client, name, self._inside(getattr(client, name)))
        return client

    def faults(self, **faults: Any) -> dict[str, Any]:
        """Replace all faults (no arguments: no faults) and return the document in force."""
        usual = {"things_per_second": self._things_per_second, "quota": self._quota}
        return self._administer("PUT", "/_local/faults", "", {**usual, **faults})

    def fault_strikes(self) -> dict[str, int]:
        """Return how often each fault in force has struck, such as `{"calls[0]": 2, "role": 0}`."""
        struck: dict[str, int] = self._administer("GET", "/_local/faults", "", None)["struck"]
        return struck

    def journal(self, kind: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return the journal's entries of a kind whose number `n` is greater than `after`."""
        wanted: dict[str, Any] = {"after": after}
        if kind is not None:
            wanted["kind"] = kind
        answer = self._administer("GET", "/_local/journal", urlencode(wanted), None)
        entries: list[dict[str, Any]] = answer["entries"]
        return entries

    def _administer(self, method: str, path: str, query: str, document: Any) -> dict[str, Any]:
        body = b"" if document is None else json.dumps(document).encode()
        with self.inside():
            status, content = self._world.admin.handle(method, path, query, body)
        answer: dict[str, Any] = json.loads(content)
        if status != 200:
            raise ValueError(answer["message"])
        return answer

    def _inside(self, call: Callable[..., T]) -> Callable[..., T]:
        def call_inside(*arguments: Any, **named: Any) -> T:
            with self.inside():
                return call(*arguments, **named)

        return call_inside
