/** P5.4: sessions. A client shows the same session again, and has its seat or its room. */
import { expectSame, expectThat, NotCheckable } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import {
  comeBack,
  cutHost,
  expectAway,
  expectSeat,
  expectSpeaker,
  GOING_AWAY,
  hostIsBack,
  joinWithSession,
  roomWithSession,
} from "./session-steps.ts";

export const sessionChecks = checksOf("sessions", [
  {
    is: "P5.4 when a room ends every line is closed, and a session leads nowhere",
    async run(trial) {
      const room = await trial.room();
      const { phone, session } = await joinWithSession(trial, room);
      room.host.say({ cmd: "stop" });
      await phone.endsWith(1001);
      await (await comeBack(trial, room.code, session)).endsWith(4504);
    },
  },
  {
    is: "P5.4.1 a session gets its seat back: the same id, at once, in a full and locked room",
    async run(trial) {
      const room = await trial.room({ maxPlayers: 1 });
      const { phone, id, session } = await joinWithSession(trial, room);
      room.host.say({ cmd: "start" });
      await room.host.until("state");
      phone.wire.cut();
      const back = await comeBack(trial, room.code, session);
      await expectSeat(room.host, back, id);
      await back.leave(GOING_AWAY);
      await expectSeat(room.host, await comeBack(trial, room.code, session), id);
    },
  },
  {
    is: "P5.4.2 a second line with the session takes the place, and the first one is closed with 4509: phone and host",
    async run(trial) {
      const room = await roomWithSession(trial);
      const { phone, id, session } = await joinWithSession(trial, room);
      const tab = await comeBack(trial, room.code, session, "the second tab");
      await expectSeat(room.host, tab, id);
      await phone.endsWith(4509);
      const host = await trial.host({ query: room.query });
      await room.host.peer.endsWith(4509);
      await hostIsBack(host, room.code);
      await expectSeat(host, tab, id);
    },
  },
  {
    is: "P5.4.3 a player whose line ends is told as away, and as back; the state does not change",
    async run(trial) {
      const { host, code } = await trial.room();
      const { phone, id, session } = await joinWithSession(trial, { host, code });
      phone.wire.cut();
      await expectAway(host, id);
      host.say({ cmd: "kick", player: 0 });
      await host.hears({ cmd: "state", players: [id] });
      await comeBack(trial, code, session);
      await host.hears({ cmd: "player_back", player: id, missed: 0 });
      expectSame("What the host hears beside that", await host.settle(), []);
    },
  },
  {
    is: "P5.4.4 a Close with 1000 leaves for good; any other end of a line with a session is an absence",
    async run(trial) {
      const room = await roomWithSession(trial);
      const { host, code } = room;
      const { phone, id, session } = await joinWithSession(trial, room);
      await phone.leave(GOING_AWAY);
      const second = await comeBack(trial, code, session);
      await expectSeat(host, second, id);
      await second.leave();
      const third = await comeBack(trial, code, session);
      await expectSeat(host, third, id);
      await third.leave(1000);
      expectSame("The player that has left", (await host.until("player_left"))["player"], id);
      const again = await comeBack(trial, code, session);
      const { player } = await host.until("player_joined", again);
      expectThat(player !== id, "The id after leaving for good", "a new one", player);
      await host.leave(1000);
      await again.endsWith(1001);
    },
  },
  {
    is: "P5.4.6 an away player can be kicked, and does not come back to its seat",
    async run(trial) {
      const { host, code } = await trial.room();
      const { phone, id, session } = await joinWithSession(trial, { host, code });
      await phone.leave(GOING_AWAY);
      host.say({ cmd: "kick", player: id });
      expectSame("The player that has left", (await host.until("player_left"))["player"], id);
      await host.hears({ cmd: "state", players: [] });
      const back = await comeBack(trial, code, session);
      const { player } = await host.until("player_joined", back);
      expectThat(player !== id, "The id of a kicked player that comes again", "a new one", player);
    },
  },
  {
    is: "P5.4.7 frames for an away player wait, in order",
    async run(trial) {
      const { host, code } = await trial.room();
      const { phone, id, session } = await joinWithSession(trial, { host, code });
      await phone.leave(GOING_AWAY);
      await expectAway(host, id);
      const texts = Array.from({ length: 20 }, (_, index) => `waits ${index}`);
      for (const data of texts) host.say({ cmd: "to_str", to: [id], data });
      host.say({ cmd: "to", to: [id], data: [1, 2, 3] });
      await host.settle();
      const back = await comeBack(trial, code, session);
      await expectSpeaker(host, back, id);
      await back.hears(...texts, Uint8Array.of(1, 2, 3));
    },
  },
  {
    is: "P5.4.8 a plain line with a session gets each frame at most once: what an ended line was sent is not sent again",
    async run(trial) {
      const { host, code } = await trial.room();
      const { phone, id, session } = await joinWithSession(trial, { host, code });
      const say = (data: string): void => host.say({ cmd: "to_str", to: [id], data });
      for (const data of ["1", "2", "3"]) say(data);
      await phone.hears("1", "2", "3");
      await phone.leave(GOING_AWAY);
      await expectAway(host, id);
      say("4");
      await host.settle();
      const back = await comeBack(trial, code, session);
      await expectSpeaker(host, back, id);
      say("5");
      await back.hears("4", "5");
      await back.leave(GOING_AWAY);
      await expectAway(host, id);
      const again = await comeBack(trial, code, session);
      say("6");
      await again.hears("6");
    },
  },
  {
    is: "P5.4.10 a host whose line ends keeps its room: players stay, and phones join",
    async run(trial) {
      const room = await roomWithSession(trial);
      const { phone, id } = await trial.join(room, {}, "phone 1");
      await room.host.leave(GOING_AWAY);
      const late = await trial.phone(room.code, {}, "a phone that joins while the host is away");
      await late.ping("is in");
      const host = await trial.host({ query: room.query });
      await hostIsBack(host, room.code);
      late.say("late");
      const joined = (await host.until("from_str"))["from"];
      host.say({ cmd: "to_str", to: [id, Number(joined)], data: "back" });
      await phone.hears("back");
      await late.hears("back");
    },
  },
  {
    is: "P5.4.11 what players send to an away host waits, in order",
    async run(trial) {
      const room = await roomWithSession(trial);
      const { phone, id } = await trial.join(room);
      await cutHost(room, phone);
      const texts = Array.from({ length: 20 }, (_, index) => `waits ${index}`);
      for (const data of texts) phone.say(data);
      await phone.ping("said");
      const host = await trial.host({ query: room.query });
      await hostIsBack(host, room.code);
      await host.hears(...texts.map((data) => ({ cmd: "from_str", from: id, data })));
    },
  },
  {
    is: "P5.4.12 a host that is back is told state, prepare_reply, what it has saved, and what waited; another format is 4500",
    async run(trial) {
      const room = await roomWithSession(trial);
      const { phone, id } = await trial.join(room);
      room.host.say({ cmd: "save", data: "round 3" });
      await room.host.settle();
      await cutHost(room, phone);
      phone.say("waited");
      await phone.ping("said");
      await (await trial.host({ query: `${room.query}&format=json` })).peer.endsWith(4500);
      const host = await trial.host({ query: room.query });
      await host.hears(
        { cmd: "state", players: [id] },
        { cmd: "prepare_reply", key: room.code },
        { cmd: "restore", data: "round 3" },
        { cmd: "from_str", from: id, data: "waited" },
      );
    },
  },
  {
    is: "P5.4.14 a session is good in the room that it joined, and means nothing in another",
    async run(trial) {
      const [here, there] = [await trial.room({ name: "here" }), await trial.room({ name: "there" })];
      const { phone, id, session } = await joinWithSession(trial, here);
      const { phone: other, id: otherId } = await trial.join(
        there,
        { query: `session=${session}` },
        "the phone elsewhere",
      );
      await expectSeat(here.host, phone, id);
      await expectSeat(there.host, other, otherId);
    },
  },
  {
    is: "P5.4.15 in a full room an away player that never spoke gives its seat to a newcomer",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1 });
      const { phone, id } = await joinWithSession(trial, { host, code });
      phone.wire.cut();
      const { cmd } = await host.next("player_away (a server with a longer debounce needs a longer time: --timeout)");
      if (cmd !== "player_away") throw new NotCheckable(`the host was told ${cmd}, and not player_away (P5.4.3)`);
      const newcomer = await trial.phone(code, {}, "the newcomer");
      const { player } = await host.until("player_left", newcomer);
      expectSame("The player that has left", player, id);
      const joined = await host.until("player_joined", newcomer);
      expectThat(joined["player"] !== id, "The newcomer's id", "a new one", joined["player"]);
    },
  },
]);
