"""
The control frames of ``couchwire.v1`` (P5.5): text frames that begin with U+0000. Data text that begins with U+0000 is sent with one more in
front, so the two are never mistaken.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Dict, Optional, Type, Union, get_args, get_type_hints

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

#: Words that a client says: alone, or with one value behind it.
_WORDS: Dict[Type[Any], str] = {Ack: "ack", Skip: "skip", Ping: "ping", Time: "time", ShowToken: "token"}
#: Words with an object in JSON behind them, which the server says.
_WITH_FIELDS: Dict[str, Type[Control]] = {
    "hello": Hello,
    "time": Time,
    "game": GameNotice,
    "queue": QueueNotice,
    "role": RoleNotice,
    "refused": RefusedNotice,
    "token": TokenAnswer,
}


def write_control(control: Control) -> str:
    """A control frame as a client sends it. What only the server says is refused with ``TypeError``."""
    word = _WORDS.get(type(control))
    if word is None:
        raise TypeError(f"A client does not say {type(control).__name__}.")
    values = [str(value) for value in vars(control).values() if value is not None]
    return _NUL + " ".join([word, *values])


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
    kind = _WITH_FIELDS.get(word)
    return None if kind is None else _read(kind, _fields(rest))


def _read(kind: Type[Control], fields: Dict[str, Any]) -> Optional[Control]:
    """The fields as this class has them. One that is missing or malformed is left out; ``None`` where the class needs it."""
    values = {name: _value(type_, fields.get(name)) for name, type_ in get_type_hints(kind).items()}
    known = {name: value for name, value in values.items() if value is not None}
    try:
        return kind(**known)
    except TypeError:
        return None


def _value(type_: Any, value: object) -> Any:
    """The value, if it is of this type or the type may be left out; a whole number counts something, so it is not negative."""
    wanted = next(one for one in get_args(type_) or (type_,) if one is not type(None))
    if isinstance(value, bool):
        return None
    if wanted is int:
        return value if isinstance(value, int) and 0 <= value < 2**53 else None
    return value if isinstance(value, (int, float) if wanted is float else wanted) else None


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
