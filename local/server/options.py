"""The command line of `python -m local`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DEFAULT_REGION = "us-east-1"
DEFAULT_ACCOUNT = "000000000000"


@dataclass(frozen=True)
class Options:
    """How the local AWS runs. Port 0: any free port. Rate None: as fast as possible."""

    port: int = 0
    auth: bool = True
    things_per_second: float | None = None
    state_dir: Path | None = None
    region: str = DEFAULT_REGION
    log_file: Path | None = None
    verbose: bool = False
    end_with_stdin: bool = False


def parse_options(arguments: Sequence[str]) -> Options:
    """Return the options of a command line; exit with a message if it is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m local",
        description="A local AWS with IoT bulk registration. Prints AWS_ENDPOINT_URL=… when ready.",
    )
    parser.add_argument("--port", type=int, default=0, help="TCP port, by default a free one")
    parser.add_argument(
        "--no-auth", dest="auth", action="store_false", help="do not enforce IAM policies"
    )
    parser.add_argument(
        "--things-per-second",
        type=float,
        metavar="R",
        help="rate of a registration task, by default as fast as it can",
    )
    parser.add_argument("--state-dir", type=Path, metavar="DIR", help="keep ministack's state here")
    parser.add_argument("--region", default=DEFAULT_REGION, help="default: %(default)s")
    parser.add_argument("--log-file", type=Path, metavar="FILE", help="log here, not to stderr")
    parser.add_argument("--verbose", action="store_true", help="log every request")
    parser.add_argument("--end-with-stdin", action="store_true", help=argparse.SUPPRESS)
    return Options(**vars(parser.parse_args(arguments)))
