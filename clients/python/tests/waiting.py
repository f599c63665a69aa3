"""Takes events of a room until the one that is waited for comes."""

from __future__ import annotations

from typing import Any, List, Type, TypeVar

from couchwire import Event, HostRoom, PlayerRoom, State
from couchwire.room import Room

Kind = TypeVar("Kind", bound=Event)


async def the_next(room: Room, kind: Type[Kind]) -> Kind:
    """The next event of this kind; those before it are passed over."""
    async for event in room:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"The room ended before a {kind.__name__} came.")


async def take(room: Room, count: int) -> List[Event]:
    """So many events, without those that only say that the room's properties changed."""
    events: List[Event] = []
    while len(events) < count:
        event = await room.__anext__()
        if not isinstance(event, State):
            events.append(event)
    return events


__all__ = ["Any", "HostRoom", "PlayerRoom", "take", "the_next"]
