"""The error of a command."""


class CommandError(Exception):
    """A command cannot do what was asked for; the message is one line that says why."""
