"""Devices that are renamed where each certificate belongs to one thing only.

AWS attaches a certificate exclusively (`ThingPrincipalType`) only if no other thing has it. So the
old thing of a renamed device is detached before the task starts, and attached again if its line
fails.
https://docs.aws.amazon.com/iot/latest/apireference/API_AttachThingPrincipal.html
"""

from collections.abc import Sequence

from thing_registration_worker.aws import registry_changes
from thing_registration_worker.aws.registry_changes import Refused
from thing_registration_worker.state.devices import blob, digits
from thing_registration_worker.state.lines import Line
from thing_registration_worker.step import Step


def detach(step: Step, sent: Sequence[Line]) -> bool:
    """Detach certificates from the things that had them under another name.

    Returns:
        Whether all is done; False when the next call has to go on.

    Raises:
        Refused: AWS refuses it.
    """
    if not step.request.declaration.template.is_exclusive:
        return True
    to_detach = [pair for line in sent if line.certificate_id for pair in _others(step, line)]
    if not to_detach:
        return True
    for thing, certificate_id, made in to_detach:
        step.db.execute(
            "INSERT OR REPLACE INTO detached (thing, certificate_id, made, detached_by) "
            "VALUES (?, ?, ?, ?)",
            (thing, blob(certificate_id), made, step.request.request_id),
        )
    step.commit()
    for done, (thing, certificate_id, _) in enumerate(to_detach):
        if done and step.is_over:
            return False
        arn = step.request.certificate_arn_prefix + certificate_id
        registry_changes.detach(step.clients.iot, thing, arn)
        step.db.execute(
            "UPDATE thing SET certificate_id = NULL, certificate_made = 0 WHERE name = ?", (thing,)
        )
    return True


def attach_again(step: Step, failed: Sequence[Line]) -> None:
    """Give the certificates of lines that have failed back to the things that had them."""
    if not step.request.declaration.template.is_exclusive:
        return
    for line in failed:
        if not line.certificate_id:
            continue
        certificate_id = blob(line.certificate_id)
        rows = step.db.execute(
            "SELECT thing, made FROM detached WHERE certificate_id = ?", (certificate_id,)
        )
        for thing, made in rows.fetchall():
            arn = step.request.certificate_arn_prefix + line.certificate_id
            try:
                registry_changes.attach(step.clients.iot, thing, arn)
            except Refused as refusal:
                print(f"thing {thing} does not get certificate {line.certificate_id}: {refusal}")
                continue
            step.db.execute(
                "UPDATE thing SET certificate_id = ?, certificate_made = ? WHERE name = ?",
                (certificate_id, made, thing),
            )
            step.db.execute(
                "DELETE FROM detached WHERE thing = ? AND certificate_id = ?",
                (thing, certificate_id),
            )


def _others(step: Step, line: Line) -> list[tuple[str, str, bool]]:
    """Return the other things that have a line's certificate, as far as the state knows."""
    rows = step.db.execute(
        """SELECT name, certificate_id, certificate_made FROM thing
        WHERE substr(key, 1, 8) = substr(:key, 1, 8) AND key = :key AND key IS NOT NULL
          AND certificate_id = :certificate_id AND name != :name""",
        {
            "key": blob(line.key),
            "certificate_id": blob(line.certificate_id),
            "name": line.name,
        },
    )
    return [(name, digits(one), bool(made)) for name, one, made in rows]
