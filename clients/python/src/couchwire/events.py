"""What a room tells: ``async for event in room`` yields these. Names are those of the SDK."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Mapping, Optional, Union


@dataclass(eq=False)
class Player:
    """One player of a host's room. It is the same object for as long as the player has its seat."""

    id: int
    #: The display name; empty where the phone gave none.
    name: str = ""
    #: The ``sub`` of its token; empty without one.
    user: str = ""
    #: What the phone's page said of itself beside the name (P5.10.3).
    meta: Mapping[str, Any] = field(default_factory=dict)
    #: The phone is disconnected; its seat is kept, and frames wait.
    is_away: bool = False
    #: The player has left for good.
    is_gone: bool = False


class Event:
    """Anything that a room tells."""


@dataclass(frozen=True)
class Message(Event):
    """A frame of the game: ``str`` where it was a text frame, ``bytes`` where it was a binary one."""

    data: Union[str, bytes]

    @property
    def is_text(self) -> bool:
        """Whether it was a text frame."""
        return isinstance(self.data, str)

    @property
    def text(self) -> str:
        """The text of a text frame; empty for a binary one."""
        return self.data if isinstance(self.data, str) else ""

    def json(self) -> Any:
        """The value of a text frame that is JSON; ``None`` where it is something else."""
        try:
            return json.loads(self.data) if isinstance(self.data, str) else None
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True)
class PlayerMessage(Message):
    """A player has sent a frame."""

    player: Player


@dataclass(frozen=True)
class HostMessage(Message):
    """The host has sent a frame."""


@dataclass(frozen=True)
class NamedEvent(Event):
    """A named event of a page on the SDK (P5.10.1). With ``id`` it is a request: answer it by ``reply``."""

    name: str
    data: Any
    id: Optional[int]


@dataclass(frozen=True)
class PlayerEvent(NamedEvent):
    """A phone has told a named event, or asks."""

    player: Player


@dataclass(frozen=True)
class HostEvent(NamedEvent):
    """The host has told a named event, or asks."""


@dataclass(frozen=True)
class OfPlayer(Event):
    """Something about one player."""

    player: Player


class Join(OfPlayer):
    """A phone took a seat."""


class Leave(OfPlayer):
    """A player is gone for good."""


class Away(OfPlayer):
    """A player has been disconnected for a while. The seat is kept, and frames wait."""


@dataclass(frozen=True)
class Back(OfPlayer):
    """The player has reconnected. ``missed`` frames for it could not be kept."""

    missed: int


class Profile(OfPlayer):
    """A player's phone gave another name, or said something else of itself: see ``player.name`` and ``player.meta``."""


@dataclass(frozen=True)
class State(Event):
    """Something about the room changed: see the room's properties."""


@dataclass(frozen=True)
class Gap(Event):
    """Frames were lost. It is told where a buffer did not hold, or the server has lost the room; never silently."""

    #: Frames to this client that never arrive.
    lost: int
    #: Frames of this client that never arrive.
    unsent: int
    #: At a host: the player whose frames are missing; ``None`` where the host's own connection lost frames.
    player: Optional[Player] = None


@dataclass(frozen=True)
class Problem(Event):
    """The server refused a command, or did not pass on a message. ``reason`` is a sentence for people."""

    #: Of P4.2; ``refused`` where the program behind the server did not pass a message on (P5.5.12).
    code: str
    reason: str
    #: The refused command as it is called on the wire, where it could be read.
    command: Optional[str] = None


@dataclass(frozen=True)
class Reconnecting(Event):
    """The connection is down, or an attempt failed. The client tries again by itself."""

    #: Of P4.1; 1006 where the connection broke without a close code.
    code: int
    reason: str
    #: The 1-based number of the next attempt since the last connection that held.
    attempt: int
    #: Seconds until then.
    delay: float


@dataclass(frozen=True)
class Reconnected(Event):
    """The connection is up again. What waited follows."""


@dataclass(frozen=True)
class Reopened(Event):
    """The room was lost, as by a restart of the server, and a new one was opened: another code, no players yet."""

    code: str


@dataclass(frozen=True)
class Queue(Event):
    """The room is full, and this player waits for a seat at this place, from 1 (P5.7). ``Seated`` follows when it has one."""

    position: int


@dataclass(frozen=True)
class Seated(Event):
    """A player that waited has its seat; or it has another one, in a room that no longer knew it. ``me.id`` tells which."""


class Watching(Event):
    """This client has no seat any more and watches (P5.7.6): the room was full when it came back. It hears what all watchers hear, and may ``vote``."""


@dataclass(frozen=True)
class PlayerHealth:
    """How the connection of one player is."""

    #: Milliseconds to the phone and back when last measured.
    rtt: Optional[float]
    #: Bytes that wait for the phone.
    queued: int
    is_away: bool


@dataclass(frozen=True)
class Health(Event):
    """How the players' connections are, by their ids, as ``room.health`` asked."""

    players: Mapping[int, PlayerHealth]


@dataclass(frozen=True)
class Tally(Event):
    """The audience has voted (P5.6.3): votes by text, since the last report or, with a ``poll``, of all that poll."""

    counts: Mapping[str, int]
    #: Votes for texts that are not in ``counts``.
    other: int
    #: Who watches.
    watchers: int
    poll: Union[str, int, None]


@dataclass(frozen=True)
class Guessing(Event):
    """PINs are being guessed at this room: so many were wrong in the last minute (P5.9.5)."""

    count: int


@dataclass(frozen=True)
class GameChanged(Event):
    """The room is another game's (P5.9.7), whose phone page is at ``url``. This client stays, and hears the new game."""

    name: str
    url: str
