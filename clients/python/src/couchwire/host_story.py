"""A host's room as it is told on the wire: what happened to whom, as events."""

from __future__ import annotations

from typing import Any, Callable, Dict, Iterable, Iterator, Mapping

from .events import (
    Away,
    Back,
    Event,
    Gap,
    Guessing,
    Health,
    Join,
    Leave,
    Player,
    PlayerEvent,
    PlayerHealth,
    PlayerMessage,
    Profile,
    State,
    Tally,
)
from .payload import parse_sdk_frame
from .wire import WireEvent


class HostStory:
    """The players and the state of a room, as of the last event that was read."""

    def __init__(self, name: str, max_players: int, answer_sdk: Callable[[Player, int], None]) -> None:
        self.name = name
        self.max_players = max_players
        #: Whether a phone would be let in.
        self.is_open = False
        #: Watchers, and phones that wait for a seat.
        self.audience = 0
        self.waiting = 0
        #: By id, in joining order.
        self.players: Dict[int, Player] = {}
        self._answer_sdk = answer_sdk
        self._readers: Dict[str, Callable[[WireEvent], Iterator[Event]]] = {
            "state": self._state,
            "state_delta": self._state,
            "present": self._present,
            "player_joined": self._joined,
            "player_left": self._left,
            "player_away": self._away,
            "player_back": self._back,
            "gap": self._gap,
            "from": self._from,
            "from_str": self._from_str,
            "health": self._health,
            "audience": self._audience,
            "guessing": self._guessing,
        }

    def read(self, event: WireEvent) -> Iterable[Event]:
        """The events that a frame of the server tells; none for one that this version does not know, and need not."""
        read = self._readers.get(event["cmd"])
        return () if read is None else tuple(read(event))

    def keep_state(self, event: WireEvent) -> None:
        """The room's settings are those of this ``state``, or have changed by this ``state_delta`` (P5.9.12)."""
        self.name = str(event.get("name", self.name))
        self.max_players = int(event.get("max_players", self.max_players))
        self.is_open = bool(event.get("accept_conns", self.is_open))
        self.audience = int(event.get("audience", self.audience))
        self.waiting = int(event.get("waiting", self.waiting))

    def _state(self, event: WireEvent) -> Iterator[Event]:
        self.keep_state(event)
        yield State()

    def _present(self, event: WireEvent) -> Iterator[Event]:
        """Joins and leaves that were not told one by one: made by ``HostRoom`` where it comes back with a gap."""
        for id in list(self.players):
            if id not in event["players"]:
                yield from self._left({"player": id})
        for id in event["players"]:
            yield from self._joined({"player": id})

    def _joined(self, event: WireEvent) -> Iterator[Event]:
        id = event["player"]
        if id not in self.players:
            player = self.players[id] = Player(id, event.get("name", ""), event.get("user", ""))
            yield Join(player)

    def _left(self, event: WireEvent) -> Iterator[Event]:
        player = self.players.pop(event["player"], None)
        if player is not None:
            player.is_gone = True
            yield Leave(player)

    def _away(self, event: WireEvent) -> Iterator[Event]:
        player = self._known(event["player"])
        player.is_away = True
        yield Away(player)

    def _back(self, event: WireEvent) -> Iterator[Event]:
        player = self._known(event["player"])
        player.is_away = False
        yield Back(player, event.get("missed", 0))

    def _gap(self, event: WireEvent) -> Iterator[Event]:
        yield Gap(event.get("lost", 0), 0, self._known(event["player"]))

    def _from(self, event: WireEvent) -> Iterator[Event]:
        yield PlayerMessage(event["data"], self._known(event["from"]))

    def _from_str(self, event: WireEvent) -> Iterator[Event]:
        player, text = self._known(event["from"]), event["data"]
        frame = parse_sdk_frame(text)
        if frame is None:
            yield PlayerMessage(text, player)
        elif frame["cw"] == "event" and isinstance(frame.get("name"), str):
            id = frame.get("id")
            request = id if isinstance(id, int) and not isinstance(id, bool) else None
            if frame["name"] == "cw:profile":
                yield from self._profile(player, frame.get("data"))
            elif not frame["name"].startswith("cw:"):
                yield PlayerEvent(frame["name"], frame.get("data"), request, player)
            elif request is not None:
                self._answer_sdk(player, request)

    def _profile(self, player: Player, data: Any) -> Iterator[Event]:
        if isinstance(data, dict) and isinstance(data.get("meta"), dict):
            player.name = data["name"] if isinstance(data.get("name"), str) else player.name
            player.meta = data["meta"]
            yield Profile(player)

    def _health(self, event: WireEvent) -> Iterator[Event]:
        yield Health({int(id): _health_of(of) for id, of in event["players"].items()})

    def _audience(self, event: WireEvent) -> Iterator[Event]:
        yield Tally(event.get("tally", {}), event.get("other", 0), event.get("count", 0), event.get("poll"))

    def _guessing(self, event: WireEvent) -> Iterator[Event]:
        yield Guessing(event.get("count", 0))

    def _known(self, id: int) -> Player:
        """The player of this id; one that is not known has gone, and its frames were on their way."""
        return self.players.get(id) or Player(id, is_gone=True)


def _health_of(of: Mapping[str, Any]) -> PlayerHealth:
    return PlayerHealth(of.get("rtt"), of.get("queued", 0), of.get("away") is True)
