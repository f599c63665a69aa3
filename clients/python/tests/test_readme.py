"""The two programs of README.md, as they stand there, in processes of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import List

from servers import ServerProcess

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
SOURCE = str(Path(__file__).parents[1] / "src")


def programs() -> List[str]:
    return re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def start(program: str, *words: str) -> subprocess.Popen[str]:
    whole = f"import sys; sys.path.insert(0, {SOURCE!r})\n{program}"
    return subprocess.Popen([sys.executable, "-c", whole, *words], stdout=subprocess.PIPE, text=True)


def test_the_programs_of_the_readme_play_a_game(servers: ServerProcess) -> None:
    server = servers.start()
    host_program, player_program = programs()
    assert max(len(program.splitlines()) for program in programs()) <= 20
    host = start(host_program.replace("http://localhost:8081", server.url))
    try:
        assert host.stdout is not None
        join_url = host.stdout.readline().split()[-1]
        player = start(player_program, join_url)
        said, _ = player.communicate(timeout=60)
        assert said.splitlines() == ["{'welcome': 'Ada'}", "{'winner': 'Ada'}"]
        assert player.returncode == 0
        assert host.wait(timeout=60) == 0
    finally:
        host.kill()
        host.communicate()
