"""Where a connection goes, and what it shows there."""

from __future__ import annotations

import inspect
import secrets
from dataclasses import dataclass, field
from typing import Any, Awaitable, Callable, Mapping, Optional, Union

from .errors import InvalidArgument

#: A token, or what gives one before each attempt to connect.
TokenSource = Union[str, Callable[[], Union[str, Awaitable[str]]], None]


@dataclass
class Plan:
    """Where a connection goes, and what it shows there."""

    #: Without a query.
    url: str
    query: Mapping[str, str]
    session: str
    token: TokenSource = None
    pin: Optional[str] = None
    rescue: Optional[str] = None
    #: It asks for a place in the audience (P5.6), and not for a seat.
    is_watcher: bool = False
    outbox_bytes: int = 1_048_576
    max_frame_bytes: int = 1_048_576
    when_full: str = "wait"
    pong_timeout: float = 5.0
    #: Frames a second that are sent at most; ``None`` for no limit.
    max_rate: Optional[float] = None
    #: More arguments of ``websockets.connect``, such as ``ssl``.
    connect_options: Mapping[str, Any] = field(default_factory=dict)
    random: Callable[[], float] = secrets.SystemRandom().random

    def check(self) -> None:
        """Raises ``InvalidArgument`` at limits that make no sense."""
        for name, value in (
            ("outbox_bytes", self.outbox_bytes),
            ("max_frame_bytes", self.max_frame_bytes),
            ("pong_timeout", self.pong_timeout),
            ("max_rate", 1 if self.max_rate is None else self.max_rate),
        ):
            if not value > 0:
                raise InvalidArgument(f"`{name}` has to be more than 0; this is {value!r}.")
        if self.when_full not in ("wait", "refuse", "drop_oldest"):
            raise InvalidArgument(
                f'`when_full` has to be "wait", "refuse" or "drop_oldest"; this is {self.when_full!r}.'
            )


class NoToken(Exception):
    """What gives the token has failed; it is asked again before the next attempt."""


async def token_of(source: TokenSource) -> Optional[str]:
    if not callable(source):
        return source
    try:
        token = source()
        return await token if inspect.isawaitable(token) else token
    except Exception as error:
        raise NoToken(f"{type(error).__name__}: {error}") from error
