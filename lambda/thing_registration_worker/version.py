"""The version of the worker: that of the library."""

VERSION = "0.1.0"
