"""The step that compares the input file with what is registered: only a difference is sent."""

import json
import time
from dataclasses import replace

import kept_inventory
import sent_lines
from aws import s3
from claim import held
from errors import RegistrationError
from failure_reason import takes_too_long, twice
from fleet.comparison import Comparison, DuplicateDevice, Verdict
from fleet.inventory import Index
from fleet.prerequisite_names import NameCollector
from fleet.resolved_device import Resolver
from progress import Progress
from run_end import conclude, tolerance
from run_parts import PART_LINES, next_task, part_key
from sent_lines import SentLine
from step import Outcome, Step
from steps.prepare import FILE
from timing import COMPARE_CALL_BUDGET, LOOK_UPS_PER_SECOND, STATUSES_PER_SECOND

SAVED, NAMES = "comparison", "prerequisites.json"
SHOWN_FAILURES = 5


def compare(step: Step) -> Outcome:
    """Compare line by line, and write the lines that are to be sent in parts.

    Raises:
        RegistrationError: two lines are for one device or have one key, or what is to be sent does
            not fit into the time that is left.
        Superseded: a newer request has the claim.
    """
    held(step)
    end = time.time() + COMPARE_CALL_BUDGET
    clients, request, declaration = step.clients, step.request, step.request.declaration
    saved_key = declaration.keys.work(request.request_id, SAVED)
    saved = s3.read(clients.s3, declaration.bucket, saved_key) if step.progress.run.lines else b""
    index = kept_inventory.read(clients, declaration)
    resolver = Resolver(declaration.template_body)
    comparison = Comparison(resolver, index, saved or b"")
    names = NameCollector(declaration.template_body)
    progress, is_done = _pieces(step, comparison, end)
    if not is_done:
        s3.write(clients.s3, declaration.bucket, saved_key, comparison.save())
        return Outcome("Compare", progress)
    try:
        comparison.check_duplicates()
    except DuplicateDevice as error:
        uri = f"s3://{declaration.input_bucket}/{declaration.input_key}"
        raise RegistrationError(twice(uri, error.what, error.first, error.second)) from error
    return _plan(step, progress, comparison, index)
