"""The two roles against the real server, without faults. Names begin with the rule of docs/PROTOCOL.md that they show."""

from __future__ import annotations

from servers import ServerProcess
from waiting import take, the_next

import couchwire
from couchwire import HostMessage, Join, Leave, PlayerMessage


async def test_p2_2_prepare_opens_a_room_with_a_code(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url, game="quiz", max_players=3) as room:
        assert len(room.code) == 4
        assert room.join_url == f"{server.url}/{room.code}" or room.join_url.endswith(f"/{room.code}")
        assert (room.name, room.max_players, room.is_open, room.players) == ("quiz", 3, True, [])
        assert room.is_connected and not room.is_restored


async def test_p2_9_a_player_joins_with_a_name_and_leaves(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url, game="quiz") as room:
        async with couchwire.join(f"{server.url}/{room.code.lower()}", name="Ada") as me:
            player = (await the_next(room, Join)).player
            assert (me.id, me.code, me.game) == (1, room.code, "quiz")
            assert (player.id, player.name, player.is_away) == (1, "Ada", False)
            assert room.players == [player] and room.player(1) is player
        assert (await the_next(room, Leave)).player is player
        assert player.is_gone and room.players == []


async def test_p3_1_text_bytes_and_json_pass_both_ways(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room, couchwire.join(server.url, code=room.code) as me:
        player = (await the_next(room, Join)).player
        data = ["text", "", "\0zero", "\0\0two", "ü🎲", b"", b"\x00\xff" * 300, {"a": [1, None]}, 42]
        for value in data:
            await room.send(player, value)
            await me.send(value)
        told = [event for event in await take(room, len(data)) if isinstance(event, PlayerMessage)]
        heard = [event for event in await take(me, len(data)) if isinstance(event, HostMessage)]
        plain = ["text", "", "\0zero", "\0\0two", "ü🎲", b"", b"\x00\xff" * 300, '{"a":[1,null]}', "42"]
        assert [event.data for event in told] == plain
        assert [event.data for event in heard] == plain
        assert {event.player for event in told} == {player}
        assert (told[7].json(), told[0].json(), told[5].text, told[0].is_text) == ({"a": [1, None]}, None, "", True)
