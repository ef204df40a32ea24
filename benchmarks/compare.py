"""Measures the comparison of a file with the state: CPU seconds, memory, beside `json.loads`.

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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
        before, after, state = (Path(folder) / name for name in ("before", "after", "state.sqlite"))
        signed = csr()
        write_file(before, lines, 0, signed)
        write_file(after, lines, changed, signed)
        write_state(before, state)
        print(f"{lines:,} lines, {after.stat().st_size / lines:,.0f} bytes each")
        print(f"state: {state.stat().st_size / lines:,.0f} bytes a device")
        for _ in range(TURNS):
            turn(after, state)


def turn(file: Path, state: Path) -> None:
    """Print one comparison beside plain parsing of the same file."""
    began = time.process_time()
    with file.open("rb") as lines:
        for line in lines:
            json.loads(line)
    parsing = time.process_time() - began
    found = compare(file, state)
    counts = ", ".join(f"{found[kind]:,} {kind}" for kind in ("new", "changed", "unchanged"))
    print(
        f"{counts}, {found['removed']:,} removed: {found['seconds']:.1f} s "
        f"(state {found['loading']:.1f} s), json.loads {parsing:.1f} s, "
        f"ratio {found['seconds'] / parsing:.1f}, peak {peak_mib():.0f} MiB"
    )


def compare(file: Path, state: Path) -> dict[str, Any]:
    """Compare a file with a state as the worker does; how many lines of each kind, and CPU time."""
    from thing_registration_worker.fleet.comparison import Comparison
    from thing_registration_worker.fleet.departures import find_removed
    from thing_registration_worker.fleet.prerequisite_names import NameCollector
    from thing_registration_worker.fleet.resolved_device import Resolver
    from thing_registration_worker.fleet.template import Template
    from thing_registration_worker.state import pages

    began = time.process_time()
    db = pages.load(state)
    loading = time.process_time() - began
    template = Template(TEMPLATE)
    comparison = Comparison(Resolver(template), db, NameCollector(template))
    with file.open("rb") as lines:
        comparison.read(lines, lambda: False)
    comparison.check_keys()
    removed = len(find_removed(db, comparison.line_numbers))
    seconds = time.process_time() - began
    kinds: dict[str, int] = dict(db.execute("SELECT kind, count(*) FROM line GROUP BY kind"))
    db.close()
    return {
        "new": kinds.get("new", 0),
        "changed": kinds.get("changed", 0),
        "unchanged": comparison.unchanged,
        "removed": removed,
        "seconds": seconds,
        "loading": loading,
    }


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


def write_state(file: Path, state: Path) -> None:
    """Write what AWS would have accepted of a file; of an empty one, a state that knows nothing."""
    from thing_registration_worker.state import pages, schema

    db = schema.empty()
    db.executemany(
        """INSERT INTO thing (name, state, resources, key, certificate_id, thing_made,
          certificate_made, at) VALUES (?, ?, ?, ?, ?, 1, 1, 1764000000)""",
        _registered(file),
    )
    db.execute("COMMIT")
    pages.dump(db, state)
    db.close()


def _registered(file: Path) -> Iterator[tuple[Any, ...]]:
    from thing_registration_worker.fleet.resolved_device import Resolver
    from thing_registration_worker.fleet.template import Template
    from thing_registration_worker.state.schema import REGISTERED

    resolver = Resolver(Template(TEMPLATE))
    with file.open("rb") as lines:
        for line in lines:
            device = resolver.resolve(line)
            key = bytes.fromhex(device.key)
            # Any id will do that differs from all others.
            yield device.thing_name, REGISTERED, device.resources, key, key[::-1]


def peak_mib() -> float:
    """Return the largest resident memory of this process so far."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1]) / 1024


if __name__ == "__main__":
    main()
