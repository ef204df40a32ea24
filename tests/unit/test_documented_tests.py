"""docs/your-tests.md shows the tests of examples/fleet, which run with all others."""

from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_has_the_file_as_it_is() -> None:
    page = (ROOT / "docs" / "your-tests.md").read_text()

    assert (ROOT / "examples" / "fleet" / "test_fleet.py").read_text() in page
