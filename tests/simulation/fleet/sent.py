"""What was sent to AWS IoT, read from the tasks' own inputs."""

from __future__ import annotations

from tests.simulation.by_hand import ByHand
from tests.simulation.invariants import starts
from tests.simulation.sent_lines import SentFile

# The devices that each stack is synthesized with.
NAMES = [f"Fleet-Task-{number}" for number in range(3)]


def sent_files(by_hand: ByHand) -> list[SentFile]:
    """Return the input of each task that was started, the oldest first."""
    return list(by_hand.sent_files.of(starts(by_hand.aws)))


def sent_things(by_hand: ByHand, after: int) -> list[str]:
    """Return the names of the things that were sent by all tasks after the first so many."""
    return [name for file in sent_files(by_hand)[after:] for name in file.things]


def sent_as_known(by_hand: ByHand, after: int) -> list[str]:
    """Return those of them that were sent with a certificate that existed."""
    return [name for file in sent_files(by_hand)[after:] if file.known for name in file.things]
