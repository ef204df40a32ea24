"""A local AWS as a child process of a test or a script."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

import boto3

from local.server.options import DEFAULT_ACCOUNT, DEFAULT_REGION

_READY_SECONDS = 60
_STOP_SECONDS = 10
_TAIL_CHARS = 4000
_ROOT = Path(__file__).resolve().parent.parent


class LocalAws:
    """Starts `python -m local` on entry and ends it on exit.

    Args:
        auth: whether IAM policies are enforced.
        things_per_second: the rate of a registration task; None: as fast as possible.
        region: the Region of clients without one.
        port: a fixed port; None: a free one.
        state_dir: keep ministack's state there.
        outlives: it continues after the `with` and after this process; only `stop` ends it.
        log_file: log there; None: the child's stderr is kept for error messages.

    Raises:
        RuntimeError: the child ended, or was not ready within 60 seconds; the message contains
            the end of its stderr.
    """

    def __init__(
        self,
        *,
        auth: bool = True,
        things_per_second: float | None = None,
        region: str = DEFAULT_REGION,
        port: int | None = None,
        state_dir: str | os.PathLike[str] | None = None,
        log_file: str | os.PathLike[str] | None = None,
        outlives: bool = False,
    ) -> None:
        self.region = region
        self.account = DEFAULT_ACCOUNT
        arguments: list[str] = ["--region", region]
        if not outlives:
            arguments.append("--end-with-stdin")
        if not auth:
            arguments.append("--no-auth")
        if things_per_second is not None:
            arguments += ["--things-per-second", str(things_per_second)]
        if port is not None:
            arguments += ["--port", str(port)]
        if state_dir is not None:
            arguments += ["--state-dir", os.path.abspath(state_dir)]
        if log_file is not None:
            arguments += ["--log-file", os.path.abspath(log_file)]
        self._arguments = arguments
        self._session: Any = boto3.session.Session()
        self._outlives = outlives
        self._process: subprocess.Popen[str] | None = None
        self._attached_pid: int | None = None
        self._scratch: Path | None = None
        self._endpoint_url: str | None = None

    @classmethod
    def attach(
        cls, endpoint_url: str, pid: int, *, region: str = DEFAULT_REGION
    ) -> LocalAws | None:
        """Return a handle of one that another process started; None if it has ended.

        Args:
            endpoint_url: where it listens.
            pid: its process id; another process may have its port by now.
            region: the Region of clients without one.
        """
        aws = cls(region=region, outlives=True)
        aws._endpoint_url = endpoint_url
        try:
            answered = aws._ask("GET", "/_local/process").get("pid")
        except (OSError, ValueError, http.client.HTTPException):
            return None
        aws._attached_pid = pid
        return aws if answered == pid else None

    def __enter__(self) -> LocalAws:
        """Start, unless it is running already."""
        self.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop, unless it shall outlive this process."""
        if not self._outlives:
            self.stop()

    @property
    def endpoint_url(self) -> str:
        """Return where it listens, `http://127.0.0.1:PORT`."""
        if self._endpoint_url is None:
            raise RuntimeError("the local AWS is not running: use it in a with statement")
        return self._endpoint_url

    @property
    def pid(self) -> int:
        """Return its process id; SIGTERM ends it."""
        if self._attached_pid is not None:
            return self._attached_pid
        if self._process is None:
            raise RuntimeError("the local AWS is not running: use it in a with statement")
        return self._process.pid

    def start(self) -> None:
        """Start the child and wait until it is ready."""
        if self._process is not None or self._attached_pid is not None:
            return
        # Without a name: nothing is left of it, however this process ends.
        with tempfile.TemporaryFile("w+") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "local", *self._arguments],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL if self._outlives else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=self._outlives,
            )
            line = self._first_line(self._process)
            if not line.startswith("AWS_ENDPOINT_URL="):
                self.stop()
                errors.seek(0)
                tail = errors.read()[-_TAIL_CHARS:]
                raise RuntimeError(f"the local AWS did not become ready; its stderr ends:\n{tail}")
        self._endpoint_url = line.strip().partition("=")[2]

    def stop(self) -> None:
        """End it and everything that it started."""
        process, self._process = self._process, None
        if self._attached_pid is not None:
            self._end_attached(self._attached_pid)
        self._endpoint_url = self._attached_pid = None
        if process is not None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)
            self._scratch = None

    def environment(self) -> dict[str, str]:
        """Return the variables with which `aws`, `cdk` and the SDKs use it, and nothing else."""
        endpoint_url = self.endpoint_url
        if self._scratch is None:
            self._scratch = Path(tempfile.mkdtemp(prefix="local-aws-client-"))
        return {
            "AWS_ENDPOINT_URL": endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_HOME": str(self._scratch / "cdk-home"),
        }

    def client(self, service_name: str, **arguments: Any) -> Any:
        """Return a boto3 client of the account's root, or of the credentials in `arguments`."""
        settings: dict[str, Any] = {
            "endpoint_url": self.endpoint_url,
            "region_name": self.region,
            "aws_access_key_id": "test",
            "aws_secret_access_key": "test",
            **arguments,
        }
        # One session reads the model of a service once.
        return self._session.client(service_name, **settings)

    def faults(self, **faults: Any) -> dict[str, Any]:
        """Replace all faults (no arguments: no faults) and return the document in force."""
        return self._ask("PUT", "/_local/faults", faults)

    def fault_strikes(self) -> dict[str, int]:
        """Return how often each fault in force has struck, such as `{"calls[0]": 2, "role": 0}`.

        Settings such as `throttling` and `page_size` are not in it. The strikes of earlier
        documents are in the journal, as entries of the kind `strikes`.
        """
        struck: dict[str, int] = self._ask("GET", "/_local/faults")["struck"]
        return struck

    def journal(self, kind: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        """Return the journal's entries of a kind whose number `n` is greater than `after`."""
        wanted: dict[str, Any] = {"after": after}
        if kind is not None:
            wanted["kind"] = kind
        answer = self._ask("GET", f"/_local/journal?{urlencode(wanted)}")
        entries: list[dict[str, Any]] = answer["entries"]
        return entries

    def _end_attached(self, pid: int) -> None:
        # It is no child of this process, so it cannot be waited for, and may stay as a zombie.
        os.kill(pid, signal.SIGTERM)
        end = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < end:
            try:
                self._ask("GET", "/_local/process")
            except (OSError, http.client.HTTPException):
                return
            time.sleep(0.05)
        os.kill(pid, signal.SIGKILL)

    def _ask(self, method: str, path: str, document: object = None) -> dict[str, Any]:
        body = json.dumps(document).encode() if document is not None else None
        request = urllib.request.Request(self.endpoint_url + path, body, method=method)
        try:
            with urllib.request.urlopen(request) as reply:
                answer: dict[str, Any] = json.load(reply)
        except urllib.error.HTTPError as error:
            raise ValueError(json.load(error)["message"]) from None
        return answer

    @staticmethod
    def _first_line(process: subprocess.Popen[str]) -> str:
        # A child that hangs before its first line would block readline for ever.
        watchdog = threading.Timer(_READY_SECONDS, process.kill)
        watchdog.start()
        try:
            return process.stdout.readline() if process.stdout else ""
        finally:
            watchdog.cancel()
