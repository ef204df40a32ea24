"""The template and the input file of a task, as they are given or at a path."""

from __future__ import annotations

from os import PathLike, fspath

from thing_registration.input_file import InputFile, input_file_at
from thing_registration.known_values import check_known
from thing_registration.provisioning_template import ProvisioningTemplate


def declared_template(given: ProvisioningTemplate | str | PathLike[str]) -> ProvisioningTemplate:
    """Return the template, read from its file if a path is given.

    Raises:
        ValueError: the path is a token.
    """
    if isinstance(given, ProvisioningTemplate):
        return given
    check_known("provisioning_template", fspath(given))
    return ProvisioningTemplate.from_file(given)


def declared_devices(given: InputFile | str | PathLike[str]) -> InputFile:
    """Return the devices, in the file if a path is given.

    Raises:
        ValueError: the path is a token.
    """
    if isinstance(given, InputFile):
        return given
    check_known("input_file", fspath(given))
    return input_file_at(given)
