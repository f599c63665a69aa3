"""The close codes of P4, and what comes after each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Optional


@dataclass(frozen=True)
class CloseCode:
    """One close code: its number, its name, and whether a client comes back by itself."""

    code: int
    name: str
    #: ``"retry"`` or ``"final"``.
    after: str
    #: The sentence that is sent where there is nothing more exact to say.
    reason: str


_TABLE = (
    CloseCode(1000, "normal", "final", ""),
    CloseCode(1001, "room_closed", "final", "The game is done."),
    CloseCode(1002, "protocol_error", "final", "That was not a WebSocket frame."),
    CloseCode(1007, "invalid_text", "final", "Text frames have to be valid UTF-8."),
    CloseCode(1008, "too_many_fragments", "final", "That message came in too many fragments."),
    CloseCode(1009, "frame_too_large", "final", "That frame is over the size limit."),
    CloseCode(1011, "internal_error", "retry", "The server made a mistake. Please try again."),
    CloseCode(1012, "restarting", "retry", "The server is restarting. Come back in a moment."),
    CloseCode(1013, "overloaded", "retry", "The server is full. Come back later."),
    CloseCode(4008, "timeout", "retry", "Nothing was heard from you for too long."),
    CloseCode(4029, "rate_limited", "retry", "Too much at once. Come back later."),
    CloseCode(4031, "slow_consumer", "retry", "Your connection could not keep up."),
    CloseCode(4401, "token_expired", "retry", "Your token has expired."),
    CloseCode(4500, "bad_request", "final", "The request was not understood."),
    CloseCode(4501, "unauthorized", "final", "You are not allowed in here."),
    CloseCode(4503, "kicked", "final", "The host removed you from the game."),
    CloseCode(4504, "room_not_found", "final", "Game not found"),
    CloseCode(4509, "replaced", "final", "You are connected somewhere else."),
    CloseCode(4510, "room_full", "final", "The room is full."),
    CloseCode(4523, "room_locked", "final", "The game has started."),
)

#: Every close code that the server uses, by name.
CLOSE_CODES: Dict[str, CloseCode] = {entry.name: entry for entry in _TABLE}

_NAMES: Dict[int, str] = {entry.code: entry.name for entry in _TABLE}
_FINAL_STANDARD_CODES = frozenset((1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010))

#: The connection was lost without a Close frame (RFC 6455). Never sent.
CUT = 1006


def is_final(code: int) -> bool:
    """Whether a client stops after this code (P4.1). A lost connection (1006) is one to come back from."""
    return 4500 <= code <= 4999 or code in _FINAL_STANDARD_CODES


def close_name(code: int) -> Optional[str]:
    """The name of a close code in ``CLOSE_CODES``; ``None`` for one that is not there."""
    return _NAMES.get(code)
