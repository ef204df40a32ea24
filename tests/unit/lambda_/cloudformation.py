"""A stand-in for the address that takes the answers of custom resources."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any


class CloudFormation(HTTPServer):
    """Takes answers; refuses the first so many, or hangs up on them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.refuse = 0
        self.hang_up = 0
        self.answers: list[dict[str, Any]] = []
        self.content_types: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/answer"


class _Handler(BaseHTTPRequestHandler):
    server: CloudFormation

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.hang_up:
            self.server.hang_up -= 1
            self.close_connection = True
            return
        if self.server.refuse:
            self.server.refuse -= 1
            self.send_error(503)
            return
        self.server.answers.append(json.loads(data))
        self.server.content_types.append(self.headers["Content-Type"])
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass
