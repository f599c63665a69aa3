"""
Hosts and players for Couchwire, the server between the couch and the TV.

``couchwire.host`` opens a room, ``couchwire.join`` joins one. Each frame that is sent at one end arrives at the other once and in order, over any
number of connections (``couchwire.v1``); what cannot be kept is told as ``Gap``, never silently.
"""

from .close_codes import CLOSE_CODES, CloseCode, close_name, is_final
from .errors import Closed, ConnectTimeout, CouchwireError, InvalidArgument, QueueFull, Refused, TooLarge
from .events import (
    Away,
    Back,
    Event,
    GameChanged,
    Gap,
    Guessing,
    Health,
    HostEvent,
    HostMessage,
    Join,
    Leave,
    Message,
    NamedEvent,
    Player,
    PlayerEvent,
    PlayerHealth,
    PlayerMessage,
    Problem,
    Profile,
    Queue,
    Reconnected,
    Reconnecting,
    Reopened,
    Seated,
    State,
    Tally,
    Watching,
)
from .host import host
from .host_room import HostRoom
from .player import PlayerRoom, join

__all__ = [
    "CLOSE_CODES",
    "Away",
    "Back",
    "CloseCode",
    "Closed",
    "ConnectTimeout",
    "CouchwireError",
    "Event",
    "GameChanged",
    "Gap",
    "Guessing",
    "Health",
    "HostEvent",
    "HostMessage",
    "HostRoom",
    "InvalidArgument",
    "Join",
    "Leave",
    "Message",
    "NamedEvent",
    "Player",
    "PlayerEvent",
    "PlayerHealth",
    "PlayerMessage",
    "PlayerRoom",
    "Problem",
    "Profile",
    "Queue",
    "QueueFull",
    "Reconnected",
    "Reconnecting",
    "Refused",
    "Reopened",
    "Seated",
    "State",
    "Tally",
    "TooLarge",
    "Watching",
    "close_name",
    "host",
    "is_final",
    "join",
]
