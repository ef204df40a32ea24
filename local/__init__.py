"""A local AWS for laptops and tests: ministack, and the IoT bulk registration that it lacks."""

from local.aws import LocalAws

__all__ = ["LocalAws"]
