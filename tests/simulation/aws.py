"""The local AWS in one process, or as processes: a row can be lived on both."""

from __future__ import annotations

from typing import TypeAlias

from local import LocalAws
from local.simulation import SimulatedAws

Aws: TypeAlias = LocalAws | SimulatedAws
