"""
The client's end of ``couchwire.v1`` (P5.5): numbers what is sent, keeps it until it has arrived, counts what is got, and goes on over the next
connection where the last one ended. It knows neither sockets nor time: ``read`` takes a frame, ``next_frame`` gives one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple, Union

from .control import (
    Ack,
    GameNotice,
    Hello,
    Ping,
    QueueNotice,
    RefusedNotice,
    RoleNotice,
    ShowToken,
    Skip,
    TokenAnswer,
    escape_text,
    is_control,
    read_control,
    unescape_text,
    write_control,
)
from .errors import QueueFull, TooLarge
from .send_window import Frame, SendWindow, frame_bytes, frame_cost

#: Frames, and bytes, after which the server is told how many were got.
ACK_EVERY_FRAMES = 16
ACK_EVERY_BYTES = 65_536


@dataclass(frozen=True)
class Greeting:
    """How a connection begins."""

    #: The first one of this client.
    is_first: bool
    #: It goes on where the last one ended, both ways.
    is_resumed: bool
    #: What a client needs that starts from nothing; these frames have no number.
    frames: Tuple[Frame, ...]
    #: Frames for this client that the server could not keep.
    lost: int
    #: Frames of this client that never arrive.
    unsent: int
    hello: Hello

    @property
    def is_anew(self) -> bool:
        """It is neither the first one nor goes on: what was under way may be lost."""
        return not self.is_first and not self.is_resumed

    @property
    def has_gap(self) -> bool:
        """Frames are lost, or may be, though it is not known how many."""
        return self.is_anew or self.lost + self.unsent > 0


@dataclass(frozen=True)
class Data:
    """A data frame, and its number; 0 for one to the audience, which has none."""

    frame: Frame
    number: int


#: What a frame of the server was; ``None`` for one that says nothing to the game.
Incoming = Union[Data, Greeting, RefusedNotice, GameNotice, QueueNotice, RoleNotice, TokenAnswer, None]


class ReliableSession:
    """One conversation, over any number of connections."""

    def __init__(self, limit_bytes: int, max_frame_bytes: int, when_full: str = "wait") -> None:
        self._limit_bytes = limit_bytes
        self._max_frame_bytes = max_frame_bytes
        self._when_full = when_full
        self._window = SendWindow()
        self._epoch: Optional[str] = None
        self._received = 0
        self._acknowledged = 0
        self._unacked_frames = 0
        self._unacked_bytes = 0
        self._told_dropped = 0
        self._newly_dropped = 0
        self._skip = 0
        self._is_ack_due = False
        self._is_asking = False
        self._hello: Optional[Hello] = None
        self._greeted: List[Frame] = []
        self._is_up = False
        self._is_waiting = False
        self._is_watching = False
        self._token: Optional[str] = None

    @property
    def is_watching(self) -> bool:
        """The connection is open, and is one of the audience's (P5.6): nothing on it is numbered, escaped or confirmed."""
        return self._is_watching

    @property
    def is_waiting(self) -> bool:
        """The connection is open, and waits for a seat (P5.7)."""
        return self._is_waiting

    @property
    def is_up(self) -> bool:
        """The greeting is complete, and the connection has not ended."""
        return self._is_up

    @property
    def received(self) -> int:
        """The number of the last frame that was got."""
        return self._received

    @property
    def has_unconfirmed(self) -> bool:
        """Frames were sent, or wait to be, that are not known to have arrived."""
        return self._window.size > 0

    @property
    def owes_ack(self) -> bool:
        """Frames were got that the server does not know of yet."""
        return self._unacked_frames > 0

    @property
    def resumption(self) -> Dict[str, str]:
        """What the next connection says in its query to go on from here."""
        return {} if self._epoch is None else {"received": str(self._received), "epoch": self._epoch}

    def has_room(self, frame: Frame) -> bool:
        """Whether the frame can be kept now. One that is larger than the limit can where it is alone, or it could never be sent."""
        return self._window.bytes == 0 or self._window.bytes + frame_cost(frame) <= self._limit_bytes

    def check_size(self, frame: Frame) -> None:
        """Raises ``TooLarge`` at a frame that the server would not take."""
        size = frame_bytes(frame)
        if size > self._max_frame_bytes:
            raise TooLarge(
                f"This frame has {size} bytes; the server takes at most {self._max_frame_bytes} in one frame (max_frame_bytes)."
            )

    def send(self, frame: Frame, is_own: bool = False) -> None:
        """Keeps a frame until it has arrived. What this package sends on its own behalf (``is_own``) has room whatever the limit."""
        self.check_size(frame)
        kept = escape_text(frame) if isinstance(frame, str) else frame
        if self._when_full != "drop_oldest" and not is_own and not self.has_room(kept):
            raise QueueFull(
                f"A frame has no room: {self._window.bytes} bytes wait to be sent already, and at most {self._limit_bytes} are kept (outbox_bytes)."
            )
        self._window.push(kept)
        if self._when_full == "drop_oldest":
            self._drop_past_limit()

    def take_dropped(self) -> int:
        """Frames that were dropped from an open connection's queue since this was last asked. Those dropped meanwhile are told by the greeting."""
        dropped, self._newly_dropped = self._newly_dropped, 0
        return dropped

    def ask(self) -> None:
        """Asks the server to acknowledge, behind everything that waits to be sent."""
        self._is_asking = True

    def show_token(self, token: str) -> None:
        """Shows the server a newer token. The next connection shows its own."""
        self._token = token

    def watch(self) -> None:
        """The connection of the moment watches. What waits to be sent goes on waiting, for a seat."""
        self._is_watching = True
        self._is_waiting = False

    def acknowledge(self) -> None:
        """Tells the server what was got, if that is news."""
        if self.owes_ack:
            self._is_ack_due = True

    def last_ack(self, through: int) -> Optional[str]:
        """The frame that acknowledges no more than this, before the client leaves its seat to a later one; ``None`` where that is no news."""
        through = min(through, self._received)
        return write_control(Ack(through)) if self._is_up and through > self._acknowledged else None

    def next_frame(self) -> Optional[Frame]:
        """The next frame to be written to the connection; ``None`` while there is nothing to say."""
        if not self._is_up:
            return self._take_ping() if self._is_waiting else None
        if self._is_ack_due:
            self._is_ack_due = False
            self._unacked_frames = self._unacked_bytes = 0
            self._acknowledged = self._received
            return write_control(Ack(self._received))
        if self._token is not None:
            token, self._token = self._token, None
            return write_control(ShowToken(token))
        if self._skip > 0:
            lost, self._skip = self._skip, 0
            return write_control(Skip(lost))
        frame = self._window.take_unsent()
        return self._take_ping() if frame is None else frame

    def _take_ping(self) -> Optional[str]:
        if not self._is_asking:
            return None
        self._is_asking = False
        return write_control(Ping())

    def down(self) -> None:
        """The connection is gone. What it did not get through is kept."""
        self._is_up = self._is_waiting = self._is_watching = False
        self._token = None
        self._is_ack_due = self._is_asking = False
        self._skip = 0
        self._hello = None
        self._greeted = []

    def read(self, frame: Frame) -> Incoming:
        """Takes a frame of the server."""
        if self._is_watching:
            return Data(frame, 0)
        if isinstance(frame, str) and is_control(frame):
            return self._control(frame)
        data = unescape_text(frame) if isinstance(frame, str) else frame
        if not self._is_up:
            if self._hello is not None:
                self._greeted.append(data)
            return self._greet()
        self._received += 1
        self._unacked_frames += 1
        self._unacked_bytes += len(data)
        if self._unacked_frames >= ACK_EVERY_FRAMES or self._unacked_bytes >= ACK_EVERY_BYTES:
            self.acknowledge()
        return Data(data, self._received)

    def _control(self, frame: str) -> Incoming:
        control = read_control(frame)
        if isinstance(control, (GameNotice, RefusedNotice, TokenAnswer)):
            return control
        if isinstance(control, RoleNotice):
            self.watch()
            return control
        if isinstance(control, QueueNotice):
            self._is_waiting = True
            return control
        if isinstance(control, Ack):
            self._window.acknowledge(control.count)
        if not isinstance(control, Hello):
            return None
        self._hello = control
        return self._greet()

    def _greet(self) -> Optional[Greeting]:
        """Nothing counts before the greeting is complete: a client that was cut off in the midst of it begins again from nothing."""
        hello, frames = self._hello, tuple(self._greeted)
        if hello is None or len(frames) < hello.greeting:
            return None
        is_first = self._epoch is None
        is_resumed = not is_first and self._continues(hello)
        self._is_up = True
        self._is_waiting = False
        self._epoch = hello.epoch
        self._received = self._acknowledged = hello.next - 1
        self._unacked_frames = self._unacked_bytes = 0
        unsent = self._resend(hello.received) if is_first or is_resumed else self._start_anew()
        return Greeting(is_first, is_resumed, frames, hello.lost, unsent, hello)

    def _continues(self, hello: Hello) -> bool:
        """The same life, and counts that can be this client's: a seat that was given up and taken again counts from nothing."""
        window = self._window
        is_possible = window.acknowledged <= hello.received <= window.last
        return hello.epoch == self._epoch and hello.next > self._received and is_possible

    def _resend(self, received: int) -> int:
        """Has sent again what did not arrive. Returns how many frames were dropped before they could be, where that is news."""
        window = self._window
        window.acknowledge(received)
        self._skip = window.lost_after(received)
        window.rewind(received)
        unsent = window.dropped - max(received, self._told_dropped)
        self._told_dropped = max(window.dropped, self._told_dropped)
        return max(0, unsent)

    def _start_anew(self) -> int:
        """What was meant for another life is not for this one. Returns how many frames that were."""
        unsent = self._window.size
        self._window = SendWindow()
        self._told_dropped = 0
        return unsent

    def _drop_past_limit(self) -> None:
        while self._window.bytes > self._limit_bytes and self._window.size > 1:
            if self._window.drop_oldest() and self._is_up:
                self._skip += 1
                self._newly_dropped += 1
                self._told_dropped = self._window.dropped
