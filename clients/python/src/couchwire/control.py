"""
The control frames of ``couchwire.v1`` (P5.5): text frames that begin with U+0000. Data text that begins with U+0000 is sent with one more in
front, so the two are never mistaken.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Dict, Optional, Union

#: The subprotocol that asks for exactly-once delivery.
RELIABLE_SUBPROTOCOL = "couchwire.v1"

_NUL = "\0"
_WORD = re.compile(r"\0([a-z]+)(?: (.*))?", re.DOTALL)
_COUNT = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True)
class Hello:
    """What the server says first on every connection (P5.5.2)."""

    #: The life of the conversation. Counts of another life mean nothing in this one.
    epoch: str
    #: Data frames of this client that the server has got.
    received: int
    #: Data frames that follow at once and do not count.
    greeting: int
    #: The number of the next data frame that counts.
    next: int
    #: Data frames before that one which the client never gets.
    lost: int
    #: The player's id; ``None`` for a host.
    player: Optional[int] = None
    #: The name of the room's game; ``None`` for a host.
    game: Optional[str] = None
    #: The room's clock in milliseconds since 1970 (P5.9.3).
    now: Optional[float] = None
    #: Milliseconds for which the token still counts (P5.9.15).
    expires_ms: Optional[int] = None


@dataclass(frozen=True)
class Ack:
    """The sender has got this many data frames (P5.5.3)."""

    count: int


@dataclass(frozen=True)
class Skip:
    """This many data frames of the sender were lost before they could be sent; they count as got (P5.5.5)."""

    count: int


@dataclass(frozen=True)
class Ping:
    """The client asks whether the line works; the answer is an ``Ack`` (P5.5.7)."""


@dataclass(frozen=True)
class Time:
    """The client asks what the room's clock shows, and the server answers with ``now`` (P5.9.3)."""

    now: Optional[float] = None


@dataclass(frozen=True)
class GameNotice:
    """The room is another game's, whose phone page is at ``url`` (P5.9.7)."""

    name: str
    url: str


@dataclass(frozen=True)
class QueueNotice:
    """The room is full, and the phone waits for a seat at this place, from 1 (P5.7.1). It comes instead of the hello, which follows."""

    position: int


@dataclass(frozen=True)
class RoleNotice:
    """The room is full, and the phone may watch (P5.7.6). No hello follows."""

    role: str


@dataclass(frozen=True)
class RefusedNotice:
    """A message of the client was not passed on, and why (P5.5.12)."""

    reason: str


@dataclass(frozen=True)
class ShowToken:
    """The client shows a newer token (P5.9.15)."""

    token: str


@dataclass(frozen=True)
class TokenAnswer:
    """Until when the newer token counts, or why it does not (P5.9.15)."""

    exp: Optional[float] = None
    expires_ms: Optional[int] = None
    error: Optional[str] = None


Control = Union[
    Hello, Ack, Skip, Ping, Time, GameNotice, QueueNotice, RoleNotice, RefusedNotice, ShowToken, TokenAnswer
]


def write_control(control: Control) -> str:
    """A control frame as a client sends it. What only the server says is refused with ``TypeError``."""
    if isinstance(control, Ack):
        return f"\0ack {control.count}"
    if isinstance(control, Skip):
        return f"\0skip {control.count}"
    if isinstance(control, Ping):
        return "\0ping"
    if isinstance(control, Time):
        return "\0time"
    if isinstance(control, ShowToken):
        return f"\0token {control.token}"
    raise TypeError(f"A client does not say {type(control).__name__}.")


def read_control(text: str) -> Optional[Control]:
    """Reads a control frame; ``None`` for one that is not understood, which a client passes over: a newer server may know more words."""
    match = _WORD.fullmatch(text)
    if match is None:
        return None
    word, rest = match.group(1), match.group(2)
    if word in ("ack", "skip"):
        if rest is None or _COUNT.fullmatch(rest) is None:
            return None
        return Ack(int(rest)) if word == "ack" else Skip(int(rest))
    if rest is None:
        return Ping() if word == "ping" else Time() if word == "time" else None
    if word == "token" and not rest.startswith("{"):
        return ShowToken(rest)
    return _read_fields(word, _fields(rest))


def _read_fields(word: str, fields: Dict[str, Any]) -> Optional[Control]:
    if word == "hello":
        return _read_hello(fields)
    if word == "time":
        now = _number(fields.get("now"))
        return None if now is None else Time(now)
    if word == "game":
        name, url = fields.get("name"), fields.get("url")
        return GameNotice(name, url) if isinstance(name, str) and isinstance(url, str) else None
    if word == "queue":
        position = _count(fields.get("position"))
        return None if position is None else QueueNotice(position)
    if word == "role":
        role = fields.get("role")
        return RoleNotice(role) if isinstance(role, str) else None
    if word == "refused":
        reason = fields.get("reason")
        return RefusedNotice(reason) if isinstance(reason, str) else None
    if word == "token":
        error, exp, expires_ms = fields.get("error"), _number(fields.get("exp")), _count(fields.get("expires_ms"))
        if isinstance(error, str):
            return TokenAnswer(error=error)
        return None if exp is None or expires_ms is None else TokenAnswer(exp, expires_ms)
    return None


def _read_hello(fields: Dict[str, Any]) -> Optional[Hello]:
    epoch, game = fields.get("epoch"), fields.get("game")
    received, greeting = _count(fields.get("received")), _count(fields.get("greeting"))
    following, lost = _count(fields.get("next")), _count(fields.get("lost"))
    if not isinstance(epoch, str) or received is None or greeting is None or following is None or lost is None:
        return None
    return Hello(
        epoch,
        received,
        greeting,
        following,
        lost,
        player=_count(fields.get("player")),
        game=game if isinstance(game, str) else None,
        now=_number(fields.get("now")),
        expires_ms=_count(fields.get("expires_ms")),
    )


def is_control(text: str) -> bool:
    """Whether a text frame is a control frame, and not data."""
    return text.startswith(_NUL) and not text.startswith(_NUL, 1)


def escape_text(text: str) -> str:
    """Data text as it is sent (P5.5.4)."""
    return _NUL + text if text.startswith(_NUL) else text


def unescape_text(text: str) -> str:
    """The data of a text frame that is no control frame."""
    return text[1:] if text.startswith(_NUL) else text


def _fields(text: str) -> Dict[str, Any]:
    """The members of an object in JSON; none where it is something else."""
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _count(value: object) -> Optional[int]:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def _number(value: object) -> Optional[float]:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None
