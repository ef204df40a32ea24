"""The hash that `plan` computes of an input file is the one that CDK gives its asset."""

from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3_assets as s3_assets

from thing_registration.deployed.asset_hash import asset_hash


@pytest.mark.parametrize(
    "content",
    [
        b'{"ThingName": "a"}\n',
        b"a\r\nb\r\n",
        "é".encode() * 9_001 + b"x",
        b"x" * 8_191 + b"\r\n" + b"y" * 9_000,
        b"x" * 8_191 + b"\r",
        "é".encode() * 600_000 + b"x\r\n" * 300_000,
        (b"x" * 99 + b"\r\n") * 20_000 + "€".encode() * 9_001,
        b"\xff\xfe\n",
        b"",
    ],
)
def test_a_file_has_the_hash_of_its_asset(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "devices.jsonl"
    file.write_bytes(content)

    asset = s3_assets.Asset(cdk.Stack(), "File", path=str(file))

    assert asset_hash(file) == asset.asset_hash
