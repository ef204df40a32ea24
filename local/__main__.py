"""`python -m local`: a local AWS in the foreground, until SIGINT or SIGTERM."""

from __future__ import annotations

import sys

from local.options import parse_options
from local.server import serve

if __name__ == "__main__":
    serve(parse_options(sys.argv[1:]))
