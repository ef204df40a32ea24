"""`python -m local`: a local AWS in the foreground, until SIGINT or SIGTERM."""

from __future__ import annotations

import sys

from local.server.options import parse_options
from local.server.process import serve

if __name__ == "__main__":
    serve(parse_options(sys.argv[1:]))
