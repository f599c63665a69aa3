/** Part 2: what a host says. */
import { expectSame, expectThat } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import { writeItem } from "./plain-cbor.ts";
import type { HostLine, HostNotice } from "./host-line.ts";

/** Bytes as WMBP's wire has them. */
const BYTES = [0, 1, 127, 128, 255];
const NO_PLAYER = 4_000_000_000;

function hex(text: string): Uint8Array {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

function commandsOf(notices: readonly HostNotice[]): readonly string[] {
  return notices.map(({ cmd }) => cmd);
}

/** The frame is answered with an error, whose reason begins as it has to. */
async function expectRefused(host: HostLine, what: string, frame: string | Uint8Array): Promise<void> {
  host.peer.say(frame);
  const { cmd, reason } = await host.next(`the error for ${what}`);
  expectSame(`The answer to ${what}`, cmd, "error");
  expectThat(String(reason).startsWith("Invalid message."), `The reason for ${what}`, "Invalid message. …", reason);
}

export const hostCommandChecks = checksOf("wmbp", [
  {
    is: "P2.1 a host is told the empty state when it connects",
    async run(trial) {
      const host = await trial.host();
      await host.hears({ cmd: "state", name: "", players: [], max_players: 0, accept_conns: false });
    },
  },
  {
    is: "P2.1 a new host is told nothing but its state until it speaks",
    departure: "sends a stray `to` to each new host",
    async run(trial) {
      const host = await trial.host();
      await host.nextOfAll("state");
      host.say({ cmd: "start" });
      expectSame("What a host is told next", (await host.nextOfAll("the state that answers start")).cmd, "state");
    },
  },
  {
    is: "P2.2 prepare opens the room: its state, then its code, which can be joined at once and does not change",
    async run(trial) {
      const host = await trial.host();
      await host.next("state");
      const { code, before } = await trial.prepare(host, () =>
        host.say({ cmd: "prepare", max_players: 3, name: "one" }),
      );
      expectSame(
        "What comes ahead of prepare_reply",
        before.map(({ cmd }) => cmd),
        ["state"],
      );
      const { name, players, max_players: seats, accept_conns } = before[0] ?? { cmd: "nothing" };
      expectSame(
        "The state of an open room",
        { name, players, accept_conns },
        { name: "one", players: [], accept_conns: true },
      );
      expectThat(seats === 1 || seats === 2 || seats === 3, "max_players", "3, or the server's lower bound", seats);
      expectThat(/^[A-Z]{4}$/.test(code), "The code", "four capital letters", code);
      await trial.join({ host, code });
      host.say({ cmd: "prepare", max_players: 2, name: "two" });
      await host.hears({ cmd: "prepare_reply", key: code });
      host.say({ cmd: "kick", player: NO_PLAYER });
      await host.hears({ cmd: "state", name: "one", max_players: seats });
      host.expectPlain("prepare_reply");
    },
  },
  {
    is: "P2.3 start lets no new players in, and before prepare it has no lasting effect",
    async run(trial) {
      const host = await trial.host();
      await host.next("state");
      host.say({ cmd: "start" });
      await host.hears({ cmd: "state", name: "", max_players: 0, accept_conns: false });
      const { code } = await trial.prepare(host, () => host.say({ cmd: "prepare", max_players: 4, name: "start" }));
      const { id } = await trial.join({ host, code });
      host.say({ cmd: "start" });
      await host.hears({ cmd: "state", players: [id], accept_conns: false });
      const late = await trial.phone(code, {}, "a phone that comes after start");
      await late.end();
      const joined = (await host.settle()).filter(({ cmd }) => cmd === "player_joined");
      expectSame("Players that joined after start", joined, []);
    },
  },
  {
    is: "P2.4 a kick closes its player with 4503, and is told by player_left and then the state; a kick of no player by state alone",
    departure: "closes players without a code, and tells one more state",
    async run(trial) {
      const room = await trial.room();
      const { host } = room;
      const [one, two] = [
        await trial.join(room, {}, "the kicked phone"),
        await trial.join(room, {}, "the other phone"),
      ];
      host.say({ cmd: "kick", player: one.id });
      const told: HostNotice[] = [];
      while (!told.some(({ cmd }) => cmd === "player_left")) told.push(await host.next("player_left"));
      told.push(await host.next("the state behind player_left"));
      expectSame("The player that has left", told.at(-2)?.["player"], one.id);
      expectSame("The players behind it", told.at(-1)?.["players"], [two.id]);
      await one.phone.end();
      await trial.departing(async () => {
        await one.phone.endsWith(4503);
        expectSame("What the host is told", commandsOf(told), ["player_left", "state"]);
      });
      host.say({ cmd: "kick", player: NO_PLAYER });
      await host.hears({ cmd: "state", players: [two.id] });
      host.say({ cmd: "to_str", to: [two.id], data: "still here" });
      await two.phone.hears("still here");
      expectSame("What the host hears beside that", await host.settle(), []);
    },
  },
  {
    is: "P2.5 `to` sends bytes to the players of its list, each time that one stands there; an empty list means everybody",
    async run(trial) {
      const room = await trial.room();
      const [one, two] = [await trial.join(room, {}, "phone 1"), await trial.join(room, {}, "phone 2")];
      const { host } = room;
      host.say({ cmd: "to", to: [two.id, NO_PLAYER, one.id, two.id], data: BYTES });
      host.say({ cmd: "to", to: [], data: [7] });
      host.say({ cmd: "to", to: [one.id, two.id], data: [] });
      const bytes = Uint8Array.from(BYTES);
      await one.phone.hears(bytes, Uint8Array.of(7), new Uint8Array(0));
      await two.phone.hears(bytes, bytes, Uint8Array.of(7), new Uint8Array(0));
      expectSame("What the host is answered", await host.settle(), []);
    },
  },
  {
    is: "P2.6 `to_str` sends text to the players of its list, each time that one stands there; an empty list means everybody",
    async run(trial) {
      const room = await trial.room();
      const [one, two] = [await trial.join(room, {}, "phone 1"), await trial.join(room, {}, "phone 2")];
      const { host } = room;
      host.say({ cmd: "to_str", to: [two.id, NO_PLAYER, one.id, two.id], data: "ü 😀" });
      host.say({ cmd: "to_str", to: [], data: "all" });
      host.say({ cmd: "to_str", to: [one.id, two.id], data: "" });
      await one.phone.hears("ü 😀", "all", "");
      await two.phone.hears("ü 😀", "ü 😀", "all", "");
      expectSame("What the host is answered", await host.settle(), []);
    },
  },
  {
    is: "P2.7 stop closes the host and every player with 1001, and frees the code",
    departure: "closes players without a code",
    async run(trial) {
      const room = await trial.room();
      const seated = await trial.joinAll(room, 2);
      room.host.say({ cmd: "stop" });
      await room.host.peer.endsWith(1001);
      for (const { phone } of seated) await phone.end();
      await trial.departing(async () => {
        for (const { phone } of seated) await phone.endsWith(1001);
      });
      expectSame("GET of the code afterwards", (await trial.request("GET", `/${room.code}`)).status, 404);
    },
  },
  {
    is: "P2.7 a host that vanishes ends its room: its players are closed with 1001, and its code is free",
    departure: "leaves room and code behind for ever",
    async run(trial) {
      const room = await trial.room();
      const { phone } = await trial.join(room);
      room.host.peer.wire.cut();
      await phone.endsWith(1001);
      expectSame("GET of the code afterwards", (await trial.request("GET", `/${room.code}`)).status, 404);
    },
  },
]);

export const refusalChecks = checksOf("wmbp", [
  {
    is: "P2.13 what is no command is refused with an error, and the room goes on; every well-formed command is understood",
    departure: "byte strings, tags, whole floats, null among ids, and prepare without a name are invalid",
    async run(trial) {
      const room = await trial.room();
      const { phone, id } = await trial.join(room);
      const { host } = room;
      await expectRefused(host, "an empty frame", new Uint8Array(0));
      await expectRefused(host, "a byte that begins nothing", hex("ff"));
      await expectRefused(host, "a command that is cut off", hex("a1 63636d64 6573746172"));
      await expectRefused(host, "the same key twice", hex("a2 63636d64 657374617274 63636d64 6473746f70"));
      await expectRefused(host, "a command that there is not", writeItem({ cmd: "dance" }));
      await expectRefused(host, "a command without its field", writeItem({ cmd: "to_str", to: [id] }));
      await expectRefused(host, "text that is no JSON", "start");
      await expectRefused(host, "JSON and more", '{"cmd":"start"} {"cmd":"stop"}');
      host.expectPlain("error");

      host.sayJson({ data: "JSON", cmd: "to_str", to: [id], unknown: { field: [null] } });
      host.sayJson({ cmd: "to", to: [id], data: [1, 2] });
      host.peer.say(Buffer.concat([writeItem({ cmd: "to_str", to: [id], data: "bytes behind" }), Buffer.alloc(100)]));
      // {_ "data": (_ "in", "finite"), "to": [_ id], "cmd": "to_str" }
      const endless = [hex("bf 6464617461 7f 62696e 6666696e697465 ff 62746f 9f"), writeItem(id), hex("ff")];
      host.peer.say(Buffer.concat([...endless, writeItem("cmd"), writeItem("to_str"), hex("ff")]));
      await phone.hears("JSON", Uint8Array.of(1, 2), "bytes behind", "infinite");
      expectSame("What the host is answered", await host.settle(), []);

      await trial.departing(async () => {
        // {"cmd": "prepare", "max_players": 8.0}
        host.peer.say(hex("a2 63636d64 6770726570617265 6b6d61785f706c6179657273 fb4020000000000000"));
        await host.hears({ cmd: "prepare_reply", key: room.code });
        const bytes = Uint8Array.from(BYTES);
        host.say({ cmd: "to", to: [id], data: bytes });
        const addressed = Buffer.concat([hex("a3 63636d64 62746f 62746f 81"), writeItem(id), hex("6464617461")]);
        for (const tag of ["d840", "d844", "d848"])
          host.peer.say(Buffer.concat([addressed, hex(tag), writeItem(bytes)]));
        host.say({ cmd: "to_str", to: [null, id, undefined], data: "skipped" });
        host.say({ cmd: "to_str", to: [null], data: "for no player" });
        host.say({ cmd: "to_str", to: [id], data: "end" });
        await phone.hears(bytes, bytes, bytes, bytes, "skipped", "end");
      });
    },
  },
  {
    is: "P2.13 positional arrays and integer keys are no commands",
    departure: "understands them, an accident of its library",
    async run(trial) {
      const host = await trial.host();
      await host.next("state");
      await expectRefused(host, 'the array ["start"]', writeItem(["start"]));
      await expectRefused(host, "a map with the key 0", hex("a1 00 657374617274"));
    },
  },
]);
