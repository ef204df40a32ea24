"""The rules for an input file and its lines."""

from __future__ import annotations

from thing_registration.checks.rule import Rule

_GUIDE = "https://docs.aws.amazon.com/iot/latest/developerguide"
_BULK = f"{_GUIDE}/bulk-provisioning.html"
_API = "https://docs.aws.amazon.com/iot/latest/apireference"
_QUOTAS = "https://docs.aws.amazon.com/general/latest/gr/iot-core.html"
_CSR = f"{_API}/API_CreateCertificateFromCsr.html"
_SAMPLE = "https://github.com/aws-samples/aws-iot-core-device-provisioning-deep-dive"
_MEANT = "cannot be meant"

INPUT_RULES = (
    # The input file.
    Rule(
        "input-readable",
        "error",
        "the input file can be read",
        _MEANT,
        "devices.jsonl: cannot be read, got no such file or directory, allowed a readable file",
    ),
    Rule(
        "input-empty",
        "error",
        "the input file names at least one device",
        _MEANT,
        "devices.jsonl: names no device, got 0 lines, allowed one JSON object a line",
    ),
    Rule(
        "line-encoding",
        "error",
        "a line is UTF-8",
        _BULK,
        "devices.jsonl:1: is not UTF-8, got byte 0xff at 15, allowed UTF-8",
    ),
    Rule(
        "line-length",
        "error",
        "a line has at most 256,000 bytes",
        _QUOTAS,
        "devices.jsonl:1: is too long, got 256,001 bytes, allowed at most 256,000",
    ),
    Rule(
        "line-json",
        "error",
        "a line is JSON",
        _BULK,
        "devices.jsonl:1:27: is not JSON, got expecting ',' delimiter, "
        "allowed one JSON object a line",
    ),
    Rule(
        "line-object",
        "error",
        "a line is a JSON object",
        _BULK,
        'devices.jsonl:1: is not a JSON object, got "a", allowed one JSON object a line',
    ),
    Rule(
        "key-twice",
        "error",
        "a line has no key twice",
        _MEANT,
        'devices.jsonl:1: ThingName: stands twice in the line, got "a" and "b", '
        "allowed each parameter once",
    ),
    Rule(
        "key-unknown",
        "warning",
        "a line has no key that the template does not declare",
        _BULK,
        'devices.jsonl:1: Colour: is no parameter of the template, got "red", '
        "allowed SerialNumber, ThingName",
    ),
    Rule(
        "parameter-missing",
        "error",
        "a line has a value for every parameter without Default",
        f"{_SAMPLE}/tree/main/bulk-registration-using-csr",
        "devices.jsonl:1: SerialNumber: has no value and no Default, got ThingName, "
        "allowed a string",
    ),
    Rule(
        "thing-name-twice",
        "error",
        "a thing name stands in one line only",
        _MEANT,
        'devices.jsonl:3: ThingName: names a thing twice, got "a" as in line 1, '
        "allowed each thing once",
    ),
    Rule(
        "certificate-twice",
        "warning",
        "a key stands in one line only, be it in a CSR or a certificate; so does a certificate id",
        _CSR,
        "devices.jsonl:3: CSR: gives one key to two devices, got that of line 1, "
        "allowed one of its own",
    ),
    Rule(
        "csr",
        "error",
        "a CSR can be parsed and has at most 4,096 characters",
        _CSR,
        'devices.jsonl:1: CSR: is no certificate signing request, got "csr1", '
        "allowed a PEM of PKCS #10 of at most 4,096 characters",
    ),
    Rule(
        "csr-key",
        "error",
        "a CSR's key is RSA of 2,048 bits or more, or of curve P-256, P-384 or P-521",
        _CSR,
        "devices.jsonl:1: CSR: has a key that AWS does not accept, got RSA of 1,024 bits, "
        "allowed RSA of at least 2,048 bits, P-256, P-384, P-521",
    ),
    Rule(
        "certificate",
        "error",
        "a certificate can be parsed and has at most 65,536 characters",
        f"{_API}/API_RegisterCertificate.html",
        'devices.jsonl:1: Certificate: is no certificate, got "pem", '
        "allowed a PEM of X.509 of at most 65,536 characters",
    ),
    Rule(
        "pem-form",
        "warning",
        "a PEM has the BEGIN and END lines of what it is",
        "https://www.rfc-editor.org/rfc/rfc7468",
        "devices.jsonl:1: CSR: parses only after repair, got no BEGIN and END lines, "
        "allowed a PEM as it was made",
    ),
    Rule(
        "duration",
        "error",
        "the estimated duration fits into the time that the deployment waits",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
        "aws-resource-cloudformation-customresource.html",
        "devices.jsonl: would take longer than the deployment waits, "
        "got about 2:46:40 for 100,000 lines at 10 a second, "
        "allowed 1:00:00: split the file over several deployments, or state the rate that you know",
    ),
    # Other forms of the input file.
    Rule(
        "csv-header",
        "error",
        "a CSV file's header names each parameter once, and the mapping names its columns",
        _MEANT,
        "devices.csv:1: names a parameter twice, got ThingName, allowed each parameter once",
    ),
    Rule(
        "csv-row",
        "error",
        "a CSV row has as many fields as the header",
        _MEANT,
        "devices.csv:3: has not as many fields as the header, got 3, allowed 2",
    ),
    Rule(
        "array-json",
        "error",
        "a JSON array is complete, of objects",
        _MEANT,
        "devices.json:2:1: is not a JSON array, got expecting value, "
        "allowed a JSON array of objects",
    ),
)
