"""What a connection tells the room or the seat that it is for."""

from __future__ import annotations

from typing import Protocol, Union

from .control import GameNotice, QueueNotice, RefusedNotice
from .errors import Closed
from .reliable_session import Data, Greeting

#: What the server says that is no data.
Notice = Union[RefusedNotice, GameNotice, QueueNotice]


class Owner(Protocol):
    """Is told what happens. After ``ended`` nothing more comes."""

    def greeted(self, greeting: Greeting) -> None:
        """The connection is up."""

    def received(self, data: Data) -> None:
        """A data frame came."""

    def watching(self) -> None:
        """The connection is up, and is one of the audience's."""

    def noticed(self, notice: Notice) -> None:
        """The server says something that is no data."""

    def dropped(self, unsent: int) -> None:
        """Frames fell out of this client's own queue."""

    def lost(self, code: int, reason: str, attempt: int, delay: float) -> None:
        """The connection is down, or an attempt has failed."""

    def ended(self, end: Closed) -> None:
        """The connection is over for good."""

    async def has_room(self) -> None:
        """Waits until the owner takes more."""
