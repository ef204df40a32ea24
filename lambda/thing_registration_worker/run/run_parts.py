"""The parts of a run: up to 2,000 lines each, sent in one or two files, a task for each file."""

from dataclasses import replace

from thing_registration_worker.request.request import Declaration
from thing_registration_worker.run.progress import Progress, Run
from thing_registration_worker.step import Outcome
from thing_registration_worker.tasks.own_tasks import KNOWN, NEW

# What a run keeps in its working folder: the input file as it was at its beginning, and the names
# that the lines to be sent refer to.
FILE, NAMES = "file.jsonl", "prerequisites.json"


def part_key(declaration: Declaration, request_id: str, part: int) -> str:
    """Return the key of the lines of a part, as they were compared."""
    return declaration.keys.work(request_id, f"parts/{part:05}.jsonl")


def decided_key(declaration: Declaration, request_id: str, part: int, file: str) -> str:
    """Return the key of the lines of one file of a part, as they are sent."""
    return declaration.keys.work(request_id, f"sent/{part:05}-{file}.jsonl")


def input_request(declaration: Declaration, input_key: str) -> str:
    """Return the request whose task reads an input."""
    return input_key.removeprefix(declaration.keys.inputs).partition("/")[0]


def sent_key(declaration: Declaration, input_key: str, folder: str = "sent") -> str:
    """Return the key of the lines that the task of an input has read, or of what belongs to it."""
    request_id, _, file = input_key.removeprefix(declaration.keys.inputs).partition("/")
    return declaration.keys.work(request_id, f"{folder}/{file}")


def next_task(progress: Progress, run: Run, lines: int = 0) -> Progress:
    """Return the progress before another task of the run: nothing of the one before is left."""
    return Progress(
        deadline=progress.deadline,
        received_at=progress.received_at,
        slot_taken_at=progress.slot_taken_at,
        lines=lines,
        run=run,
    )


def after_file(progress: Progress) -> Outcome | None:
    """Return what follows a file that was sent; None when the run is over."""
    run = progress.run
    if run.file == NEW and run.known_lines:
        following = next_task(progress, replace(run, file=KNOWN), run.known_lines)
        return Outcome("Start", following)
    return after_part(progress)


def after_part(progress: Progress) -> Outcome | None:
    """Return what follows a part; None after the last one."""
    run = progress.run
    if run.part + 1 >= run.parts:
        return None
    return Outcome("LookUp", next_task(progress, run.next_part()))


def is_last_file(progress: Progress) -> bool:
    """Return whether no other file of the run follows."""
    run = progress.run
    return run.part + 1 >= run.parts and not (run.file == NEW and run.known_lines)
