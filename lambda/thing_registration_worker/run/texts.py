"""The texts of lines, from our copy of the user's file."""

from collections.abc import Iterator, Sequence

from thing_registration_worker.aws import s3
from thing_registration_worker.fleet.input_text import BYTE_ORDER_MARK
from thing_registration_worker.state.lines import Line
from thing_registration_worker.step import Step

# What lies between two lines is read with them if it is less, because a call takes as long; but not
# more than so much is in memory.
_GAP, _MOST = 1024 * 1024, 16 * 1024 * 1024


class Texts:
    """The texts of some lines of a run.

    Args:
        step: the step that needs them.
        wanted: the lines, in the order of the file.
    """

    def __init__(self, step: Step, wanted: Sequence[Line]) -> None:
        self._texts: dict[int, bytes] = {}
        declaration = step.request.declaration
        key = declaration.keys.file(step.request.request_id)
        for near in _near(wanted):
            start, stop = near[0].offset, near[-1].offset + near[-1].length
            body = s3.read_range(step.clients.s3, declaration.bucket, key, start, stop)
            for line in near:
                at = line.offset - start
                text = body[at : at + line.length]
                self._texts[line.number] = text.removeprefix(BYTE_ORDER_MARK).strip()

    def __getitem__(self, line: Line) -> bytes:
        """Return the text of a line, without what is around it."""
        return self._texts[line.number]


def _near(wanted: Sequence[Line]) -> Iterator[list[Line]]:
    """Yield lines that lie so near to each other that one read has them all."""
    near: list[Line] = []
    for line in wanted:
        is_far = bool(near) and line.offset - (near[-1].offset + near[-1].length) > _GAP
        if is_far or (near and line.offset - near[0].offset > _MOST):
            yield near
            near = []
        near.append(line)
    if near:
        yield near
