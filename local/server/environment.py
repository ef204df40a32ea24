"""What ministack and its Lambdas read from the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from local.server.options import DEFAULT_ACCOUNT, Options

HOST = "127.0.0.1"


def server_environment(
    before: Mapping[str, str], options: Options, endpoint: str, scratch: Path
) -> dict[str, str]:
    """Return an environment with what the local AWS needs, without the user's own AWS settings."""
    state = options.state_dir or scratch / "state"
    return {
        **{name: value for name, value in before.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": options.region,
        "AWS_DEFAULT_REGION": options.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AUTH": "true" if options.auth else "false",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": endpoint.rpartition(":")[2],
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "INFO" if options.verbose else "ERROR",
        "MINISTACK_ACCOUNT_ID": DEFAULT_ACCOUNT,
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": options.region,
        "PERSIST_STATE": "1" if options.state_dir else "0",
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(state),
        "TMPDIR": str(scratch),
    }
