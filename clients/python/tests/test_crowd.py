"""The audience (P5.6) and the waiting line (P5.7), at a host and at a player of this client."""

from __future__ import annotations

import asyncio

import pytest
from cutting_proxy import CuttingProxy
from servers import ServerProcess
from waiting import the_next

import couchwire
from couchwire import (
    Closed,
    HostMessage,
    InvalidArgument,
    Join,
    Leave,
    PlayerMessage,
    Queue,
    Reconnected,
    Reconnecting,
    Seated,
    State,
    Tally,
    Watching,
)


async def test_p5_6_the_audience_hears_the_host_and_votes(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url, max_players=1, audience=10) as room:
        async with couchwire.join(server.url, code=room.code, role="audience") as me:
            assert (me.role, me.position, me.is_connected) == ("audience", None, True)
            with pytest.raises(InvalidArgument, match="no id"):
                assert me.id
            while room.audience == 0:
                await the_next(room, State)
            await room.to_audience("\0welcome")  # nothing is escaped for watchers
            await room.to_audience({"round": 1})
            await room.to_audience(b"\x01")
            heard = [(await the_next(me, HostMessage)).data for _ in range(3)]
            assert heard == ["\0welcome", '{"round":1}', b"\x01"]
            await room.poll("colour")
            await room.drain()
            assert await me.vote("red")
            assert await the_next(room, Tally) == Tally({"red": 1}, 0, 1, "colour")
            assert await me.vote("blue")
            assert await the_next(room, Tally) == Tally({"blue": 1}, 0, 1, "colour")
            await room.poll(None)
            assert room.players == []
            await room.to_audience("goodbye")
            assert (await the_next(me, HostMessage)).data == "goodbye"
        while room.audience > 0:
            await the_next(room, State)


async def test_p5_6_votes_of_many_are_counted_once_also_where_the_last_one_leaves_behind_its_vote(
    servers: ServerProcess,
) -> None:
    server = servers.start()
    async with couchwire.host(server.url, audience=20) as room:

        async def watch(text: str) -> None:
            async with couchwire.join(server.url, code=room.code, role="audience") as me:
                assert await me.vote(text)

        await room.poll(1)
        await room.drain()
        await asyncio.gather(*(watch("even" if number % 2 == 0 else "odd") for number in range(20)))
        while (tally := await the_next(room, Tally)).counts != {"even": 10, "odd": 10}:
            assert tally.poll == 1 and sum(tally.counts.values()) < 20


async def test_p5_6_4_what_is_no_vote_is_refused_here(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url, audience=1) as room:
        async with couchwire.join(server.url, code=room.code, role="audience") as watcher:
            for text in ("", "v" * 65, "ü" * 33):
                with pytest.raises(InvalidArgument, match="1 to 64 bytes"):
                    await watcher.vote(text)
            with pytest.raises(InvalidArgument, match="no seat"):
                await watcher.send("a move")
            assert await watcher.vote("v" * 64)
            assert (await the_next(room, Tally)).counts == {"v" * 64: 1}
        async with couchwire.join(server.url, code=room.code) as player:
            assert (player.role, await player.vote("a")) == ("player", False)
            with pytest.raises(InvalidArgument, match="role"):
                couchwire.join(server.url, code=room.code, role="king")


async def test_p5_6_an_audience_that_is_full_refuses_a_watcher(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room:
        with pytest.raises(Closed) as caught:
            await couchwire.join(server.url, code=room.code, role="audience")
        assert caught.value.name == "room_full"


async def test_p5_6_a_watcher_whose_line_is_cut_watches_again(servers: ServerProcess) -> None:
    server = servers.start()
    async with CuttingProxy(server.port) as line, couchwire.host(server.url, audience=5) as room:
        async with couchwire.join(line.url, code=room.code, role="audience") as me:
            line.refuse(True)
            line.cut_now()
            await the_next(me, Reconnecting)
            assert not await me.vote("lost")
            line.refuse(False)
            await the_next(me, Reconnected)
            assert await me.vote("kept")
            assert (await the_next(room, Tally)).counts == {"kept": 1}


async def test_p5_7_a_player_waits_for_a_seat_and_loses_nothing_that_it_says(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url, max_players=1, overflow="queue") as room:
        first = await couchwire.join(server.url, code=room.code, name="Ada")
        await the_next(room, Join)
        async with couchwire.join(server.url, code=room.code, name="Bo") as second:
            assert (await the_next(second, Queue)).position == 1 and second.position == 1
            with pytest.raises(InvalidArgument, match="waits for a seat"):
                assert second.id
            async with couchwire.join(server.url, code=room.code) as third:
                assert third.position == 2
            while room.waiting != 1:  # the third has gone
                await the_next(room, State)
            await second.send("said while it waited")
            await first.close()
            await the_next(room, Leave)
            assert isinstance(await the_next(second, Seated), Seated)
            assert second.id == 2 and [second.position] == [None]
            assert (await the_next(room, Join)).player.name == "Bo"
            message = await the_next(room, PlayerMessage)
            assert (message.data, message.player.id) == ("said while it waited", 2)
            await room.send(message.player, "heard")
            assert (await the_next(second, HostMessage)).data == "heard"


async def test_p5_7_5_a_line_that_is_cut_while_it_waits_waits_again(servers: ServerProcess) -> None:
    server = servers.start()
    async with CuttingProxy(server.port) as line:
        async with couchwire.host(server.url, max_players=1, overflow="queue") as room:
            first = await couchwire.join(server.url, code=room.code)
            async with couchwire.join(line.url, code=room.code) as second:
                await the_next(second, Queue)
                await second.send("kept")
                line.cut_now()
                await the_next(second, Reconnecting)
                assert (await the_next(second, Queue)).position == 1
                await first.close()
                await the_next(second, Seated)
                assert (await the_next(room, PlayerMessage)).data == "kept"


async def test_p5_7_6_a_player_that_finds_the_room_full_watches_where_it_overflows_to_the_audience(
    servers: ServerProcess,
) -> None:
    server = servers.start()
    async with CuttingProxy(server.port) as line:
        async with couchwire.host(server.url, max_players=1, overflow="audience", audience=1) as room:
            first = await couchwire.join(line.url, code=room.code)
            async with couchwire.join(server.url, code=room.code) as second:
                assert (second.role, second.is_connected) == ("audience", True)
                assert await second.vote("more seats")
                assert (await the_next(room, Tally)).counts == {"more seats": 1}
                await room.to_audience("welcome")
                assert (await the_next(second, HostMessage)).data == "welcome"
                with pytest.raises(Closed) as caught:
                    await couchwire.join(server.url, code=room.code)
                assert caught.value.name == "room_full"
            await first.close()


async def test_p5_7_6_a_player_whose_seat_is_gone_watches_from_then_on(servers: ServerProcess) -> None:
    server = servers.start(seatGraceMs=0, awayMs=0)
    async with CuttingProxy(server.port) as line:
        async with couchwire.host(server.url, max_players=1, overflow="audience", audience=1) as room:
            async with couchwire.join(line.url, code=room.code) as me:
                line.refuse(True)
                line.cut_now()
                await the_next(room, Leave)
                async with couchwire.join(server.url, code=room.code):
                    line.refuse(False)
                    assert isinstance(await the_next(me, Watching), Watching)
                    assert me.role == "audience" and await me.vote("a")
