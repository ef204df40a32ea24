"""Lives that are the same up to a moment: the process is forked there, and each child lives on.

A child costs only the rest of its life, and cannot disturb the one that it comes from.
"""

from __future__ import annotations

import gc
import os
import pickle
import shutil
import traceback
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """How a child's life has ended.

    Attributes:
        failure: what did not hold; empty where all did.
        struck: whether what the child was forked for has happened.
        told: what else it had to tell.
    """

    failure: str
    struck: bool
    told: object = None


def _leave(*_: object, **__: object) -> None:
    """Delete no folder: the process that was there first deletes all at its end."""


class Forks:
    """The children of a life, one after the other.

    Attributes:
        is_child: whether this process is one of them.
        outcomes: what has become of them, by their names.
    """

    def __init__(self) -> None:
        self.is_child = False
        self.outcomes: dict[str, Outcome] = {}
        self._answer = -1
        self.struck = False
        self.told: object = None

    def branch(self, name: str) -> bool:
        """Fork; return True in the child, and False in the parent once the child has ended."""
        reading, writing = os.pipe()
        # A collection would touch, and so copy, all that both processes share.
        gc.freeze()
        child = os.fork()
        if child == 0:
            gc.disable()
            # Its parent goes on with the files that both have.
            shutil.rmtree = _leave  # type: ignore[assignment]
            os.close(reading)
            self.is_child, self._answer, self.struck = True, writing, False
            return True
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            told = pipe.read()
        _, status = os.waitpid(child, 0)
        ended = f"the child ended with status {status} and told nothing"
        self.outcomes[name] = pickle.loads(told) if told else Outcome(ended, struck=False)
        return False

    def live(self, life: Callable[[], None]) -> None:
        """Live to the end; a child tells its parent how it ended, and is no more."""
        try:
            life()
        except BaseException:
            if not self.is_child:
                raise
            self._end(traceback.format_exc())
        if self.is_child:
            self._end("")

    def _end(self, failure: str) -> None:
        told = pickle.dumps(Outcome(failure, self.struck, self.told))
        while told:
            told = told[os.write(self._answer, told) :]
        os._exit(0)
