/** Parts 2 to 4: what a host and its players are told, how lines are closed, and how frames are refused. */
import { expectSame, expectThat } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import type { HostNotice } from "./host-line.ts";
import { writeItem, type PlainValue } from "./plain-cbor.ts";
import type { SeatedPhone } from "./trial.ts";
import { FRAME_KIND } from "./wire-line.ts";

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);
/** Far below any rate of frames that a game could work with. */
const FRAMES_IN_A_ROW = 60;
/** Of the table of error codes (P4.2). */
const ERROR_CODES = new Set([
  "invalid_message",
  "unknown_command",
  "invalid_field",
  "not_prepared",
  "rate_limited",
  "too_large",
  "room_limit",
  "unavailable",
  "unauthorized",
]);

export const hostEventChecks = checksOf("wmbp", [
  {
    is: "P2.8 state tells the players in joining order, the seats and whether a phone may come in, after every change",
    departure: "lists players in any order",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 3, name: "state" });
      const room = { name: "state", max_players: 3 };
      const seated: SeatedPhone[] = [];
      for (const who of ["phone 1", "phone 2", "phone 3"]) seated.push(await trial.join({ host, code }, {}, who));
      for (const [index, { state }] of seated.entries()) {
        const players = seated.slice(0, index + 1).map(({ id }) => id);
        expectSame(`The state with ${players.length} of 3`, ofRoom(state), {
          ...room,
          players,
          accept_conns: index < 2,
        });
      }
      const ids = seated.map(({ id }) => id);
      await trial.departing(() => expectSame("The players", seated[2]?.state["players"], ids));
      await seated[1]?.phone.leave(1000);
      await host.until("player_left");
      const players = ids.filter((_, index) => index !== 1);
      expectSame("The state behind player_left", ofRoom(await host.next("state")), {
        ...room,
        players,
        accept_conns: true,
      });
      host.expectPlain("state");
    },
  },
  {
    is: "P2.9 player_joined is told for each phone that comes in, and the state follows; a phone that is turned away is never mentioned",
    departure: "tells of player_left for a phone that it has turned away",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1 });
      const phone = await trial.phone(code);
      const { cmd, player } = await host.next("player_joined");
      expectSame("What the host is told of a newcomer", cmd, "player_joined");
      expectThat(
        typeof player === "number" && Number.isInteger(player) && player > 0,
        "The id",
        "an integer from 1 on",
        player,
      );
      await host.hears({ cmd: "state", players: [player] });
      phone.say("here");
      await host.hears({ cmd: "from_str", from: player, data: "here" });
      host.expectPlain("player_joined");
      await (await trial.phone(code, {}, "the phone that finds the room full")).end();
      await trial.departing(async () => {
        await phone.leave(1000);
        await host.hears({ cmd: "player_left", player });
      });
    },
  },
  {
    is: "P2.10 player_left is told once for each player that is gone, and the state follows",
    async run(trial) {
      const room = await trial.room();
      const { host } = room;
      const [one, two] = [await trial.join(room, {}, "phone 1"), await trial.join(room, {}, "phone 2")];
      one.phone.wire.close(1000);
      await host.hears({ cmd: "player_left", player: one.id }, { cmd: "state", players: [two.id] });
      two.phone.wire.cut();
      await host.hears({ cmd: "player_left", player: two.id }, { cmd: "state", players: [] });
      expectSame("What the host hears beside that", await host.settle(), []);
      host.expectPlain("player_left");
    },
  },
  {
    is: "P2.11 bytes of a player come as `from`, none too",
    async run(trial) {
      const room = await trial.room();
      const { phone, id } = await trial.join(room);
      for (const data of [ALL_BYTES, new Uint8Array(0), Uint8Array.of(255)]) {
        phone.say(data);
        await room.host.hears({ cmd: "from", from: id, data: [...data] });
      }
      room.host.expectPlain("from");
    },
  },
  {
    is: "P2.12 text of a player comes as `from_str`, none too",
    async run(trial) {
      const room = await trial.room();
      const { phone, id } = await trial.join(room);
      for (const data of ["hello", "", "ü 😀 \u2028", '{"cmd":"stop"}']) {
        phone.say(data);
        await room.host.hears({ cmd: "from_str", from: id, data });
      }
      room.host.expectPlain("from_str");
    },
  },
]);

export const identityChecks = checksOf("wmbp", [
  {
    is: "P2.14 ids of players count up from 1 in each room and are never used again",
    departure: "ids count over all rooms, with gaps",
    async run(trial) {
      const room = await trial.room();
      const one = await trial.join(room, {}, "phone 1");
      const two = await trial.join(room, {}, "phone 2");
      await two.phone.leave(1000);
      await room.host.until("player_left");
      const three = await trial.join(room, {}, "phone 3");
      const ids = [one.id, two.id, three.id];
      expectThat(one.id < two.id && two.id < three.id, "The ids", "each larger than those before it", ids);
      await trial.departing(() => expectSame("The ids", ids, [1, 2, 3]));
    },
  },
  {
    is: "P2.15 what one side sends to the other arrives in that order",
    async run(trial) {
      const room = await trial.room();
      const { phone, id } = await trial.join(room);
      const numbers = Array.from({ length: FRAMES_IN_A_ROW }, (_, index) => String(index));
      for (const data of numbers) phone.say(data);
      for (const data of numbers) room.host.say({ cmd: "to_str", to: [id], data });
      for (const data of numbers) await room.host.hears({ cmd: "from_str", from: id, data });
      await phone.hears(...numbers);
    },
  },
  {
    is: "P2.16 the socket alone decides which player a frame is from",
    async run(trial) {
      const room = await trial.room();
      const [one, two] = [await trial.join(room, {}, "phone 1"), await trial.join(room, {}, "phone 2")];
      const lie = JSON.stringify({ cmd: "from_str", from: two.id, data: "a lie" });
      one.phone.say(lie);
      await room.host.hears({ cmd: "from_str", from: one.id, data: lie });
      two.phone.say(lie);
      await room.host.hears({ cmd: "from_str", from: two.id, data: lie });
    },
  },
]);

export const playerChecks = checksOf("wmbp", [
  {
    is: "P3.1 text stays text and bytes stay bytes, unchanged, one frame for one; a player hears what its host says and no more",
    async run(trial) {
      const room = await trial.room();
      const { phone, id } = await trial.join(room);
      const long = "ü".repeat(8_000);
      for (const text of ["", "\u0000hello {}", long]) room.host.say({ cmd: "to_str", to: [id], data: text });
      room.host.say({ cmd: "to", to: [id], data: [...ALL_BYTES] });
      await phone.hears("", "\u0000hello {}", long, ALL_BYTES);
      phone.say(long);
      await room.host.hears({ cmd: "from_str", from: id, data: long });
      phone.say("\u0000ping");
      await room.host.hears({ cmd: "from_str", from: id, data: "\u0000ping" });
      phone.say(writeItem({ cmd: "stop" }));
      await room.host.hears({ cmd: "from", from: id, data: [...writeItem({ cmd: "stop" })] });
      expectSame("What the player hears beside that", phone.unheard(), []);
    },
  },
  {
    is: "P3.2 a join that is refused is accepted as a WebSocket and closed with a code: no such room, full, locked",
    departure: "closes without a code, and cuts the connection where there is no such room",
    async run(trial) {
      const nowhere = await trial.phone(trial.unknownCode(), {}, "the phone with an unknown code");
      expectSame("The reason", (await nowhere.endsWith(4504)).reason, "Game not found");
      const { host, code } = await trial.room({ maxPlayers: 1 });
      await trial.join({ host, code });
      await (await trial.phone(code, {}, "the phone that finds the room full")).endsWith(4510);
      host.say({ cmd: "start" });
      await host.until("state");
      await (await trial.phone(code, {}, "the phone that finds the room full and locked")).endsWith(4523);
    },
  },
]);

export const closingChecks = checksOf("wmbp", [
  {
    is: "P4.1 a Close is answered; a frame that RFC 6455 does not allow closes with 1002, and text that is no UTF-8 with 1007",
    departure: "answers broken frames with errors, without end",
    async run(trial) {
      const leaving = await trial.host();
      leaving.peer.wire.close(1000);
      await leaving.peer.endsWith(1000);
      const unmasked = await trial.host();
      unmasked.peer.wire.sendFrame(FRAME_KIND.text, Buffer.from("{}"), { isMasked: false });
      await unmasked.peer.endsWith(1002);
      const unknown = await trial.host();
      unknown.peer.wire.sendFrame(3, Buffer.from("{}"));
      await unknown.peer.endsWith(1002);
      const broken = await trial.host();
      broken.peer.wire.sendFrame(FRAME_KIND.text, Buffer.from([0xc3, 0x28]));
      await broken.peer.endsWith(1007);
    },
  },
  {
    is: "P4.2 a refused frame is answered with a code of the table",
    departure: "an error has a reason alone",
    async run(trial) {
      const host = await trial.host();
      await host.next("state");
      const refused = async (what: string, command: PlainValue, expected: string): Promise<void> => {
        host.peer.say(writeItem(command));
        const { cmd, code, in: command_, reason } = await host.next(`the error for ${what}`);
        expectSame(`The answer to ${what}`, cmd, "error");
        expectThat(ERROR_CODES.has(String(code)), `The code for ${what}`, "one of the table", code);
        expectSame(`The code for ${what}`, code, expected);
        expectThat(typeof reason === "string" && reason !== "", `The reason for ${what}`, "a sentence", reason);
        if (expected === "invalid_field") expectSame(`The command in the error for ${what}`, command_, "kick");
      };
      await refused("a list", ["start"], "invalid_message");
      await refused("a command that there is not", { cmd: "dance" }, "unknown_command");
      await refused("a kick of a text", { cmd: "kick", player: "1" }, "invalid_field");
      await refused("a name of 1,025 bytes", { cmd: "prepare", max_players: 1, name: "x".repeat(1_025) }, "too_large");
      await refused("open before prepare", { cmd: "open" }, "not_prepared");
    },
  },
]);

/** What a state says of a room, with the players in rising order. */
function ofRoom({ name, players, max_players, accept_conns }: HostNotice) {
  const sorted = Array.isArray(players) ? players.map(Number).toSorted((one, other) => one - other) : players;
  return { name, players: sorted, max_players, accept_conns };
}
