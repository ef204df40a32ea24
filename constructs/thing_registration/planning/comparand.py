"""What is compared with a fleet's state: an input file and a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from thing_registration_worker.fleet.input_text import BYTE_ORDER_MARK
from thing_registration_worker.state.lines import Line


@dataclass(frozen=True)
class Comparand:
    """What is compared.

    Attributes:
        template_body: the provisioning template.
        input_file: JSON Lines.
        source: what messages call the input file.
        at: the line of the file as it was given, for each line of `input_file`; None for the same.
    """

    template_body: str
    input_file: Path
    source: str
    at: Sequence[int] | None = None

    def text(self, line: Line) -> bytes:
        """Return a line as it is written in `input_file`."""
        with self.input_file.open("rb") as file:
            file.seek(line.offset)
            return file.read(line.length).removeprefix(BYTE_ORDER_MARK)

    def number(self, number: int) -> int:
        """Return where a line of `input_file` is in the file as it was given."""
        return self.at[number - 1] if self.at else number
