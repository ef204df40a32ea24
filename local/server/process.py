"""The server process: ministack with our IoT service, on one loopback port."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from local.server.environment import HOST, server_environment
from local.server.options import Options

_BACKLOG = 256


def serve(options: Options) -> NoReturn:
    """Run until SIGINT or SIGTERM, then end everything that was started and exit with 0.

    Prints `AWS_ENDPOINT_URL=http://127.0.0.1:PORT` on stdout when ready, and nothing else there.
    """
    ready = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        listener = socket.create_server((HOST, options.port), backlog=_BACKLOG)
    except OSError as error:
        sys.exit(f"port {options.port} cannot be used: {error.strerror}")
    endpoint = f"http://{HOST}:{listener.getsockname()[1]}"
    scratch = Path(tempfile.mkdtemp(prefix="local-aws-"))
    _log_to(options)
    _set_environment(options, endpoint, scratch)
    # Left as it is at the end, not closed: requests in flight and Lambdas that sleep must neither
    # hold up the end nor be reported as cancelled.
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(
            _run(
                options,
                listener,
                lambda: print(f"AWS_ENDPOINT_URL={endpoint}", file=ready, flush=True),
            )
        )
    finally:
        _clean_up(options, scratch)
    os._exit(0)


def _set_environment(options: Options, endpoint: str, scratch: Path) -> None:
    """Set what ministack and its Lambdas read; remove the user's own AWS settings."""
    environment = server_environment(os.environ, options, endpoint, scratch)
    os.environ.clear()
    os.environ.update(environment)
    Path(environment["STATE_DIR"]).mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = None


def _log_to(options: Options) -> None:
    handler: logging.Handler = logging.StreamHandler(sys.stderr)
    if options.log_file is not None:
        handler = logging.FileHandler(options.log_file, encoding="utf-8")
    level = logging.INFO if options.verbose else logging.ERROR
    logging.basicConfig(
        level=level, handlers=[handler], format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )


async def _run(options: Options, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    # Not at the top: ministack reads the environment when it is imported.
    from hypercorn.asyncio import serve as serve_app
    from hypercorn.config import Config

    from local.server.assembly import assemble

    loop = asyncio.get_running_loop()
    end = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    if options.end_with_stdin:
        threading.Thread(target=_await_end_of_stdin, args=(loop, end), daemon=True).start()
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "ERROR"
    config.graceful_timeout = 0.1
    server = loop.create_task(
        serve_app(assemble(options, on_ready).gateway, config, shutdown_trigger=end.wait)
    )
    await asyncio.wait({server, loop.create_task(end.wait())}, return_when=asyncio.FIRST_COMPLETED)
    if server.done():
        server.result()


def _await_end_of_stdin(loop: asyncio.AbstractEventLoop, end: asyncio.Event) -> None:
    sys.stdin.buffer.read()
    loop.call_soon_threadsafe(end.set)


def _clean_up(options: Options, scratch: Path) -> None:
    from ministack import app
    from ministack.core import lambda_runtime

    lambda_runtime.reset()
    if options.state_dir is not None:
        app.save_all(app._build_persistence_save_dict())
    shutil.rmtree(scratch, ignore_errors=True)
