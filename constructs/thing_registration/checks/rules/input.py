"""The rules for an input file as a whole, and for the forms that it may have."""

from __future__ import annotations

from thing_registration.checks.rules.rule import BULK_PAGE, Rule

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
SWAPPED = Rule(
    id="swapped",
    severity="error",
    sentence="the template and the input file are not in each other's place",
    page=None,
    message="is a provisioning template, and {got} is none: {allowed}",
    allowed="swap the two",
    example="devices.jsonl: is a provisioning template, and template.json is none: swap the two",
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
CSV_COLUMN = Rule(
    id="csv-column",
    severity="error",
    sentence="a CSV file has a column for each parameter that is used and has no Default",
    page=None,
    message="the column {allowed} is missing, which the template requires: the header has {got}",
    example="devices.csv:1: the column SerialNumber is missing, which the template requires: "
    "the header has ThingName",
)
CSV_COLUMN_UNKNOWN = Rule(
    id="csv-column-unknown",
    severity="warning",
    sentence="a CSV file has no column that the template does not declare",
    page=BULK_PAGE,
    message="the column {got} is no parameter of the template, which declares {allowed}",
    example="devices.csv:1: the column Colour is no parameter of the template, "
    "which declares ThingName",
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

INPUT_RULES = (
    INPUT_READABLE,
    INPUT_EMPTY,
    SWAPPED,
    DURATION,
    CSV_HEADER,
    CSV_COLUMN,
    CSV_COLUMN_UNKNOWN,
    CSV_ROW,
    ARRAY_JSON,
)
