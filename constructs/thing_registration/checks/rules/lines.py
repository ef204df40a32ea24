"""The rules for a line of an input file, and for lines that must differ."""

from __future__ import annotations

from thing_registration import limits
from thing_registration.checks.quoting import choice, shown
from thing_registration.checks.rules.rule import API, BULK_PAGE, QUOTAS, SAMPLE, Rule

_CSR_PAGE = f"{API}/API_CreateCertificateFromCsr.html"

LINE_ENCODING = Rule(
    id="line-encoding",
    severity="error",
    sentence="a line is UTF-8",
    page=BULK_PAGE,
    message="is not UTF-8 ({got}): must be {allowed}",
    allowed="UTF-8",
    example="devices.jsonl:1: is not UTF-8 (byte 0xff at position 15): must be UTF-8",
)
LINE_LENGTH = Rule(
    id="line-length",
    severity="error",
    sentence="a line has at most 256,000 bytes",
    page=QUOTAS,
    message="has {got}: must have {allowed}",
    allowed=f"at most {limits.MAX_LINE_BYTES:,}",
    check=lambda line: f"{len(line):,} bytes" if len(line) > limits.MAX_LINE_BYTES else None,
    example="devices.jsonl:1: has 256,001 bytes: must have at most 256,000",
)
LINE_JSON = Rule(
    id="line-json",
    severity="error",
    sentence="a line is JSON",
    page=BULK_PAGE,
    message="is not valid JSON ({got}): must be {allowed}",
    allowed="one JSON object",
    example="devices.jsonl:1:27: is not valid JSON (expecting ',' delimiter): "
    "must be one JSON object",
)
LINE_OBJECT = Rule(
    id="line-object",
    severity="error",
    sentence="a line is a JSON object",
    page=BULK_PAGE,
    message="is {got}: must be {allowed}",
    allowed="one JSON object",
    example='devices.jsonl:1: is "a": must be one JSON object',
)
OBJECT_OVER_LINES = Rule(
    id="object-over-lines",
    severity="error",
    sentence="each object is on one line, without a comma behind it",
    page=BULK_PAGE,
    message="{got}: {allowed}",
    allowed="each object must be on a line of its own, or all of them in a JSON array",
    example="devices.jsonl:1: the object goes on for 3 lines, and 1 more do: each object must be "
    "on a line of its own, or all of them in a JSON array",
)
KEY_TWICE = Rule(
    id="key-twice",
    severity="error",
    sentence="a line has no key twice",
    page=None,
    message="appears twice on this line, as {got}: a line may have {allowed}",
    allowed="each parameter only once",
    example='devices.jsonl:1: ThingName: appears twice on this line, as "a" and "b": '
    "a line may have each parameter only once",
)
KEY_UNKNOWN = Rule(
    id="key-unknown",
    severity="warning",
    sentence="a line has no key that the template does not declare",
    page=BULK_PAGE,
    message="is not a parameter of the template (its value is {got}): "
    "the template declares {allowed}",
    example="devices.jsonl:1: Colour: is not a parameter of the template "
    '(its value is "red"): the template declares SerialNumber, ThingName',
)
KEY_MISSPELT = Rule(
    id="key-misspelt",
    severity="error",
    sentence="a line has no key that is almost a parameter which it lacks",
    page=None,
    message="is almost certainly a misspelling: the template declares {allowed}",
    example="devices.jsonl:1: serialnumber: is almost certainly a misspelling: "
    "the template declares SerialNumber",
)
PARAMETER_MISSING = Rule(
    id="parameter-missing",
    severity="error",
    sentence="a line has a value for every parameter that is used and has no Default",
    page=f"{SAMPLE}/tree/main/bulk-registration-using-csr",
    message="the template requires {allowed}: the line has {got}",
    allowed="a value",
    example="devices.jsonl:1: SerialNumber: the template requires a value: "
    "the line has only ThingName",
)
UNUSED_PARAMETER_MISSING = Rule(
    id="unused-parameter-missing",
    severity="warning",
    sentence="a line has a value for every parameter that is never used and has no Default; "
    "public projects register devices without it",
    page=BULK_PAGE,
    message="the template declares this parameter without a Default but never uses it: "
    "AWS may require {allowed}; the line has {got}",
    allowed="a value",
    example="devices.jsonl:1: Note: the template declares this parameter without a Default but "
    "never uses it: AWS may require a value; the line has only ThingName",
)
THING_NAME_TWICE = Rule(
    id="thing-name-twice",
    severity="error",
    sentence="a thing name is on one line only",
    page=None,
    message="{got} is already on line {first}: {allowed}",
    allowed="each thing may appear only once",
    example='devices.jsonl:3: ThingName: "a" is already on line 1: each thing may appear only once',
)
PUBLIC_KEY_TWICE = Rule(
    id="public-key-twice",
    severity="error",
    sentence="a public key is on one line only, in whichever CSR or certificate: of two CSRs with "
    "one key, AWS makes two certificates",
    page=_CSR_PAGE,
    message="uses the same key as {got}: each device must have {allowed}",
    allowed="its own",
    example="devices.jsonl:3: CSR: uses the same key as line 1: each device must have its own",
)
CERTIFICATE_TWICE = Rule(
    id="certificate-twice",
    severity="warning",
    sentence="a certificate ID is on one line only",
    page=f"{API}/API_AttachThingPrincipal.html",
    message="is the same certificate as on {got}: each device should have {allowed}",
    allowed="its own",
    example="devices.jsonl:3: CertificateId: is the same certificate as on line 1: "
    "each device should have its own",
)
CSR = Rule(
    id="csr",
    severity="error",
    sentence="a CSR can be parsed and has at most 4,096 characters",
    page=_CSR_PAGE,
    message="invalid certificate signing request {got}: must be {allowed}",
    allowed=f"PKCS #10 in PEM, of at most {limits.MAX_CSR_LENGTH:,} characters",
    check=lambda text: shown(text) if len(text) > limits.MAX_CSR_LENGTH else None,
    example='devices.jsonl:1: CSR: invalid certificate signing request "csr1": '
    "must be PKCS #10 in PEM, of at most 4,096 characters",
)
CSR_KEY = Rule(
    id="csr-key",
    severity="error",
    sentence="a CSR's key is RSA of 2,048 bits or more, or of curve P-256, P-384 or P-521",
    page=_CSR_PAGE,
    message="uses {got}, which AWS does not accept: must use {allowed}",
    allowed=choice(
        (f"RSA with at least {limits.MIN_RSA_BITS:,} bits", *limits.CSR_CURVES.values())
    ),
    example="devices.jsonl:1: CSR: uses RSA with 1,024 bits, which AWS does not accept: "
    "must use RSA with at least 2,048 bits, P-256, P-384 or P-521",
)
CSR_SIGNATURE = Rule(
    id="csr-signature",
    severity="error",
    sentence="a CSR is signed by its own key",
    page=_CSR_PAGE,
    message="its signature does not fit its content and its key: {allowed}",
    allowed="make it anew, some character of it was changed",
    example="devices.jsonl:1: CSR: its signature does not fit its content and its key: "
    "make it anew, some character of it was changed",
)
CERTIFICATE = Rule(
    id="certificate",
    severity="error",
    sentence="a certificate can be parsed and has at most 65,536 characters",
    page=f"{API}/API_RegisterCertificate.html",
    message="invalid certificate {got}: must be {allowed}",
    allowed=f"X.509 in PEM, of at most {limits.MAX_CERTIFICATE_PEM_LENGTH:,} characters",
    check=lambda text: shown(text) if len(text) > limits.MAX_CERTIFICATE_PEM_LENGTH else None,
    example='devices.jsonl:1: Certificate: invalid certificate "pem": '
    "must be X.509 in PEM, of at most 65,536 characters",
)
PEM_FORM = Rule(
    id="pem-form",
    severity="warning",
    sentence="a PEM has the BEGIN and END lines of what it is",
    page="https://www.rfc-editor.org/rfc/rfc7468",
    message="has {got}: should be {allowed}",
    allowed="the PEM as its tool wrote it",
    example="devices.jsonl:1: CSR: has no BEGIN and END lines: "
    "should be the PEM as its tool wrote it",
)

LINE_RULES = (
    LINE_ENCODING,
    LINE_LENGTH,
    LINE_JSON,
    LINE_OBJECT,
    OBJECT_OVER_LINES,
    KEY_TWICE,
    KEY_MISSPELT,
    KEY_UNKNOWN,
    PARAMETER_MISSING,
    UNUSED_PARAMETER_MISSING,
    THING_NAME_TWICE,
    PUBLIC_KEY_TWICE,
    CERTIFICATE_TWICE,
    CSR,
    CSR_KEY,
    CSR_SIGNATURE,
    CERTIFICATE,
    PEM_FORM,
)
