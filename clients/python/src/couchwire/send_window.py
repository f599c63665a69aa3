"""
The frames that this end has sent or will send (P5.5), numbered from 1 and kept in order until the other end has got them. It knows neither
sockets nor time.
"""

from __future__ import annotations

from collections import deque
from typing import Deque, Optional, Union

#: A frame as a WebSocket takes it.
Frame = Union[str, bytes]

#: What a frame costs besides its payload: without it, empty frames could pile up without end.
FRAME_OVERHEAD_BYTES = 16


def frame_cost(frame: Frame) -> int:
    """The bytes that a frame counts for while it is kept."""
    return frame_bytes(frame) + FRAME_OVERHEAD_BYTES


def frame_bytes(frame: Frame) -> int:
    """The bytes of a frame's payload."""
    return len(frame.encode()) if isinstance(frame, str) else len(frame)


class SendWindow:
    """Numbers what is sent, trims what has arrived, and says what a new connection is to be sent again."""

    def __init__(self) -> None:
        self._frames: Deque[Frame] = deque()
        self._first = 1
        self._sent = 0
        self._acknowledged = 0
        self._bytes = 0

    @property
    def last(self) -> int:
        """The number of the last frame put in; 0 before the first one."""
        return self._first + len(self._frames) - 1

    @property
    def size(self) -> int:
        """Frames that are kept."""
        return len(self._frames)

    @property
    def bytes(self) -> int:
        """Bytes that the kept frames count for."""
        return self._bytes

    @property
    def dropped(self) -> int:
        """The number of the last frame that is kept no more."""
        return self._first - 1

    @property
    def acknowledged(self) -> int:
        """The number of the last frame that has arrived, as far as is known."""
        return self._acknowledged

    @property
    def has_unsent(self) -> bool:
        """Whether frames wait that this connection was not sent yet."""
        return self._sent < self.last

    def push(self, frame: Frame) -> None:
        """Keeps a frame as the last of those that wait."""
        self._frames.append(frame)
        self._bytes += frame_cost(frame)

    def take_unsent(self) -> Optional[Frame]:
        """The next frame that waits. It counts as sent from now on."""
        if not self.has_unsent:
            return None
        self._sent += 1
        return self._frames[self._sent - self._first]

    def acknowledge(self, number: int) -> None:
        """All frames up to this number have arrived."""
        number = min(number, self.last)
        self._acknowledged = max(self._acknowledged, number)
        while self._frames and self._first <= number:
            self._drop_first()
        self._sent = max(self._sent, self._first - 1)

    def rewind(self, number: int) -> None:
        """Another connection begins: the frames after this number wait to be sent over it, as far as they are kept."""
        self._sent = max(number, self._first - 1)

    def lost_after(self, number: int) -> int:
        """How many frames after this number are gone: the other end never gets them."""
        return max(0, self._first - 1 - number)

    def drop_oldest(self) -> bool:
        """Lets go of the oldest frame. ``True`` where this connection was not sent it."""
        self._drop_first()
        if self._sent >= self._first - 1:
            return False
        self._sent = self._first - 1
        return True

    def _drop_first(self) -> None:
        self._bytes -= frame_cost(self._frames.popleft())
        self._first += 1
