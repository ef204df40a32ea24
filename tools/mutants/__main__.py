"""`python -m tools.mutants [PATH…]`: which one-line changes of our code does no test notice?

Those of the Lambda that no unit test notices meet some rows of the simulated AWS as well. Prints
each survivor, and exits 1 if `accepted.txt` does not list it with a reason, or lists a line that
the code does not have. A tool that runs
a new interpreter for each mutant needs an hour for them, and mutmut changes no code outside of
functions, where the clients and the times are: so the runner is our own, the mutations are not.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tools.cdk import ROOT
from tools.mutants import accepted, rows, run
from tools.mutants.mutations import Mutant, mutants

JOBS = 2
ROWS_SECONDS = 120


@dataclass(frozen=True)
class Group:
    """Files whose mutants the same tests are to notice."""

    files: tuple[str, ...]
    tests: tuple[str, ...]
    libraries: tuple[str, ...]


GROUPS = (
    Group(
        ("lambda/thing_registration_worker/*.py", "lambda/thing_registration_worker/[!f_]*/*.py"),
        ("tests/unit/lambda_", "--ignore=tests/unit/lambda_/fleet"),
        ("boto3", "hypothesis", "s3transfer"),
    ),
    Group(
        ("lambda/thing_registration_worker/fleet/*.py",),
        ("tests/unit/lambda_/fleet",),
        ("hypothesis", "cryptography"),
    ),
    Group(
        (
            "constructs/thing_registration/thing_registration_task.py",
            "constructs/thing_registration/stack/*.py",
        ),
        (
            "tests/unit/constructs/test_thing_registration_task.py",
            "tests/unit/constructs/stack",
        ),
        ("aws_cdk", "aws_cdk.assertions", "hypothesis", "syrupy"),
    ),
)


def main(arguments: Sequence[str]) -> int:
    """Run the mutants of the files, all by default, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutants")
    parser.add_argument("paths", nargs="*", help="files or folders; all by default")
    wanted = tuple(path.rstrip("/") for path in parser.parse_args(arguments).paths)
    began = time.monotonic()
    ran: list[str] = []
    known = accepted.read()
    survivors: list[Mutant] = []
    count = unlisted = 0
    for group in GROUPS:
        files = [path for path in _files(group) if not wanted or path.startswith(wanted)]
        found = [mutant for path in files for mutant in mutants(ROOT, path)]
        for survivor in _through_the_rows(list(_survivors(group, found))):
            survivors.append(survivor)
            if not known & accepted.entries(survivor):
                unlisted += 1
                print(f"{survivor.path}:{survivor.line_number}: {survivor.change}", flush=True)
        ran += files
        count += len(found)
    stale = accepted.stale(known, ROOT)
    for line in stale:
        print(f"accepted.txt lists what no line of the code has: {line}")
    for line in accepted.unused(known - set(stale), survivors, ran):
        print(f"accepted.txt lists what a test notices: {line}")
    print(
        f"{count} mutants in {time.monotonic() - began:.0f} s: {count - len(survivors)} killed, "
        f"{len(survivors) - unlisted} accepted, {unlisted} unlisted"
    )
    return 1 if unlisted or stale else 0


def _files(group: Group) -> list[str]:
    found = (path for pattern in group.files for path in ROOT.glob(pattern))
    return sorted(str(path.relative_to(ROOT)) for path in found)


def _survivors(group: Group, found: list[Mutant]) -> Iterator[Mutant]:
    """Yield the mutants with which every test passes."""
    if not found:
        return
    context = multiprocessing.get_context("fork")
    tests = list(group.tests)
    with context.Pool(JOBS, run.preload, (list(group.libraries),)) as pool:
        passed, seconds = pool.apply(run.passes, ("", None, tests, 600))
        if not passed:
            sys.exit(f"the tests must pass before they can find a mutant: {' '.join(tests)}")
        limit = 10 + 4 * round(seconds)
        jobs = [
            pool.apply_async(run.passes, (mutant.path, mutant.source, tests, limit))
            for mutant in found
        ]
        for mutant, job in zip(found, jobs, strict=True):
            if job.get()[0]:
                yield mutant


def _through_the_rows(found: list[Mutant]) -> Iterator[Mutant]:
    """Yield those with which the simulated rows pass as well, and all of the construct."""
    own = [mutant for mutant in found if mutant.path.startswith(rows.PACKAGE)]
    yield from (mutant for mutant in found if mutant not in own)
    if not own:
        return
    with multiprocessing.get_context("fork").Pool(JOBS, rows.preload) as pool:
        if not pool.apply(rows.passes, ("", "", ROWS_SECONDS)):
            sys.exit("the simulated rows must pass before they can find a mutant")
        jobs = [
            pool.apply_async(rows.passes, (mutant.path, mutant.source, ROWS_SECONDS))
            for mutant in own
        ]
        for mutant, job in zip(own, jobs, strict=True):
            if job.get():
                yield mutant


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
