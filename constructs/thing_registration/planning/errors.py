"""The error of everything that asks about a deployed stack."""


class PlanError(Exception):
    """What was asked for cannot be found out; the message is one line that says why."""
