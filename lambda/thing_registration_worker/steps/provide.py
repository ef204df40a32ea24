"""The step that sees to what the devices refer to: thing types, groups, policies."""

import time
from dataclasses import replace

from thing_registration_worker.aws import s3
from thing_registration_worker.errors import RegistrationError
from thing_registration_worker.failure_reason import prerequisites_missing
from thing_registration_worker.fleet.prerequisite_names import PrerequisiteNames
from thing_registration_worker.run import prerequisites
from thing_registration_worker.run.run_parts import NAMES
from thing_registration_worker.state.claim import held
from thing_registration_worker.step import Outcome, Step
from thing_registration_worker.timing import LOOK_UP_CALL_BUDGET


def provide(step: Step) -> Outcome:
    """Verify what the lines to be sent refer to, or create what is missing; or do neither.

    Raises:
        RegistrationError: something is missing, or cannot be used.
        Superseded: a newer request has the claim.
    """
    held(step)
    request, declaration, run = step.request, step.request.declaration, step.progress.run
    going_on = replace(step.progress, run=replace(run, provided=0))
    if declaration.prerequisites == "ASSUME":
        return Outcome("LookUp", going_on)
    key = declaration.keys.work(request.request_id, NAMES)
    names = PrerequisiteNames.from_json(s3.read(step.clients.s3, declaration.bucket, key) or b"{}")
    end, iot = time.time() + LOOK_UP_CALL_BUDGET, step.clients.iot
    if declaration.prerequisites == "CREATE":
        documents = declaration.policy_documents
        piece = prerequisites.create(iot, names, documents, end, run.provided)
    else:
        piece = prerequisites.missing(iot, names, end, run.provided)
    for note in piece.notes:
        print(note)
    if piece.problems:
        raise RegistrationError(prerequisites_missing(piece.problems))
    if piece.done < names.count:
        return Outcome("Provide", replace(step.progress, run=replace(run, provided=piece.done)))
    return Outcome("LookUp", going_on)
