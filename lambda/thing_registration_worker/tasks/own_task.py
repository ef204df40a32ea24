"""A registration task of ours, as the state keeps it until what it did is accounted for."""

from dataclasses import dataclass
from sqlite3 import Connection

_COLUMNS = (
    "input_key, request, task_id, lines, sent_at, ended_at, status, succeeded, failed, results, "
    "errors, result_lines, error_lines, first_number, last_number, accounted"
)


@dataclass(frozen=True, slots=True)
class OwnTask:
    """What is known of it; see `schema`.

    Attributes:
        input_key: the key of the file that it reads.
        request: the request whose run has started it.
        lines: how many lines that file has.
        sent_at, ended_at: in epoch seconds; 0 for not yet.
        succeeded, failed: AWS's counts, when it was judged.
        results, errors: how many links of each report are saved.
        result_lines, error_lines: how many lines they have.
        first_number, last_number: the smallest and the largest line number in them; -1 for none.
        accounted: whether what it did is in the state.
    """

    input_key: str
    request: str
    task_id: str
    lines: int
    sent_at: float
    ended_at: float = 0
    status: str = ""
    succeeded: int = 0
    failed: int = 0
    results: int = 0
    errors: int = 0
    result_lines: int = 0
    error_lines: int = 0
    first_number: int = -1
    last_number: int = -1
    accounted: bool = False


def find(db: Connection, input_key: str) -> OwnTask | None:
    """Return the task that reads a file; None for one that the state does not know."""
    query = f"SELECT {_COLUMNS} FROM task WHERE input_key = ?"  # noqa: S608
    row = db.execute(query, (input_key,)).fetchone()
    return None if row is None else OwnTask(*row)


def put(db: Connection, task: OwnTask) -> None:
    """Write what is known of a task now."""
    marks = ", ".join("?" * 16)
    values = tuple(getattr(task, name) for name in _COLUMNS.split(", "))
    db.execute(f"INSERT OR REPLACE INTO task ({_COLUMNS}) VALUES ({marks})", values)  # noqa: S608


def forget(db: Connection, input_key: str) -> None:
    """Forget a task that AWS has refused to start."""
    db.execute("DELETE FROM task WHERE input_key = ?", (input_key,))


def forget_others(db: Connection, request_id: str) -> None:
    """Forget the tasks of earlier requests that are accounted for."""
    db.execute("DELETE FROM task WHERE accounted AND request != ?", (request_id,))
