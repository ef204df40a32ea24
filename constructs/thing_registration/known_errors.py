"""The errors that a user can cause, and what is said of each. Any other is a defect of ours."""

from __future__ import annotations

from sqlite3 import DatabaseError
from subprocess import CalledProcessError
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from thing_registration.checks.quoting import lower_first
from thing_registration.deployed.errors import CommandError, InvalidFiles
from thing_registration.error_report import ErrorReport
from thing_registration.verdict_text import labelled_lines
from thing_registration_worker.errors import RegistrationError

#: What `report` knows.
KNOWN_ERRORS = (
    CommandError,
    RegistrationError,
    ClientError,
    BotoCoreError,
    Boto3Error,
    ResponseParserError,
    CalledProcessError,
    DatabaseError,
    OSError,
)

_SIGN_IN = "sign in again, or name another profile with --profile"
_REACH = "check the network, the Region and --endpoint-url"
# What to do, by the code of AWS's answer or the class of botocore's error.
_ADVICE = {
    "AccessDenied": "grant these credentials that right, or use others with --profile",
    "ExpiredToken": _SIGN_IN,
    "RequestExpired": "set the clock of this machine, or sign in again",
    "SignatureDoesNotMatch": "check the secret key and the clock of this machine",
    "InvalidClientTokenId": "check the access key, or name another profile with --profile",
    "Throttling": "AWS limits the rate of calls: try again in a minute",
    "ValidationError": "check the arguments",
    "ServerError": "AWS cannot answer now: try again in some minutes",
    "NoRegionError": "pass --region, or set AWS_REGION",
    "InvalidRegionError": "name a Region such as eu-west-1",
    "ProfileNotFound": "name a profile of your AWS configuration",
    "ConfigParseError": "correct that file",
    "InvalidConfigError": "correct your AWS configuration",
    "NoCredentialsError": "sign in, or name a profile with --profile",
    "PartialCredentialsError": "set both keys, or name a profile with --profile",
    "CredentialRetrievalError": _SIGN_IN,
    "SSOError": _SIGN_IN,
    "TokenRetrievalError": _SIGN_IN,
    "ConnectionError": _REACH,
    "HTTPClientError": _REACH,
}
# AWS's services have different codes for one thing.
_SAME_CODE = {
    "403": "AccessDenied",
    "AccessDeniedException": "AccessDenied",
    "UnauthorizedException": "AccessDenied",
    "ExpiredTokenException": "ExpiredToken",
    "InvalidAccessKeyId": "InvalidClientTokenId",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "InvalidToken": "InvalidClientTokenId",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "RequestTimeTooSkewed": "RequestExpired",
    "ThrottlingException": "Throttling",
    "TooManyRequestsException": "Throttling",
    "RequestLimitExceeded": "Throttling",
    "SlowDown": "Throttling",
}


def report(error: BaseException) -> ErrorReport:
    """Return what to say of one of the errors in `KNOWN_ERRORS`."""
    if isinstance(error, CommandError):
        problems = labelled_lines(error.verdict) if isinstance(error, InvalidFiles) else ()
        return ErrorReport(error.kind, str(error), error.facts, tuple(problems))
    if isinstance(error, ClientError):
        return _refusal(error.response, error.operation_name)
    if isinstance(error, OSError) and not isinstance(error, BotoCoreError):
        return _of_system(error)
    if isinstance(error, RegistrationError):
        return ErrorReport("state", _one_line(str(error)))
    if isinstance(error, DatabaseError):
        what = f"the fleet's state in the task's bucket cannot be read ({error})"
        return ErrorReport("state", f"{what}: restore an earlier version of its objects")
    if isinstance(error, CalledProcessError):
        why = f"a process that checks a part of the file has ended ({error.returncode})"
        return ErrorReport("system", f"{why}: free some memory, and run the command again")
    if isinstance(error, ResponseParserError):
        # Its text has the whole answer, such as the page of a proxy.
        return ErrorReport("aws", f"what has answered is not AWS: {_REACH}")
    names = [each.__name__ for each in type(error).__mro__]
    return ErrorReport("aws", _advised(_one_line(str(error)), *names), {"code": names[0]})


def _refusal(answer: Any, operation: str) -> ErrorReport:
    """Return what to say of an answer of AWS that is an error."""
    code = str(answer["Error"].get("Code", ""))
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    text, url = answer["Error"].get("Message", ""), answer["Error"].get("Url")
    what = f"{operation} of {url}" if url else operation
    said = f"{what}: {': '.join(filter(None, (code, _one_line(text))))}"
    server = "ServerError" if status >= 500 else ""
    message = _advised(said, _SAME_CODE.get(code, code), server)
    facts = {"code": code, "operation": operation, **({"url": url} if url else {})}
    return ErrorReport("aws", message, facts)


def _of_system(error: OSError) -> ErrorReport:
    reason = lower_first(error.strerror or str(error))
    message = f"{error.filename}: {reason}" if error.filename else reason
    return ErrorReport("system", message, {"path": error.filename and str(error.filename)})


def _advised(text: str, *names: str) -> str:
    advice = next((_ADVICE[name] for name in names if name in _ADVICE), "")
    return ": ".join(filter(None, (text.rstrip(".: "), advice)))


def _one_line(text: str) -> str:
    return " ".join(text.split())
