"""Tokens that expire (P5.9.15): a program that gives newer ones keeps its connection."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from typing import Any, Dict, List, Union

import pytest
from servers import ServerProcess
from waiting import the_next

import couchwire
from couchwire import Event, HostMessage, Join, PlayerMessage, Reconnecting
from couchwire.control import TokenAnswer
from couchwire.token_renewal import TokenRenewal

SECRET = "a-secret-of-the-tests-of-the-python-client"
#: A newer one is asked for in the last quarter: a second and a half that a slow machine may take.
SECONDS = 6


def sign(claims: Dict[str, Any]) -> str:
    """A token (HS256)."""
    now = time.time()
    whole = {"session_id": "of-the-test", "iat": int(now), "exp": int(now) + SECONDS, **claims}
    parts = [in_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, whole)]
    signature = hmac.new(SECRET.encode(), ".".join(parts).encode(), hashlib.sha256).digest()
    return ".".join([*parts, in_base64(signature)])


def in_base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Tokens:
    """Gives tokens of a few seconds, and says how often it was asked."""

    def __init__(self, claims: Dict[str, Any]) -> None:
        self.asked = 0
        self._claims = claims
        self._changed = asyncio.Condition()

    async def __call__(self) -> str:
        async with self._changed:
            self.asked += 1
            self._changed.notify_all()
        return sign(self._claims)

    async def until_asked(self, count: int) -> None:
        async with self._changed:
            await self._changed.wait_for(lambda: self.asked >= count)


async def test_p5_9_15_a_newer_token_renews_the_line_without_a_cut(servers: ServerProcess) -> None:
    server = servers.start(jwtSecret=SECRET)
    tv, ann = Tokens({"sub": "tv", "role": "host"}), Tokens({"sub": "ann"})
    async with couchwire.host(server.url, token=tv) as room:
        async with couchwire.join(server.url, code=room.code, token=ann) as me:
            assert (await the_next(room, Join)).player.user == "ann"
            # When a third token is asked for, the first one has expired: each lasts as long, and is asked for in the last quarter of the one before.
            await asyncio.gather(tv.until_asked(3), ann.until_asked(3))
            await me.send("still here")
            events: List[Event] = []
            while not any(isinstance(event, PlayerMessage) for event in events):
                events.append(await room.__anext__())
            assert not any(isinstance(event, Reconnecting) for event in events)
            await room.send(1, "you too")
            assert isinstance(await me.__anext__(), HostMessage)


async def test_p5_9_15_what_gives_no_token_or_one_that_is_refused_is_asked_again() -> None:
    async def is_asked_again(first: Union[Exception, str]) -> None:
        said: List[Union[Exception, str]] = [first, "good", "better"]
        shown: asyncio.Queue[str] = asyncio.Queue()

        def source() -> str:
            answer = said.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer

        renewal = TokenRenewal(source, shown.put_nowait)
        renewal.begin(4_000)
        if isinstance(first, str):
            assert await shown.get() == first
            renewal.answered(TokenAnswer(error="The token has expired."))
        assert await shown.get() == "good"
        renewal.answered(TokenAnswer(exp=2_000_000_000, expires_ms=1_000))
        assert await shown.get() == "better"
        renewal.end()
        renewal.end()

    await asyncio.gather(is_asked_again(OSError("no network")), is_asked_again("refused"))


async def test_p5_9_15_a_token_that_is_text_has_no_successor() -> None:
    renewal = TokenRenewal("a.token.text", lambda token: pytest.fail(f"{token} was shown"))
    before = asyncio.all_tasks()
    renewal.begin(10)
    assert asyncio.all_tasks() == before


async def test_p5_9_15_a_token_that_is_text_ends_the_line_and_the_next_one_leads_back(servers: ServerProcess) -> None:
    server = servers.start(jwtSecret=SECRET)
    async with couchwire.host(server.url) as room:
        session = "a-session-of-a-token"
        me = await couchwire.join(server.url, code=room.code, token=sign({"sub": "ann"}), session=session)
        assert (await the_next(me, Reconnecting)).code == 4401
        await me.detach()
        async with couchwire.join(server.url, code=room.code, token=sign({"sub": "ann"}), session=session) as again:
            assert again.id == 1
