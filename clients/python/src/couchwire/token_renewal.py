"""Renews the token of an open connection in time, without a cut (P5.9.15): asks the program for a newer one and shows it to the server."""

from __future__ import annotations

import asyncio
import logging
from typing import Callable, Optional

from .control import TokenAnswer
from .plan import NoToken, TokenSource, token_of

logger = logging.getLogger("couchwire")

#: The last part of a token's time in which a newer one is asked for, and the most that it is, in seconds.
LAST_PART = 0.25
MAX_LEAD = 60.0
#: With fewer seconds left, the server ends the connection sooner than an answer would come; the next connection shows a new token.
TOO_LATE = 0.1


class TokenRenewal:
    """A token that is text has no successor; a function is asked for one before the last one is over."""

    def __init__(self, source: TokenSource, show: Callable[[str], None]) -> None:
        """``show`` tells the server a newer token, whose answer comes to ``answered``."""
        self._source = source
        self._show = show
        self._task: Optional[asyncio.Task[None]] = None
        self._answer: Optional[asyncio.Future[TokenAnswer]] = None

    def begin(self, left_ms: Optional[int]) -> None:
        """The token of the connection counts for so many milliseconds; ``None``: it came without one, or the server does not say."""
        self.end()
        if left_ms is not None and callable(self._source):
            self._task = asyncio.ensure_future(self._renew(left_ms / 1_000))

    def answered(self, answer: TokenAnswer) -> None:
        """The server says until when the newer token counts, or why it does not."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(answer)

    def end(self) -> None:
        """The connection is down. Safe twice."""
        if self._task is not None:
            self._task.cancel()
        self._task = self._answer = None

    async def _renew(self, left: float) -> None:
        loop = asyncio.get_running_loop()
        expires_at = loop.time() + left
        while left > TOO_LATE:
            await asyncio.sleep(max(left * (1 - LAST_PART), left - MAX_LEAD))
            try:
                answer = await self._shown()
            except NoToken as error:
                logger.warning("There is no newer token: %s", error)
            else:
                if answer.expires_ms is not None:
                    expires_at = loop.time() + answer.expires_ms / 1_000
                else:
                    logger.warning("The server does not take the newer token: %s", answer.error)
            left = expires_at - loop.time()

    async def _shown(self) -> TokenAnswer:
        token = await token_of(self._source)
        self._answer = asyncio.get_running_loop().create_future()
        self._show(token or "")
        return await self._answer
