"""Measures the comparison of a file with the inventory: CPU seconds, memory, beside `json.loads`.

    python -m benchmarks.compare [LINES] [CHANGED]

Every line has about 1.1 KB and a CSR of its own key; the keys are put into CSRs that other keys
signed, because making keys would take hours. The memory is the largest resident one.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "lambda"))

TURNS = 3
TEMPLATE = json.dumps(
    {
        "Parameters": {name: {"Type": "String"} for name in ("ThingName", "Serial", "CSR")},
        "Resources": {
            "thing": {
                "Type": "AWS::IoT::Thing",
                "Properties": {
                    "ThingName": {"Ref": "ThingName"},
                    "AttributePayload": {"serial": {"Ref": "Serial"}, "model": "m1"},
                    "ThingGroups": ["sensors"],
                },
            },
            "certificate": {
                "Type": "AWS::IoT::Certificate",
                "Properties": {"CertificateSigningRequest": {"Ref": "CSR"}, "Status": "ACTIVE"},
            },
            "policy": {"Type": "AWS::IoT::Policy", "Properties": {"PolicyName": "sensor"}},
        },
    }
)


def main() -> None:
    """Print the figures of several turns."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    changed = int(sys.argv[2]) if len(sys.argv) > 2 else 100
    with tempfile.TemporaryDirectory() as folder:
        before, after, parts = (Path(folder) / name for name in ("before", "after", "inventory"))
        signed = csr()
        write_file(before, lines, 0, signed)
        write_file(after, lines, changed, signed)
        write_inventory(before, parts)
        print(f"{lines:,} lines, {after.stat().st_size / lines:,.0f} bytes each")
        print(f"inventory: {parts.stat().st_size / lines:,.0f} bytes a device")
        for _ in range(TURNS):
            turn(after, parts)


def turn(file: Path, parts: Path) -> None:
    """Print one comparison beside plain parsing of the same file."""
    from thing_registration_worker.fleet.comparison import Comparison
    from thing_registration_worker.fleet.inventory import fold
    from thing_registration_worker.fleet.resolved_device import Resolver

    began = time.process_time()
    with file.open("rb") as lines:
        for line in lines:
            json.loads(line)
    parsing = time.process_time() - began

    began = time.process_time()
    with parts.open("rb") as part:
        index = fold([part])
    folding = time.process_time() - began
    comparison = Comparison(Resolver(TEMPLATE), index)
    sent = 0
    with file.open("rb") as lines:
        for verdict in comparison.verdicts(lines):
            sent += verdict.kind != "unchanged"
    comparison.check_duplicates()
    removed = sum(1 for _ in comparison.removed())
    total = time.process_time() - began
    counts = ", ".join(f"{count:,} {kind}" for kind, count in comparison.counts.items())
    print(
        f"{counts}, {removed:,} removed: {total:.1f} s (inventory {folding:.1f} s), "
        f"json.loads {parsing:.1f} s, ratio {total / parsing:.1f}, peak {peak_mib():.0f} MiB"
    )


def write_file(path: Path, lines: int, changed: int, signed: tuple[bytes, int]) -> None:
    """Write an input file; so many lines, evenly spread, have another serial number."""
    der, at = signed
    every = lines // changed if changed else lines + 1
    with path.open("w", encoding="utf-8") as file:
        for number in range(lines):
            own = der[:at] + number.to_bytes(8, "big") + der[at + 8 :]
            text = base64.encodebytes(own).decode()
            record = {
                "ThingName": f"device-{number:08d}",
                "Serial": f"{number:020d}" + ("-2" if changed and number % every == 0 else ""),
                "CSR": f"-----BEGIN CERTIFICATE REQUEST-----\n{text}"
                "-----END CERTIFICATE REQUEST-----\n",
            }
            file.write(json.dumps(record) + "\n")


def csr() -> tuple[bytes, int]:
    """Return the DER of a CSR of RSA with 2,048 bits, and where its key can be changed."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(65537, 2048)
    names = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    subject = x509.Name([x509.NameAttribute(name, "sensor" * 8) for name in names])
    request = x509.CertificateSigningRequestBuilder().subject_name(subject)
    der = request.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    modulus = key.public_key().public_numbers().n.to_bytes(256, "big")
    return der, der.index(modulus) + 100


def write_inventory(file: Path, parts: Path) -> None:
    """Write what AWS would have accepted of a file."""
    from thing_registration_worker.fleet.inventory_entry import Entry
    from thing_registration_worker.fleet.resolved_device import Resolver

    resolver = Resolver(TEMPLATE)
    with file.open("rb") as lines, parts.open("wb") as part:
        for line in lines:
            device = resolver.resolve(line)
            entry = Entry(
                "registered",
                device.thing_name,
                device.resources_hash,
                device.key,
                # Any id will do that differs from all others.
                device.key[::-1],
                thing_made=True,
                certificate_made=True,
                at=1_764_000_000,
            )
            part.write(entry.to_line())


def peak_mib() -> float:
    """Return the largest resident memory of this process so far."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
