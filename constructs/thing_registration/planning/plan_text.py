"""A plan in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from math import ceil

from thing_registration.planning.compared_fleet import ShownLine
from thing_registration.planning.plan import Becomes, Plan

_SHOWN = 5
BECOMES: dict[Becomes, str] = {
    "registered": "stays registered, its certificate stays active",
    "retired": "is retired: its certificate is set INACTIVE, and the thing keeps it",
    "renamed": "leaves its certificate to another line, which has its key; the thing stays",
    "released": "is no longer tracked, and stays as it is: it was found, not made here",
    "moved": "stays as it is: another task of the stack declares it",
}
_NOTHING_CHANGES = "no property of the resource changes, so CloudFormation sends no Update"


def plan_text(plan: Plan, paint: Callable[[str], str] = str) -> str:
    """Return a plan as lines: the first devices of each kind, then the counts.

    Args:
        plan: the plan.
        paint: colours a line of a device by its first character.
    """
    if plan.is_deployed:
        head = f"{plan.task} in stack {plan.stack}, from {plan.source}"
    else:
        head = f"{plan.task} in stack {plan.stack}, which is not deployed yet, from {plan.source}"
    devices, counts = [paint(line) for line in _devices(plan)], [_counts(plan), *sentences(plan)]
    return "\n".join([head, *(["", *devices] if devices else []), "", *counts])


def _devices(plan: Plan) -> Iterator[str]:
    fleet = plan.fleet
    for each in fleet.first["unreadable"][:_SHOWN]:
        yield f"! line {each.at}: {each.line.failure}"
    yield from _more("!", fleet.counts["unreadable"], _SHOWN)
    for each in fleet.first["new"][:_SHOWN]:
        yield f"+ {each.line.name} (line {each.at})"
    yield from _more("+", fleet.counts["new"], _SHOWN)
    for each in fleet.first["changed"]:
        yield f"~ {each.line.name} (line {each.at})"
        yield from (f"    {text}" for text in changed_values(plan, each))
    yield from _more("~", fleet.counts["changed"], len(fleet.first["changed"]))
    for name, becomes in plan.first_removed[:_SHOWN]:
        yield f"- {name}: {BECOMES[becomes]}"
    yield from _more("-", fleet.removed, _SHOWN)


def changed_values(plan: Plan, shown: ShownLine) -> Iterator[str]:
    """Yield what differs of a changed device, a sentence each."""
    if shown.new_key:
        yield "a new key: it gets a new certificate, the old one stays attached and active"
    if shown.returns:
        yield "it was retired: its certificate is set ACTIVE again"
    change = plan.changes[shown.line.number]
    if not change.exists:
        yield "AWS's registry has no such thing: it is made again"
        return
    for value in change.values:
        after = repr(value.after) if value.after else "removed"
        yield f"{value.name}: {value.before!r} becomes {after}"
    if not (change.values or shown.new_key or shown.returns):
        yield "no difference in what DescribeThing shows: it is in groups, policies or settings"


def _counts(plan: Plan) -> str:
    counts, fleet = plan.fleet.counts, plan.fleet
    return (
        f"+ {counts['new']:,} new, ~ {counts['changed']:,} changed, "
        f"- {fleet.removed:,} no longer in the file, = {counts['unchanged']:,} unchanged"
    )


def sentences(plan: Plan) -> Iterator[str]:
    """Yield what the deployment does with these devices, a sentence each."""
    if plan.will_run:
        yield from _run(plan)
    elif plan.differs:
        yield f"cdk deploy will not run this: change `rerun` ({_NOTHING_CHANGES})"
    else:
        yield "nothing to send: no registration task"
    if plan.unresolved:
        yield (
            f"the template refers to {_first(plan.unresolved)}, which the deployment alone knows: "
            "devices may be counted as changed that are not"
        )
    yield from (f"note: {note}" for note in plan.notes)


def _run(plan: Plan) -> Iterator[str]:
    counts = plan.fleet.counts
    if counts["unreadable"]:
        yield f"! {counts['unreadable']:,} cannot be registered, and count as failed"
    if plan.rerun:
        yield (
            f"rerun has another text: {plan.to_check:,} unchanged devices are compared with AWS's "
            "registry, and sent where they differ"
        )
    yield from _removal(plan)
    yield from _certificates(plan)
    if plan.looked_up is not None:
        existing = plan.looked_up.existing
        names = f" ({_first(existing)})" if existing else ""
        yield (
            f"taken over: {len(existing):,} of {plan.looked_up.asked:,} new devices exist in AWS's "
            f"registry{names}"
        )
    elif counts["new"]:
        yield "taken over: not known without --look-up, which asks AWS's registry"
    yield from _prerequisites(plan)
    yield from _effort(plan)


def _removal(plan: Plan) -> Iterator[str]:
    if not plan.fleet.removed:
        return
    if plan.settings.deregister == "NEVER":
        yield "no longer in the file: they stay registered, their certificates stay active"
        return
    if plan.is_new_code:
        yield (
            "no device is retired or released: the deployment brings another version of "
            "thing-registration, and the one after it does that"
        )
        return
    if not plan.retires:
        yield (
            "no device is retired or released while a line cannot be read: it may be the line of "
            "any device"
        )
        return
    yield f"no longer in the file: {plan.retired:,} are retired, {plan.released:,} released"
    if plan.is_refused:
        most = plan.settings.most_retired(plan.fleet.registered)
        yield (
            f"the deployment will be refused: {plan.retired:,} devices would be retired, "
            f"max_deregistered allows {most:,}"
        )


def _certificates(plan: Plan) -> Iterator[str]:
    fleet = plan.fleet
    if not (plan.new_certificates or plan.kept_certificates):
        return
    most = "" if plan.looked_up or not plan.new_certificates else "at most "
    yield f"certificates: {most}{plan.new_certificates:,} new, {plan.kept_certificates:,} kept"
    if fleet.new_keys:
        yield f"new keys of known devices: {fleet.new_keys:,}"
    for at, other in fleet.renamed[:_SHOWN]:
        yield f"line {at} has the key of {other}: it gets that certificate"


def _prerequisites(plan: Plan) -> Iterator[str]:
    names = [name for _, name in plan.fleet.names.each()]
    if not plan.to_send or not names:
        return
    is_made = plan.settings.prerequisites == "CREATE"
    what = "made where they are missing" if is_made else "must exist"
    for kind, some in (
        ("thing types", plan.fleet.names.thing_types),
        ("thing groups", plan.fleet.names.thing_groups),
        ("billing groups", plan.fleet.names.billing_groups),
        ("policies", plan.fleet.names.policies),
    ):
        if some:
            yield f"{kind}, {what}: {_first(some)}"
    if plan.missing:
        yield f"missing, {'will be made' if is_made else 'must be made first'}: " + _first(
            plan.missing
        )


def _effort(plan: Plan) -> Iterator[str]:
    sent = plan.to_send - plan.fleet.counts["unreadable"]
    if not plan.to_send and not plan.to_check:
        yield "nothing to send: no registration task"
        return
    duration = timedelta(seconds=ceil(plan.seconds))
    yield (
        f"{sent:,} lines to send in {plan.parts:,} {'part' if plan.parts == 1 else 'parts'}, about "
        f"{duration} at {plan.settings.things_per_second:g} things a second, an assumption; "
        "AWS bills each line that is sent"
    )
    if plan.is_too_long:
        allowed = timedelta(seconds=plan.settings.timeout)
        yield f"the deployment will fail before it sends anything: its timeout is {allowed}"


def _more(sign: str, count: int, shown: int) -> Iterator[str]:
    if count > shown:
        yield f"{sign} … and {count - shown:,} more"


def _first(names: Sequence[str]) -> str:
    more = ", …" if len(names) > _SHOWN else ""
    return f"{', '.join(names[:_SHOWN])}{more}"
