"""What is compared: an input file, a template and an inventory, as local files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Comparand:
    """What is compared.

    Attributes:
        template_body: the provisioning template.
        input_file: JSON Lines.
        inventory: the parts of the inventory, one behind the other.
        source: what messages call the input file.
        at: the line of the file as it was given, for each line of `input_file`; None for the same.
    """

    template_body: str
    input_file: Path
    inventory: Path
    source: str
    at: Sequence[int] | None = None

    def lines(self, numbers: Iterable[int]) -> Iterator[tuple[int, bytes]]:
        """Yield some lines, each with its number in `input_file`."""
        wanted = set(numbers)
        with self.input_file.open("rb") as file:
            for number, line in enumerate(file, 1):
                if number in wanted:
                    yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line

    def number(self, number: int) -> int:
        """Return where a line of `input_file` is in the file as it was given."""
        return self.at[number - 1] if self.at else number
