"""What a host may say, and what it is told (P2, P5.3), with this client as the host."""

from __future__ import annotations

import asyncio
import json
from typing import List

import pytest
from cutting_proxy import CuttingProxy
from servers import UNLIMITED, ServerProcess
from waiting import take, the_next

import couchwire
from couchwire import (
    Closed,
    Health,
    HostMessage,
    InvalidArgument,
    Join,
    Leave,
    PlayerMessage,
    Problem,
    Reconnected,
    Reconnecting,
    Refused,
    State,
)


async def test_p2_3_and_p5_3_1_a_locked_room_takes_no_one_until_it_is_open_again(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room:
        await room.lock()
        await the_next(room, State)
        assert not room.is_open
        with pytest.raises(Closed) as caught:
            await couchwire.join(server.url, code=room.code)
        assert (caught.value.code, caught.value.name) == (4523, "room_locked")
        await room.open()
        await the_next(room, State)
        assert room.is_open
        async with couchwire.join(server.url, code=room.code):
            await the_next(room, Join)


async def test_p2_4_and_p5_3_2_a_kicked_player_is_told_why_and_stays_out(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room:
        me = await couchwire.join(server.url, code=room.code, session="a-session-to-be-banned")
        player = (await the_next(room, Join)).player
        await room.kick(player, "No spitting.", ban=True)
        assert (await the_next(room, Leave)).player is player
        with pytest.raises(Closed, match=r"No spitting\.") as caught:
            await the_next(me, HostMessage)
        assert (caught.value.code, caught.value.reason, caught.value.is_final) == (4503, "No spitting.", True)
        with pytest.raises(Closed) as again:
            await couchwire.join(server.url, code=room.code, session="a-session-to-be-banned")
        assert again.value.code == 4503


async def test_p2_5_frames_go_to_one_to_several_and_to_all_but_some(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room:
        phones = [await couchwire.join(server.url, code=room.code) for _ in range(3)]
        players = [(await the_next(room, Join)).player for _ in phones]
        await room.send(players[0], "one")
        await room.send(players[1:], "two")
        await room.send([], "nobody")
        await room.send(99, "a stranger")
        await room.broadcast("not the first", except_=players[0])
        await room.broadcast("end")
        heard: List[List[object]] = []
        for phone in phones:
            heard.append([])
            while (message := await the_next(phone, HostMessage)).data != "end":
                heard[-1].append(message.data)
            await phone.close()
        assert heard == [["one"], ["two", "not the first"], ["two", "not the first"]]


async def test_p5_3_5_what_is_retained_is_there_for_a_program_that_begins_from_nothing(servers: ServerProcess) -> None:
    server = servers.start()
    session = "a-session-with-a-past"
    async with couchwire.host(server.url) as room:
        me = await couchwire.join(server.url, code=room.code, session=session)
        await the_next(room, Join)
        await room.broadcast("round 1", retain="round")
        await room.broadcast("round 2", retain="round")
        assert [event.data for event in await take(me, 2) if isinstance(event, HostMessage)] == ["round 1", "round 2"]
        await me.detach()
        async with couchwire.join(server.url, code=room.code, session=session) as again:
            assert (await the_next(again, HostMessage)).data == "round 2"


async def test_p5_3_7_health_tells_of_each_player(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room, couchwire.join(server.url, code=room.code):
        await the_next(room, Join)
        await room.health(1)
        health = (await the_next(room, Health)).players
        assert list(health) == [1] and not health[1].is_away and health[1].queued == 0
        await room.health(0)


async def test_p5_3_8_a_rescue_link_gives_the_seat_to_another_phone(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room:
        old = await couchwire.join(server.url, code=room.code)
        player = (await the_next(room, Join)).player
        url = await room.rescue(player)
        async with couchwire.join(url) as new:
            assert new.id == player.id
            with pytest.raises(Closed) as caught:
                await the_next(old, HostMessage)
            assert caught.value.name == "replaced"


async def test_p5_3_8_who_asks_for_a_link_of_no_player_is_refused(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room:
        with pytest.raises(Refused) as caught:
            await room.rescue(7)
        assert caught.value.code == "invalid_field"
        assert (await the_next(room, Problem)).command == "rescue"


async def test_p5_3_9_a_room_with_a_pin_lets_in_who_knows_it(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url, pin="grün 7") as room:
        with pytest.raises(Closed) as caught:
            await couchwire.join(server.url, code=room.code, pin="blau")
        assert (caught.value.code, caught.value.name) == (4501, "unauthorized")
        async with couchwire.join(server.url, code=room.code, pin="grün 7"):
            await the_next(room, Join)


async def test_p2_13_a_room_that_is_refused_is_raised_and_a_refused_command_is_told(servers: ServerProcess) -> None:
    server = servers.start()
    with pytest.raises(Refused) as caught:
        await couchwire.host(server.url, pin="x" * 33)
    assert caught.value.code == "too_large"
    async with couchwire.host(server.url) as room:
        await room.publish("", 1)
        problem = await the_next(room, Problem)
        assert (problem.code, problem.command) == ("invalid_field", "publish")
        assert "channel" in problem.reason


async def test_p5_9_1_of_volatile_frames_the_newest_waits_for_a_player_that_is_away(servers: ServerProcess) -> None:
    server = servers.start(awayMs=10)
    async with CuttingProxy(server.port) as line, couchwire.host(server.url) as room:
        async with couchwire.join(line.url, code=room.code) as me:
            player = (await the_next(room, Join)).player
            line.refuse(True)
            line.cut_now()
            await the_next(room, couchwire.Away)
            for number in range(10):
                await room.send(player, f"ball {number}", volatile="ball", ttl=60_000)
            await room.send(player, "end")
            await room.drain()
            line.refuse(False)
            heard = [(await the_next(me, HostMessage)).data for _ in range(2)]
            assert heard == ["ball 9", "end"]


async def test_p5_9_4_a_host_past_its_rate_loses_nothing(servers: ServerProcess) -> None:
    server = servers.start(hostRate=200, hostBurst=50)
    async with couchwire.host(server.url) as room, couchwire.join(server.url, code=room.code) as me:
        player = (await the_next(room, Join)).player
        for number in range(200):
            await room.send(player, str(number))
        heard = [event.text for event in await take(me, 200) if isinstance(event, HostMessage)]
        assert heard == [str(number) for number in range(200)]
        assert (await the_next(room, Problem)).code == "rate_limited"


async def test_p5_10_1_events_and_requests_of_pages_on_the_sdk(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room, couchwire.join(server.url, code=room.code) as me:
        player = (await the_next(room, Join)).player
        await me.emit("buzz", {"at": 3})
        event = await the_next(room, couchwire.PlayerEvent)
        assert (event.name, event.data, event.id, event.player) == ("buzz", {"at": 3}, None, player)
        await me.send('{"cw":"event","name":"guess","data":"Oslo","id":7}')
        await room.reply(await the_next(room, couchwire.PlayerEvent), {"right": True})
        await me.send('{"cw":"event","name":"cw:ping","id":8}')
        await room.emit(None, "round", 2)
        await room.emit([player], "turn")
        await me.send('{"cw":"event","name":"cw:profile","data":{"name":"Ada L.","meta":{"avatar":3}}}')
        assert (await the_next(room, couchwire.Profile)).player is player
        assert (player.name, player.meta) == ("Ada L.", {"avatar": 3})
        named = [await the_next(me, couchwire.HostEvent) for _ in range(2)]
        assert [(said.name, said.data) for said in named] == [("round", 2), ("turn", None)]
        with pytest.raises(InvalidArgument):
            await room.reply(event, "it asked nothing")


async def test_p2_11_a_page_without_this_package_hears_the_same(servers: ServerProcess) -> None:
    """A player as WMBP knows it, made by hand."""
    from websockets.asyncio.client import connect

    server = servers.start()
    async with couchwire.host(server.url) as room:
        async with connect(f"ws://127.0.0.1:{server.port}/{room.code}") as phone:
            player = (await the_next(room, Join)).player
            await phone.send("text")
            await phone.send(b"\x01\x02")
            told = [await the_next(room, PlayerMessage) for _ in range(2)]
            assert [message.data for message in told] == ["text", b"\x01\x02"]
            await room.send(player, {"hello": "you"})
            await room.send(player, b"\xff")
            assert json.loads(await phone.recv()) == {"hello": "you"}
            assert await phone.recv() == b"\xff"
        await the_next(room, Leave)


async def test_a_host_that_takes_nothing_holds_its_players_back_and_loses_nothing(servers: ServerProcess) -> None:
    server = servers.start(**UNLIMITED)
    count, size = 400, 65_536  # three times what waits for a program
    async with couchwire.host(server.url) as room:
        async with couchwire.join(server.url, code=room.code, max_rate=None) as me:
            sending = asyncio.ensure_future(send_many(me, count, size))
            await the_next(room, Join)
            for number in range(count):
                message = await the_next(room, PlayerMessage)
                assert message.data == number.to_bytes(4, "big") + bytes(size - 4)
            await sending


async def send_many(me: couchwire.PlayerRoom, count: int, size: int) -> None:
    for number in range(count):
        await me.send(number.to_bytes(4, "big") + bytes(size - 4))


async def test_p5_9_12_a_host_that_comes_back_goes_on_with_the_same_players(servers: ServerProcess) -> None:
    server = servers.start()
    async with CuttingProxy(server.port) as line, couchwire.host(line.url) as room:
        async with couchwire.join(server.url, code=room.code) as first:
            player = (await the_next(room, Join)).player
            line.refuse(True)
            line.cut_now()
            await the_next(room, Reconnecting)
            async with couchwire.join(server.url, code=room.code) as second:
                await second.send("while it was away")
                await first.send("too")
                await room.send(player, "kept here")
                line.refuse(False)
                await the_next(room, Reconnected)
                newcomer = (await the_next(room, Join)).player
                assert room.players == [player, newcomer]
                said = {
                    message.player.id: message.data
                    for message in [await the_next(room, PlayerMessage) for _ in range(2)]
                }
                assert said == {player.id: "too", newcomer.id: "while it was away"}
                assert (await the_next(first, HostMessage)).data == "kept here"
