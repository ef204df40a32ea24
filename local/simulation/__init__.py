"""The local AWS in one process, on a virtual clock: no sockets, threads or waiting.

`SimulatedAws` is its front. Whatever runs in it (a Lambda's invocation, an execution, a thread of
ministack) is an `Actor`; exactly one runs at a time, and it yields at each AWS call and each sleep.
"""

from local.simulation.aws import SimulatedAws
from local.simulation.calls import Call, HttpFailure
from local.simulation.death import Death

__all__ = ["Call", "Death", "HttpFailure", "SimulatedAws"]
