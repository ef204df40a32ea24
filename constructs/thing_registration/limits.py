"""AWS's limits for bulk registration, each with the page or model it comes from.

"model" is the service's own description, version 2015-05-28, as botocore ships it.
"quotas" is https://docs.aws.amazon.com/general/latest/gr/iot-core.html.
"""

from __future__ import annotations

# StartThingRegistrationTask, model:
# https://docs.aws.amazon.com/iot/latest/apireference/API_StartThingRegistrationTask.html
MAX_TEMPLATE_BODY_LENGTH = 10_240
# `)-\/` is a range in AWS's pattern: ( ) * + , - . / pass; space, = : @ & % do not.
INPUT_FILE_KEY_PATTERN = r"[a-zA-Z0-9!_.*'()-\/]{1,1024}"
MAX_INPUT_FILE_KEY_LENGTH = 1_024
MIN_ROLE_ARN_LENGTH = 20
MAX_ROLE_ARN_LENGTH = 2_048

# Quotas: "Maximum line length: 256K" and one task at a time.
MAX_LINE_BYTES = 256_000

# Names, model. The characters are those of AWS's patterns, for `re` character classes.
NAME_CHARACTERS = r"a-zA-Z0-9:_-"
MAX_NAME_LENGTH = 128
POLICY_NAME_CHARACTERS = r"a-zA-Z0-9_+=,.@-"  # AWS writes \w, which is ASCII there
MAX_POLICY_NAME_LENGTH = 128
ATTRIBUTE_NAME_CHARACTERS = r"a-zA-Z0-9_.,@/:#-"
MAX_ATTRIBUTE_NAME_LENGTH = 128
ATTRIBUTE_VALUE_CHARACTERS = r"a-zA-Z0-9_.,@/:#=\[\]-"
MAX_ATTRIBUTE_VALUE_LENGTH = 800
CERTIFICATE_ID_CHARACTERS = r"a-fA-F0-9"
CERTIFICATE_ID_PATTERN = r"(0x)?[a-fA-F0-9]+"
CERTIFICATE_ID_LENGTH = 64
MAX_CSR_LENGTH = 4_096
MAX_CERTIFICATE_PEM_LENGTH = 65_536
# RegisterThing's parameters, model. AWS does not document whether bulk registration shares it.
MAX_PARAMETER_VALUE_LENGTH = 4_096

# Quotas.
MAX_ATTRIBUTES_WITHOUT_THING_TYPE = 3
MAX_ATTRIBUTES_WITH_THING_TYPE = 50  # adjustable
MAX_THING_GROUPS = 10
MAX_POLICY_DOCUMENT_CHARACTERS = 2_048  # white space not counted

# https://docs.aws.amazon.com/iot/latest/apireference/API_CreateCertificateFromCsr.html
MIN_RSA_BITS = 2_048
CSR_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}

# An assumption: AWS publishes no rate. RegisterThing and the certificate calls that a task makes
# have a quota of 10 a second, quotas.
THINGS_PER_SECOND = 10.0
