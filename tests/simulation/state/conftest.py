"""What the rows about the fleet's state share."""

from tests.simulation.fleet.conftest import registry

__all__ = ["registry"]
