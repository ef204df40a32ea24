"""The parts of a run: up to 2,000 lines each, sent in one or two files, a task for each file."""

from thing_registration_worker.run.run import Run
from thing_registration_worker.state.lines import KNOWN, NEW
from thing_registration_worker.step import Outcome


def file_name(run: Run) -> str:
    """Return the name of the file that is being sent."""
    return f"{run.part:05}-{run.decision}-{run.file}"


def after_file(run: Run) -> Outcome | None:
    """Return what follows a file that was sent; None when the run is over."""
    if run.file == NEW and run.has_known:
        return Outcome("Start", run.next_task(KNOWN))
    return after_part(run)


def after_part(run: Run) -> Outcome | None:
    """Return what follows a part; None after the last one."""
    if run.part + 1 >= run.parts:
        return None
    return Outcome("LookUp", run.next_part())


def is_last_file(run: Run) -> bool:
    """Return whether no other file of the run follows."""
    return run.part + 1 >= run.parts and not (run.file == NEW and run.has_known)
