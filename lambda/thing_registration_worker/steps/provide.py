"""The step that sees to what the devices refer to: thing types, groups, policies."""

from dataclasses import replace

from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import prerequisites_missing
from thing_registration_worker.fleet.prerequisite_names import saved
from thing_registration_worker.run import prerequisites
from thing_registration_worker.step import Outcome, Step


def provide(step: Step) -> Outcome:
    """Verify what the lines to be sent refer to, or create what is missing; or do neither.

    Raises:
        RegistrationError: something is missing, or cannot be used; or the time is over.
        Superseded: a newer request has the head.
    """
    step.check_time()
    declaration, run = step.request.declaration, step.run
    if declaration.prerequisites == "ASSUME":
        return Outcome("LookUp", run)
    names, iot = saved(step.db), step.clients.iot
    if declaration.prerequisites == "CREATE":
        documents = declaration.policy_documents
        piece = prerequisites.create(iot, names, documents, step.end, run.provided)
    else:
        piece = prerequisites.missing(iot, names, step.end, run.provided)
    for note in piece.notes:
        print(note)
    if piece.problems:
        raise RegistrationError(prerequisites_missing(piece.problems))
    is_done = piece.done >= names.count
    return Outcome("LookUp" if is_done else "Provide", replace(run, provided=piece.done))
