"""The rules for an input file as a whole, and for the forms that it may have."""

from __future__ import annotations

from thing_registration.checks.rules.rule import Rule

INPUT_READABLE = Rule(
    id="input-readable",
    severity="error",
    sentence="the input file can be read",
    page=None,
    message="cannot be read ({got}): must be {allowed}",
    allowed="a readable file",
    example="devices.jsonl: cannot be read (no such file or directory in /home/me/app): "
    "must be a readable file",
)
INPUT_EMPTY = Rule(
    id="input-empty",
    severity="error",
    sentence="the input file contains at least one device",
    page=None,
    message="contains no devices ({got}): must have {allowed}",
    allowed="one JSON object per line",
    example="devices.jsonl: contains no devices (0 lines): must have one JSON object per line",
)
DURATION = Rule(
    id="duration",
    severity="warning",
    sentence="the estimated duration of the whole file fits into the time that the deployment "
    "waits; a deployment registers only what has changed",
    page="https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-resource-cloudformation-customresource.html",
    message="registering all {got}: the deployment waits {allowed}, and fails before it starts "
    "if so many have to be registered; specify the rate that you know, or begin with a part of the "
    "file",
    example="devices.jsonl: registering all 100,000 devices takes about 2:46:40 at 10 per second: "
    "the deployment waits at most 1:00:00, and fails before it starts if so many have to be "
    "registered; specify the rate that you know, or begin with a part of the file",
)
CSV_HEADER = Rule(
    id="csv-header",
    severity="error",
    sentence="a CSV file's header names each parameter once, and has the columns of the mapping",
    page=None,
    message="the header names {got} twice: it may name {allowed}",
    allowed="each parameter only once",
    example="devices.csv:1: the header names ThingName twice: it may name each parameter only once",
)
CSV_ROW = Rule(
    id="csv-row",
    severity="error",
    sentence="a CSV row has as many fields as the header",
    page=None,
    message="has {got} fields; the header has {allowed}",
    example="devices.csv:3: has 3 fields; the header has 2",
)
ARRAY_JSON = Rule(
    id="array-json",
    severity="error",
    sentence="a JSON array is complete, and contains objects",
    page=None,
    message="is not a valid JSON array ({got}): must be {allowed}",
    allowed="a JSON array of objects",
    example="devices.json:2:1: is not a valid JSON array (expecting value): "
    "must be a JSON array of objects",
)

INPUT_RULES = (INPUT_READABLE, INPUT_EMPTY, DURATION, CSV_HEADER, CSV_ROW, ARRAY_JSON)
