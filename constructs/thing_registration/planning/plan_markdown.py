"""Plans as a comment of a pull request, in GitHub's Markdown.

https://github.github.com/gfm/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from thing_registration.planning.plan import Plan
from thing_registration.planning.plan_text import BECOMES, changed_values, sentences

# GitHub refuses a longer comment.
LONGEST = 65_536
#: How many devices of a kind a table shows: as many as the comment has room for.
_SHOWN = (20, 5, 0)
# More than these are folded away.
_OPEN = 5
_LONGEST_TEXT = 200
# What might mean something to Markdown, or become a link, a mention, an emoji or HTML.
_SPECIAL = re.compile(
    r"[^\w .,:;/()=+'\"…–-]|(?<!\w)_|_(?!\w)|:(?=//)|(?<=www)\."
    # An emoji such as `:key:`; the colons of a duration are none.
    r"|:(?!\d\d:)(?=[\w+-]+:)"
)


def plans_markdown(plans: Sequence[Plan]) -> str:
    """Return what `--markdown` writes: for each plan a heading, the counts, and the first devices.

    Names and values are escaped, so that none can leave its cell. Of a kind with many devices, the
    table is folded.
    """
    text = ""
    for shown in _SHOWN:
        text = "\n\n".join("\n".join(_section(plan, shown)) for plan in plans)
        if len(text) <= LONGEST:
            break
    return text


def _section(plan: Plan, shown: int) -> Iterator[str]:
    deployed = "" if plan.is_deployed else ", which is not deployed yet"
    yield f"## Plan of {_escaped(plan.task)}"
    yield ""
    yield f"Stack {_escaped(plan.stack)}{deployed}, from {_escaped(plan.source)}."
    yield ""
    yield from _table(("devices", "count"), [(kind, f"{n:,}") for kind, n in _counts(plan)])
    for title, columns, rows, count in _kinds(plan):
        if count and shown:
            yield ""
            yield from _devices(f"{count:,} {title}", columns, rows[:shown], count)
    yield ""
    yield from (f"- {_escaped(text)}" for text in sentences(plan))


def _counts(plan: Plan) -> list[tuple[str, int]]:
    counts = plan.fleet.counts
    found = [
        ("new", counts["new"]),
        ("changed", counts["changed"]),
        ("no longer in the file", plan.fleet.removed),
        ("unchanged", counts["unchanged"]),
    ]
    if counts["unreadable"]:
        found.append(("cannot be registered", counts["unreadable"]))
    return found


def _kinds(plan: Plan) -> Iterator[tuple[str, Sequence[str], list[Sequence[str]], int]]:
    """Yield for each kind of device its title, its columns, its first rows and the count."""
    first, counts = plan.fleet.first, plan.fleet.counts
    unreadable = [(f"{each.at}", each.line.failure) for each in first["unreadable"]]
    new = [(f"{each.at}", each.line.name) for each in first["new"]]
    changed = [
        (f"{each.at}", each.line.name, "; ".join(changed_values(plan, each)))
        for each in first["changed"]
    ]
    removed = [(name, BECOMES[becomes]) for name, becomes in plan.first_removed]
    yield "cannot be registered", ("line", "problem"), [*unreadable], counts["unreadable"]
    yield "new", ("line", "device"), [*new], counts["new"]
    yield "changed", ("line", "device", "what differs"), [*changed], counts["changed"]
    yield "no longer in the file", ("device", "what happens to it"), [*removed], plan.fleet.removed


def _devices(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], count: int
) -> Iterator[str]:
    more = f", the first {len(rows):,}" if count > len(rows) else ""
    is_long = len(rows) > _OPEN
    # GitHub reads Markdown in `details` only after a blank line.
    yield f"<details><summary>{title}{more}</summary>" if is_long else f"**{title}{more}**"
    yield ""
    yield from _table(columns, rows)
    if is_long:
        yield ""
        yield "</details>"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield _row(columns)
    yield _row(["---"] * len(columns))
    yield from (_row([_escaped(cell) for cell in row]) for row in rows)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(text: str) -> str:
    """Return a text that Markdown shows as it is: what might mean something is an HTML entity."""
    short = text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", " ".join(short.split()))
