"""Time, chance, threads' pools and the network, as the world sees them; outside nothing changes."""

from __future__ import annotations

import os
import random
import threading
import time
import urllib.request
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Protocol

import time_machine
from botocore import regions, session
from botocore.endpoint import Endpoint
from botocore.httpsession import URLLib3Session
from botocore.loaders import create_loader
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import CertificateBuilder

from local.simulation.settled import settle


class World(Protocol):
    """What the patches ask for while code runs inside of the world."""

    chance: random.Random

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass."""

    def monotonic(self) -> float:
        """Return the seconds of the virtual clock."""

    def send(self, session: Any, request: Any) -> Any:
        """Carry out a request of botocore."""

    def open_url(self, request: Any, timeout: float | None) -> Any:
        """Carry out a request of urllib."""


def apply(inside: Callable[[], World | None]) -> None:
    """Apply the patches, once for a process; `inside` returns the world while its code runs."""
    _patch_time(inside)
    _patch_chance(inside)
    _patch_pools(inside)
    _patch_network(inside)
    _patch_models(inside)


def _patch_time(inside: Callable[[], World | None]) -> None:
    real_sleep, real_monotonic = time.sleep, time.monotonic

    def sleep(seconds: Any, /) -> None:
        world = inside()
        if world is None:
            real_sleep(seconds)
        else:
            world.sleep(seconds)

    def monotonic() -> float:
        world = inside()
        return real_monotonic() if world is None else world.monotonic()

    time.sleep, time.monotonic = sleep, monotonic


def _patch_chance(inside: Callable[[], World | None]) -> None:
    real_urandom = os.urandom

    def urandom(size: int, /) -> bytes:
        world = inside()
        return real_urandom(size) if world is None else world.chance.randbytes(size)

    real_sign = CertificateBuilder.sign

    def sign(self: Any, private_key: Any, algorithm: Any, *more: Any, **named: Any) -> Any:
        if inside() is not None and isinstance(private_key, ec.EllipticCurvePrivateKey):
            named["ecdsa_deterministic"] = True
        return real_sign(self, private_key, algorithm, *more, **named)

    CertificateBuilder.sign = sign  # type: ignore[method-assign]
    os.urandom = urandom
    random._urandom = urandom  # type: ignore[attr-defined]


def _patch_pools(inside: Callable[[], World | None]) -> None:
    """Work that is given to a pool of threads is done at once: one seed is one life."""
    real_submit = ThreadPoolExecutor.submit

    def submit(self: Any, run: Any, /, *arguments: Any, **named: Any) -> Any:
        if inside() is None:
            return real_submit(self, run, *arguments, **named)
        future: Future[Any] = Future()
        settle(future, lambda: run(*arguments, **named))
        return future

    ThreadPoolExecutor.submit = submit  # type: ignore[method-assign]


def _patch_network(inside: Callable[[], World | None]) -> None:
    real_send, real_open = URLLib3Session.send, urllib.request.urlopen

    def send(self: Any, request: Any) -> Any:
        world = inside()
        return real_send(self, request) if world is None else world.send(self, request)

    def urlopen(request: Any, data: Any = None, timeout: Any = None, **more: Any) -> Any:
        world = inside()
        if world is not None:
            return world.open_url(request, timeout)
        if timeout is not None:
            more["timeout"] = timeout
        return real_open(request, data, **more)

    endpoint: Any = Endpoint
    real_response = endpoint._do_get_response

    def do_get_response(self: Any, request: Any, operation_model: Any, context: Any) -> Any:
        request.operation = (operation_model.service_model.service_name, operation_model.name)
        return real_response(self, request, operation_model, context)

    endpoint._do_get_response = do_get_response
    URLLib3Session.send = send  # type: ignore[method-assign]
    urllib.request.urlopen = urlopen  # type: ignore[assignment]


def _patch_models(inside: Callable[[], World | None]) -> None:
    """AWS's models are read once for the process, not by each cold start anew."""
    real_create, shared = session.create_loader, create_loader()

    def create(search_path_string: str | None = None) -> Any:
        return real_create(search_path_string) if inside() is None else shared

    session.create_loader = create
    botocore_regions: Any = regions
    real_provider = botocore_regions.EndpointProvider
    providers: dict[object, Any] = {}

    def provider(ruleset_data: Any, partition_data: Any, excluded_params: Any = None) -> Any:
        arguments = (ruleset_data, partition_data, excluded_params)
        if inside() is None:
            return real_provider(*arguments)
        # The rules are those of the shared loader, which keeps them.
        key = (id(ruleset_data), frozenset(excluded_params or ()))
        if key not in providers:
            providers[key] = real_provider(*arguments)
        return providers[key]

    botocore_regions.EndpointProvider = provider


class Inside:
    """The wall between the world and the rest of its process: code inside sees virtual time."""

    def __init__(self) -> None:
        self.world: World | None = None
        self._thread = 0
        self._traveller: Any = None

    def enter(self, world: World, now: float, state: Any) -> None:
        """Begin to run code of the world, with its own state of chance."""
        self._outside_chance = random.getstate()
        random.setstate(state)
        self._travel = time_machine.travel(now, tick=False)
        self._traveller = self._travel.start()
        self.world, self._thread = world, threading.get_ident()

    def here(self) -> World | None:
        """Return the world while its code runs; other threads of the process are outside."""
        return self.world if threading.get_ident() == self._thread else None

    def leave(self) -> Any:
        """Run code of the process again; return the world's state of chance."""
        self.world = None
        self._travel.stop()
        self._traveller = None
        state = random.getstate()
        random.setstate(self._outside_chance)
        return state

    def move_to(self, now: float) -> None:
        """Set the time that code inside sees."""
        if self._traveller is not None:
            self._traveller.move_to(now)
