"""Servers of this build, in a process of their own: that of ``test/support/child-server.js``."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Dict, List, Optional, Type

ROOT = Path(__file__).resolve().parents[3]
CHILD = ROOT / "test" / "support" / "child-server.js"

DEFAULTS: Dict[str, Any] = {
    "port": 0,
    "host": "127.0.0.1",
    "games": str(ROOT / "test/support/games"),
    "logLevel": "silent",
    "drainMs": 0,
}
#: Limits that are not what a test is about.
UNLIMITED: Dict[str, Any] = {"hostRate": 0, "playerRate": 0, "playerBytes": 0, "networkRooms": 0}


@dataclass(frozen=True)
class TestServer:
    """One server."""

    __test__ = False

    number: int
    port: int
    url: str


class ServerProcess:
    """Answers are one line each, so that a request waits for its own."""

    def __init__(self) -> None:
        node = os.environ.get("COUCHWIRE_TEST_NODE") or shutil.which("node") or "node"
        self._child = subprocess.Popen(
            [node, str(CHILD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True
        )
        self._requests = 0
        self._open: List[int] = []

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], error: Optional[BaseException], trace: Optional[TracebackType]
    ) -> None:
        assert self._child.stdin is not None and self._child.stdout is not None
        self._child.stdin.close()
        self._child.wait(timeout=30)
        self._child.stdout.close()

    def start(self, **options: Any) -> TestServer:
        """Starts a server with these options."""
        result = self._ask({"do": "start", "options": {**DEFAULTS, **options}})
        server = TestServer(result["server"], result["port"], f"http://127.0.0.1:{result['port']}")
        self._open.append(server.number)
        return server

    def close(self, server: TestServer) -> None:
        """Ends a server with all its rooms."""
        self._open.remove(server.number)
        self._ask({"do": "close", "server": server.number})

    def close_all(self) -> None:
        """Ends those that are still there."""
        while self._open:
            self._ask({"do": "close", "server": self._open.pop()})

    def _ask(self, request: Dict[str, Any]) -> Dict[str, Any]:
        assert self._child.stdin is not None and self._child.stdout is not None
        self._requests += 1
        self._child.stdin.write(json.dumps({"id": self._requests, **request}) + "\n")
        self._child.stdin.flush()
        answer = json.loads(self._child.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        result: Dict[str, Any] = answer["result"]
        return result
