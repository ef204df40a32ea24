"""What a person sees while the steps of a command run: their names, and how long each takes."""

from __future__ import annotations

import itertools
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

#: Whether the output of every command is shown: `V=1`.
IS_VERBOSE = os.environ.get("V") == "1"
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_FRAME_SECONDS = 0.1


@contextmanager
def step(name: str) -> Iterator[None]:
    """Say at the end of a step how long it took; on a terminal, its seconds meanwhile."""
    began, over = time.monotonic(), threading.Event()
    turning = sys.stdout.isatty() and not IS_VERBOSE
    if IS_VERBOSE:
        print(f"\n== {name}", flush=True)
    spinner = threading.Thread(target=_turn, args=(name, began, over), daemon=True)
    if turning:
        spinner.start()
    is_done = False
    try:
        yield
        is_done = True
    finally:
        over.set()
        if turning:
            spinner.join()
            print("\r\033[K", end="")
        mark = "✓" if is_done else "✗"
        print(f"{mark} {name}: {time.monotonic() - began:.1f} s", flush=True)


def _turn(name: str, began: float, over: threading.Event) -> None:
    for frame in itertools.cycle(_FRAMES):
        print(f"\r\033[K{frame} {name} {time.monotonic() - began:.0f} s", end="", flush=True)
        if over.wait(_FRAME_SECONDS):
            return
