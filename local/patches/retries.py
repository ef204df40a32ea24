"""Difference: a Retry ignores MaxDelaySeconds and JitterStrategy and never waits over 60 seconds,
and a stopped execution goes on retrying.

Patch: all of a retrier counts, and no attempt is made once the execution has ended.
Unnecessary once ministack reads MaxDelaySeconds.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from ministack.services import stepfunctions

_LOOK_SECONDS = 0.2

_execution: ContextVar[Mapping[str, Any] | None] = ContextVar("_execution", default=None)


def apply() -> None:
    """Apply the patch."""
    find, run = stepfunctions._find_matching_retrier, stepfunctions._run_execution

    def run_execution(arn: str) -> None:
        _execution.set(stepfunctions._executions.get(arn))
        run(arn)

    def wait_and_find(retriers: Any, error: str, counts: Any) -> Any:
        retrier, index = find(retriers, error, counts)
        if retrier is None or not _wait(delay(retrier, counts.get(index, 0), random.random())):
            return None, -1
        return {**retrier, "IntervalSeconds": 0}, index

    stepfunctions._run_execution = run_execution
    stepfunctions._find_matching_retrier = wait_and_find


def delay(retrier: Mapping[str, Any], retries: int, chance: float) -> float:
    """Return how long to wait before the next retry, in seconds; `chance` is from 0 to 1."""
    seconds = retrier.get("IntervalSeconds", 1) * retrier.get("BackoffRate", 2.0) ** retries
    seconds = min(seconds, retrier.get("MaxDelaySeconds", seconds))
    return float(seconds * chance if retrier.get("JitterStrategy") == "FULL" else seconds)


def _wait(seconds: float) -> bool:
    """Wait and return whether the execution is still running."""
    execution = _execution.get()
    end = time.monotonic() + seconds
    while execution is None or execution["status"] == "RUNNING":
        left = end - time.monotonic()
        if left <= 0:
            return True
        time.sleep(min(left, _LOOK_SECONDS))
    return False
