"""
The checks of the conformance suite for hosts and phones (docs/CONFORMANCE.md), with this client as the host and as the phones: ``gateway.py`` says how.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
from pathlib import Path
from typing import Any, Dict, List

import pytest
from cutting_proxy import CuttingProxy
from gateway import Gateway
from servers import UNLIMITED, ServerProcess

RUNNER = Path(__file__).with_name("conformance.mjs")

#: What a host says and is told, and what a phone says, hears and is refused with.
HOST_AND_PLAYER = (
    "P2.1 P2.2 P2.3 P2.4 P2.5 P2.6 P2.7 P2.8 P2.9 P2.10 P2.11 P2.12 P2.14 P2.15 P2.16 P3.1 P3.2 "
    "P5.2.2 P5.3.1 P5.3.2 P5.3.3 P5.3.4 P5.3.5 P5.3.7 P5.3.8 P5.3.9 P5.3.10 P5.9.1"
).split()
#: The gateway makes a seat of this client's of each phone's session, and of its cut line a `detach`.
SESSIONS = "P5.4 P5.4.1 P5.4.2 P5.4.3 P5.4.4 P5.4.6 P5.4.7 P5.4.8 P5.4.10 P5.4.14 P5.4.15".split()
#: Without P5.6.4: this client says no vote for which a server would close it.
CROWD = "P5.6 P5.6.1 P5.6.2 P5.6.3 P5.6.7 P5.7 P5.7.2 P5.7.3 P5.7.4".split()

#: Rules whose checks send frames both ways, none of which is too long for a line that is cut so soon.
DELIVERY = "P2.5 P2.6 P2.11 P2.12 P2.14 P2.15 P2.16".split()
CUTS = 200
#: Bytes after which a line is cut: in the midst of handshakes, greetings and frames.
CUT_AFTER = (200, 3_000)
#: Impatient, so that a line which is dead for one side is soon dead for both; and a seat whose client could not say goodbye, over lines that are cut, ends
#: well within the 45 seconds that a check has.
IMPATIENT: Dict[str, Any] = {
    **UNLIMITED,
    "pingMs": 1_000,
    "idleMs": 3_000,
    "seatGraceMs": 20_000,
    "maxConnections": 10_000,
}


async def faults_of(url: str, rules: List[str]) -> List[str]:
    """What is wrong, of all checks of these rules."""
    node = os.environ.get("COUCHWIRE_TEST_NODE") or shutil.which("node") or "node"
    runner = await asyncio.create_subprocess_exec(node, str(RUNNER), url, *rules, stdout=asyncio.subprocess.PIPE)
    try:
        said, _ = await runner.communicate()
    finally:
        if runner.returncode is None:
            runner.kill()
    assert runner.returncode == 0
    results = json.loads(said)
    assert len(results) >= len(rules)
    told = ((result["rule"], result.get("fault") or result.get("skipped")) for result in results)
    return [f"{rule}: {why}" for rule, why in told if why is not None]


@pytest.mark.parametrize("rules", [HOST_AND_PLAYER, SESSIONS, CROWD], ids=["host-and-player", "sessions", "crowd"])
async def test_p5_5_the_conformance_checks_of_both_roles_pass_with_this_client(
    servers: ServerProcess, rules: List[str]
) -> None:
    server = servers.start(networkRooms=0, awayMs=200)
    async with Gateway(server.url, server.url, server.url) as gateway:
        assert await faults_of(gateway.url, rules) == []


async def test_p5_5_they_pass_over_200_cuts(servers: ServerProcess) -> None:
    seed = random.randrange(1, 1_000_000_000)
    server = servers.start(**IMPATIENT)
    async with CuttingProxy(server.port, seed=seed, cut_after=CUT_AFTER) as hosts:
        async with CuttingProxy(server.port, seed=seed + 1, cut_after=CUT_AFTER) as phones:
            async with Gateway(server.url, hosts.url, phones.url) as gateway:
                while hosts.cuts + phones.cuts < CUTS:
                    assert await faults_of(gateway.url, DELIVERY) == [], f"seed {seed}"
