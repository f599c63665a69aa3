"""What is kept over a lost connection, and over a restart of the program or of the server."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from cutting_proxy import CuttingProxy
from servers import UNLIMITED, ServerProcess
from waiting import take, the_next

import couchwire
from couchwire import (
    Away,
    Back,
    Closed,
    Gap,
    HostMessage,
    Join,
    Leave,
    PlayerMessage,
    Reconnected,
    Reconnecting,
    Reopened,
    Seated,
)

SESSION = "a-session-of-a-test-0001"


async def test_p5_4_1_a_player_comes_back_to_its_seat_in_a_locked_room(servers: ServerProcess) -> None:
    server = servers.start(awayMs=10)
    async with CuttingProxy(server.port) as line, couchwire.host(server.url, max_players=1) as room:
        async with couchwire.join(line.url, code=room.code) as me:
            player = (await the_next(room, Join)).player
            await room.lock()
            line.refuse(True)
            line.cut_now()
            assert (await the_next(room, Away)).player is player and player.is_away
            await room.send(player, "while you were away")
            line.refuse(False)
            assert isinstance(await the_next(me, Reconnecting), Reconnecting)
            assert isinstance(await the_next(me, Reconnected), Reconnected)
            assert (await the_next(me, HostMessage)).data == "while you were away"
            assert (await the_next(room, Back)) == Back(player, 0) and not player.is_away
            assert me.id == player.id


async def test_p5_4_1_a_player_program_that_is_started_again_has_its_seat(
    servers: ServerProcess, tmp_path: Path
) -> None:
    server = servers.start(awayMs=10_000)
    async with couchwire.host(server.url) as room:
        await play_until_it_breaks(server.url, room.code, tmp_path / "seat")
        player = (await the_next(room, Join)).player
        assert (await the_next(room, PlayerMessage)).data == "before"
        await room.send(player, "it waits")
        async with couchwire.join(server.url, code=room.code, session_file=tmp_path / "seat") as me:
            assert me.id == player.id
            assert (await the_next(me, HostMessage)).data == "it waits"
        assert (await the_next(room, Leave)).player is player
        assert not (tmp_path / "seat").exists()


async def play_until_it_breaks(url: str, code: str, session_file: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        async with couchwire.join(url, code=code, session_file=session_file) as me:
            await me.send("before")
            await me.drain()
            raise ZeroDivisionError
    assert session_file.stat().st_mode & 0o077 == 0


async def test_p5_4_12_a_host_program_that_is_started_again_goes_on_where_it_saved(
    servers: ServerProcess, tmp_path: Path
) -> None:
    server = servers.start()
    file = tmp_path / "room"
    room = await couchwire.host(server.url, game="quiz", session_file=file)
    code = room.code
    async with (
        couchwire.join(server.url, code=code, name="Ada") as ada,
        couchwire.join(server.url, code=code, name="Bo") as bo,
    ):
        players = [(await the_next(room, Join)).player, (await the_next(room, Join)).player]
        await ada.send({"answer": 1})
        assert (await the_next(room, PlayerMessage)).json() == {"answer": 1}
        await room.save({"round": 1, "answers": [1]})
        await ada.send({"answer": 2})
        await bo.send({"answer": 3})
        got = await take(room, 2)  # these were taken, and are not in what was saved
        assert sorted(event.json()["answer"] for event in got if isinstance(event, PlayerMessage)) == [2, 3]
        await room.drain()
        await room.detach()  # the program ends here
        await ada.send({"answer": 4})

        async with couchwire.host(server.url, game="quiz", session_file=file) as again:
            assert (again.code, again.is_restored, again.restored) == (code, True, {"round": 1, "answers": [1]})
            assert sorted(player.name for player in again.players) == ["Ada", "Bo"]
            assert sorted(player.id for player in again.players) == sorted(player.id for player in players)
            events = await take(again, 3)
            answers = [
                (event.player.name, event.json()["answer"]) for event in events if isinstance(event, PlayerMessage)
            ]
            assert [answer for name, answer in answers if name == "Ada"] == [2, 4]
            assert [answer for name, answer in answers if name == "Bo"] == [3]
            await again.broadcast("welcome back")
            assert (await the_next(ada, HostMessage)).data == "welcome back"
            assert (await the_next(bo, HostMessage)).data == "welcome back"


async def test_p5_4_12_a_host_that_never_saved_finds_its_players(servers: ServerProcess) -> None:
    server = servers.start()
    room = await couchwire.host(server.url, session=SESSION)
    async with couchwire.join(server.url, code=room.code):
        await the_next(room, Join)
        await room.detach()
        async with couchwire.host(server.url, session=SESSION) as again:
            assert (again.code, again.is_restored, again.restored) == (room.code, True, None)
            assert (await the_next(again, Join)).player.id == 1


async def test_p5_9_8_saves_while_the_connection_is_down_arrive_with_it(servers: ServerProcess) -> None:
    server = servers.start()
    async with CuttingProxy(server.port) as line:
        room = await couchwire.host(line.url, session=SESSION)
        line.refuse(True)
        line.cut_now()
        await the_next(room, Reconnecting)
        for number in range(3):
            await room.save(number)
        line.refuse(False)
        await the_next(room, Reconnected)
        await room.drain()
        await room.detach()
        async with couchwire.host(server.url, session=SESSION) as again:
            assert again.restored == 2


async def test_p5_4_2_the_older_of_two_hosts_with_one_session_is_closed_for_good(servers: ServerProcess) -> None:
    server = servers.start()
    older = await couchwire.host(server.url, session=SESSION)
    async with couchwire.host(server.url, session=SESSION) as newer:
        assert newer.code == older.code
        with pytest.raises(Closed) as caught:
            await the_next(older, Join)
        assert (caught.value.code, caught.value.name, caught.value.is_final) == (4509, "replaced", True)
        with pytest.raises(Closed):
            await older.broadcast("no one hears it")
        await older.close()
        assert newer.is_connected


async def test_p5_4_2_a_program_that_was_replaced_leaves_the_session_to_the_other(
    servers: ServerProcess, tmp_path: Path
) -> None:
    server = servers.start()
    file = tmp_path / "room"
    older = await couchwire.host(server.url, session_file=file)
    async with couchwire.host(server.url, session_file=file):
        with pytest.raises(Closed):
            await the_next(older, Join)
        await older.close()
        assert file.exists()
    assert not file.exists()


async def test_p5_5_7_what_waits_for_the_server_to_have_all_goes_on_over_the_next_line(servers: ServerProcess) -> None:
    server = servers.start()
    async with CuttingProxy(server.port) as line, couchwire.host(server.url) as room:
        async with couchwire.join(line.url, code=room.code) as me:
            line.refuse(True)
            line.cut_now()
            await the_next(me, Reconnecting)
            await me.send("it gets there")
            draining = asyncio.ensure_future(me.drain())
            line.refuse(False)
            await draining
            assert (await the_next(room, PlayerMessage)).data == "it gets there"


async def test_p5_5_9_a_gap_is_told_to_both_sides_where_the_buffer_did_not_hold(servers: ServerProcess) -> None:
    server = servers.start(awayMs=10, seatBuffer=4_096, **UNLIMITED)
    async with CuttingProxy(server.port) as line, couchwire.host(server.url) as room:
        async with couchwire.join(line.url, code=room.code) as me:
            player = (await the_next(room, Join)).player
            line.refuse(True)
            line.cut_now()
            await the_next(room, Away)
            for number in range(100):
                await room.send(player, f"{number:064}")
            await room.drain()
            line.refuse(False)
            gap = await the_next(me, Gap)
            assert 0 < gap.lost < 100 and gap.unsent == 0
            heard = [int((await the_next(me, HostMessage)).text) for _ in range(100 - gap.lost)]
            assert heard == list(range(gap.lost, 100))
            assert (await the_next(room, Back)).missed == gap.lost


async def test_p5_5_5_frames_that_fall_out_of_the_own_queue_are_a_gap_for_both(servers: ServerProcess) -> None:
    server = servers.start(**UNLIMITED)
    async with CuttingProxy(server.port) as line, couchwire.host(server.url) as room:
        async with couchwire.join(
            line.url, code=room.code, when_full="drop_oldest", outbox_bytes=1_000, max_rate=None
        ) as me:
            player = (await the_next(room, Join)).player
            line.refuse(True)
            line.cut_now()
            await the_next(me, Reconnecting)
            for number in range(100):
                await me.send(f"{number:064}")
            line.refuse(False)
            gap = await the_next(me, Gap)
            assert 0 < gap.unsent < 100 and gap.lost == 0
            assert await the_next(room, Gap) == Gap(gap.unsent, 0, player)
            told = [int((await the_next(room, PlayerMessage)).text) for _ in range(100 - gap.unsent)]
            assert told == list(range(gap.unsent, 100))


async def test_p5_5_8_a_server_that_has_lost_the_room_gives_another_and_tells_the_gap(servers: ServerProcess) -> None:
    first = servers.start()
    async with CuttingProxy(first.port) as line:
        async with couchwire.host(line.url, game="quiz") as room:
            code = room.code
            me = await couchwire.join(first.url, code=code)
            player = (await the_next(room, Join)).player
            second = servers.start()
            line.lead_to(second.port)
            line.cut_now()
            assert (await the_next(room, Leave)).player is player
            assert (await the_next(room, Reopened)).code == room.code
            async with couchwire.join(second.url, code=room.code):
                newcomer = (await the_next(room, Join)).player
                assert newcomer is not player
                await room.send(player, "for no one")  # who has left is skipped, though the id is another's now
                await room.send(newcomer, "for you")
            await me.detach()


async def test_p2_7_players_are_told_that_the_game_is_done(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room:
        me = await couchwire.join(server.url, code=room.code)
        await room.broadcast("the last word")
    events = [event async for event in me]
    assert [event.data for event in events if isinstance(event, HostMessage)] == ["the last word"]
    assert me.closed is not None and (me.closed.code, me.closed.name) == (1001, "room_closed")


async def test_a_block_that_is_left_gets_through_what_was_sent(servers: ServerProcess) -> None:
    server = servers.start()
    async with couchwire.host(server.url) as room:
        async with couchwire.join(server.url, code=room.code) as me:
            for number in range(100):
                await me.send(str(number))
        told = [event.text for event in await take(room, 102) if isinstance(event, PlayerMessage)]
        assert told == [str(number) for number in range(100)]


async def test_a_seat_that_is_gone_is_taken_anew_and_told(servers: ServerProcess) -> None:
    server = servers.start(seatGraceMs=0, awayMs=0)
    async with CuttingProxy(server.port) as line, couchwire.host(server.url) as room:
        async with couchwire.join(line.url, code=room.code) as me:
            await the_next(room, Join)
            line.refuse(True)
            line.cut_now()
            await the_next(room, Leave)
            line.refuse(False)
            assert isinstance(await the_next(me, Seated), Seated)
            assert (me.id, (await the_next(room, Join)).player.id) == (2, 2)
            assert await the_next(me, Gap) == Gap(0, 0)


async def test_cancelling_what_waits_for_a_room_leaves_nothing_behind() -> None:
    is_asked = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_asked.set()
        try:
            await _reader.read()
        finally:
            writer.close()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    before = own_tasks()
    opening = asyncio.ensure_future(open_room(f"http://127.0.0.1:{port}"))
    await is_asked.wait()
    assert own_tasks() != before
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert own_tasks() == before
    server.close()


async def open_room(url: str) -> None:
    async with couchwire.host(url):
        pass


def own_tasks() -> set[asyncio.Task[object]]:
    """Those that run code of the package."""
    return {task for task in asyncio.all_tasks() if "/couchwire/" in repr(task)}
