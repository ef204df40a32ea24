"""The status that a line asks for its certificate."""

import json

from thing_registration_worker.fleet.template_resources import properties_of, referred_parameter

ACTIVE, INACTIVE = "ACTIVE", "INACTIVE"


def certificate_status(template_body: str, line: str) -> str:
    """Return the status, ACTIVE or INACTIVE, that the template and a line give a certificate.

    https://docs.aws.amazon.com/iot/latest/developerguide/provision-template.html
    """
    template = json.loads(template_body)
    status = properties_of(template["Resources"], "AWS::IoT::Certificate").get("Status", ACTIVE)
    parameter = referred_parameter(status)
    if parameter is not None:
        default = template.get("Parameters", {}).get(parameter, {}).get("Default", ACTIVE)
        status = json.loads(line).get(parameter, default)
    return INACTIVE if str(status).upper() == INACTIVE else ACTIVE
