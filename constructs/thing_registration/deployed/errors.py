"""The errors of a command: why it cannot do what was asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import ClassVar

from thing_registration.verdict import Verdict


class CommandError(Exception):
    """A command cannot do what was asked for; the message is one line that says why.

    Attributes:
        kind: what kind of error it is, for programs.
    """

    kind: ClassVar[str] = "command"

    @property
    def facts(self) -> Mapping[str, object]:
        """What is known of it, for programs: its attributes."""
        return vars(self)


class InvalidFiles(CommandError):
    """The template or the input file has errors: a line of the message for each problem."""

    kind = "files"

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(str(verdict))
        self.verdict = verdict

    @property
    def facts(self) -> Mapping[str, object]:
        """The problems, as `check --json` has them."""
        problems = self.verdict.problems
        return {"problems": [asdict(each) | {"text": str(each)} for each in problems]}


class WrongUse(CommandError):
    """The options do not belong together."""

    kind = "usage"


class StackNotDeployed(CommandError):
    """There is no such stack in this Region of this account.

    Args:
        stack: its name.
        region: the Region that was asked.
        account: the number of the account that was asked; None if it is not known.
        advice: what to do.
    """

    kind = "stack"

    def __init__(self, stack: str, region: str, account: str | None, advice: str) -> None:
        where = f"in Region {region} of {f'account {account}' if account else 'this account'}"
        super().__init__(f"stack {stack} is not deployed {where}: {advice}")
        self.stack = stack
        self.region = region
        self.account = account


class OtherAccount(CommandError):
    """An app's stack belongs to another account than the credentials."""

    kind = "account"

    def __init__(self, stack: str, expected: str, got: str | None) -> None:
        super().__init__(
            f"stack {stack} is for account {expected}, but the credentials are of account {got}: "
            "use --profile, or choose a task of another stack with --task"
        )
        self.stack = stack
        self.expected = expected
        self.got = got


class TaskNotFound(CommandError):
    """None of the tasks, or more than one, is the one that is meant.

    Args:
        where: what has the tasks, such as `stack Fleet`.
        wanted: the value of `--task`; None for none.
        candidates: the names of the tasks that fit; of all of them if none does.
        fits: whether these fit.
    """

    kind = "task"

    def __init__(
        self, where: str, wanted: str | None, candidates: Sequence[str], *, fits: bool
    ) -> None:
        if not candidates:
            problem = "has no ThingRegistrationTask"
        else:
            name = "" if wanted is None else f" {wanted}"
            problem = f"has several tasks{name}" if fits else f"has no task{name}"
            problem += f": --task must be one of {', '.join(candidates)}"
        super().__init__(f"{where} {problem}")
        self.wanted = wanted
        self.candidates = tuple(candidates)
