/** What every way to host a room has to do: a page over a WebSocket in CBOR or JSON, code in the server's process, or a transport of your own. */
import { strict as assert } from "node:assert";
import { endsWith, soon, until, type Behaviour, type ConnectionEnd } from "./behaviour.ts";

/** What a host is told. Bytes are a `Uint8Array`, whatever the wire has. */
export interface HostNewsSeen {
  readonly cmd: string;
  readonly [field: string]: unknown;
}

/** A command of a host, as in docs/PROTOCOL.md: `data` of `to` is a `Uint8Array`, of `to_str` a string, and `to` a list of ids. */
export interface HostCommandSaid {
  readonly cmd: string;
  readonly [field: string]: unknown;
}

/** A host that has connected and has not prepared its room. */
export interface HostUnderTest {
  say(command: HostCommandSaid): void;
  /** The next thing that it is told. */
  next(): Promise<HostNewsSeen>;
  /** Leaves on purpose. */
  leave(): Promise<void>;
  readonly closed: Promise<ConnectionEnd>;
}

/** A phone. */
export interface PhoneUnderTest {
  say(data: string | Uint8Array): void;
  next(): Promise<string | Uint8Array>;
  leave(): Promise<void>;
  /** Ends its connection without a word. */
  cut(): Promise<void>;
  readonly closed: Promise<ConnectionEnd>;
}

/** What the suite needs of the port that it tests. */
export interface HostTarget {
  connectHost(): Promise<HostUnderTest>;
  /** A phone without a session goes to the room of this code. Resolves when it is connected: whether it has a seat is told by what comes. */
  connectPhone(code: string): Promise<PhoneUnderTest>;
}

interface OpenedRoom {
  readonly host: HostUnderTest;
  readonly code: string;
}

const BYTES = new Uint8Array([0, 1, 127, 128, 255]);

async function told(host: HostUnderTest, cmd: string): Promise<HostNewsSeen> {
  return until(
    `the host is told ${cmd}`,
    () => host.next(),
    (news) => news.cmd === cmd,
  );
}

async function open(target: HostTarget, maxPlayers = 8): Promise<OpenedRoom> {
  const host = await soon("a host's connection", target.connectHost());
  host.say({ cmd: "prepare", max_players: maxPlayers, name: "suite" });
  const { key } = await told(host, "prepare_reply");
  assert.equal(typeof key, "string");
  return { host, code: String(key) };
}

async function join(target: HostTarget, { host, code }: OpenedRoom) {
  const phone = await soon("a phone's connection", target.connectPhone(code));
  const { player } = await told(host, "player_joined");
  assert.equal(typeof player, "number");
  return { phone, player: Number(player) };
}

/** Waits until all that the host has said before was dealt with: a kick of nobody is answered with the state. */
async function settle(host: HostUnderTest): Promise<readonly HostNewsSeen[]> {
  const before: HostNewsSeen[] = [];
  host.say({ cmd: "kick", player: 0 });
  for (;;) {
    const news = await soon("a state", host.next());
    if (news.cmd === "state") return before;
    before.push(news);
  }
}

async function refused(target: HostTarget, code: string, closeCode: number): Promise<void> {
  const phone = await soon("a phone's connection", target.connectPhone(code));
  await endsWith(closeCode, phone.closed);
}

/** The behaviours of a host's port. */
export const hostSuite: readonly Behaviour<HostTarget>[] = [
  {
    name: "P2.1 a host is told the empty state when it connects",
    async run(target) {
      const host = await target.connectHost();
      const { players, max_players, accept_conns } = await told(host, "state");
      assert.deepEqual({ players, max_players, accept_conns }, { players: [], max_players: 0, accept_conns: false });
      await host.leave();
    },
  },
  {
    name: "P2.2 prepare opens the room: its state, then its code",
    async run(target) {
      const host = await target.connectHost();
      await told(host, "state");
      host.say({ cmd: "prepare", max_players: 3, name: "suite" });
      const { name, max_players, accept_conns } = await told(host, "state");
      assert.deepEqual({ name, max_players, accept_conns }, { name: "suite", max_players: 3, accept_conns: true });
      const { key } = await told(host, "prepare_reply");
      assert.match(String(key), /^[A-Z]{4}$/);
      await host.leave();
    },
  },
  {
    name: "P2.2 a second prepare answers the same code and changes nothing",
    async run(target) {
      const { host, code } = await open(target);
      host.say({ cmd: "prepare", max_players: 1, name: "another" });
      assert.equal((await told(host, "prepare_reply"))["key"], code);
      await join(target, { host, code });
      await join(target, { host, code });
      await host.leave();
    },
  },
  {
    name: "P2.14 players' ids ascend, and none is given out twice",
    async run(target) {
      const room = await open(target);
      const first = await join(target, room);
      const second = await join(target, room);
      await first.phone.leave();
      await told(room.host, "player_left");
      const third = await join(target, room);
      assert.deepEqual([first.player, second.player, third.player], [1, 2, 3]);
      await room.host.leave();
    },
  },
  {
    name: "P2.12 text of a phone reaches the host as it is, empty text too",
    async run(target) {
      const room = await open(target);
      const { phone, player } = await join(target, room);
      for (const data of ["hello", "", "ü😀\u2028", '{"json":true}']) {
        phone.say(data);
        const { from, data: heard } = await told(room.host, "from_str");
        assert.deepEqual([from, heard], [player, data]);
      }
      await room.host.leave();
    },
  },
  {
    name: "P2.11 bytes of a phone reach the host as they are, none too",
    async run(target) {
      const room = await open(target);
      const { phone, player } = await join(target, room);
      for (const data of [BYTES, new Uint8Array(0)]) {
        phone.say(data);
        const { from, data: heard } = await told(room.host, "from");
        assert.equal(from, player);
        assert.deepEqual(heard, data);
      }
      await room.host.leave();
    },
  },
  {
    name: "P2.15 frames of one phone reach the host in the order sent",
    async run(target) {
      const room = await open(target);
      const { phone } = await join(target, room);
      const sent = Array.from({ length: 50 }, (_, number) => String(number));
      for (const data of sent) phone.say(data);
      const heard: unknown[] = [];
      while (heard.length < sent.length) heard.push((await told(room.host, "from_str"))["data"]);
      assert.deepEqual(heard, sent);
      await room.host.leave();
    },
  },
  {
    name: "P2.16 each phone is told apart by its connection",
    async run(target) {
      const room = await open(target);
      const [one, two] = [await join(target, room), await join(target, room)];
      one.phone.say("one");
      assert.equal((await told(room.host, "from_str"))["from"], one.player);
      two.phone.say("two");
      assert.equal((await told(room.host, "from_str"))["from"], two.player);
      await room.host.leave();
    },
  },
  {
    name: "P2.6 text of the host reaches all phones, in the order sent",
    async run(target) {
      const room = await open(target);
      const phones = [await join(target, room), await join(target, room)];
      for (const data of ["first", "", "third"]) room.host.say({ cmd: "to_str", to: [], data });
      for (const { phone } of phones) {
        for (const data of ["first", "", "third"]) assert.equal(await soon(`"${data}"`, phone.next()), data);
      }
      await room.host.leave();
    },
  },
  {
    name: "P2.5 bytes of the host reach those that they are for, and ids that are not there are skipped",
    async run(target) {
      const room = await open(target);
      const [one, two] = [await join(target, room), await join(target, room)];
      room.host.say({ cmd: "to", to: [one.player, 99], data: BYTES });
      room.host.say({ cmd: "to_str", to: [], data: "all" });
      assert.deepEqual(await soon("the bytes", one.phone.next()), BYTES);
      assert.equal(await soon("what is for all", one.phone.next()), "all");
      assert.equal(await soon("what is for all", two.phone.next()), "all");
      await room.host.leave();
    },
  },
  {
    name: "P5.3.3 what the host says reaches all but those that it excepts",
    async run(target) {
      const room = await open(target);
      const [one, two] = [await join(target, room), await join(target, room)];
      room.host.say({ cmd: "to_str", to: [], except: [one.player], data: "not for one" });
      room.host.say({ cmd: "to_str", to: [], data: "all" });
      assert.equal(await soon("what is for two", two.phone.next()), "not for one");
      assert.equal(await soon("what is for all", one.phone.next()), "all");
      await room.host.leave();
    },
  },
  {
    name: "P2.4 a kick closes the phone with 4503 and the host's reason, and the host is told that it left",
    async run(target) {
      const room = await open(target);
      const { phone, player } = await join(target, room);
      room.host.say({ cmd: "kick", player, reason: "Bye." });
      await endsWith(4503, phone.closed);
      assert.equal((await phone.closed).reason, "Bye.");
      assert.equal((await told(room.host, "player_left"))["player"], player);
      await room.host.leave();
    },
  },
  {
    name: "P2.10 the host is told of a phone that leaves",
    async run(target) {
      const room = await open(target);
      const { phone, player } = await join(target, room);
      await phone.leave();
      assert.equal((await told(room.host, "player_left"))["player"], player);
      await room.host.leave();
    },
  },
  {
    name: "P2.10 the host is told of a phone whose connection breaks, after what it had said",
    async run(target) {
      const room = await open(target);
      const { phone, player } = await join(target, room);
      phone.say("last words");
      assert.equal((await told(room.host, "from_str"))["data"], "last words");
      await phone.cut();
      assert.equal((await told(room.host, "player_left"))["player"], player);
      await room.host.leave();
    },
  },
  {
    name: "P2.3 after start newcomers are refused with 4523 and never announced, and after open they come in",
    async run(target) {
      const room = await open(target);
      room.host.say({ cmd: "start" });
      await settle(room.host);
      await refused(target, room.code, 4523);
      assert.deepEqual(
        (await settle(room.host)).filter(({ cmd }) => cmd !== "state"),
        [],
      );
      room.host.say({ cmd: "open" });
      await settle(room.host);
      await join(target, room);
      await room.host.leave();
    },
  },
  {
    name: "P2.9 a phone that finds the room full is refused with 4510 and never announced",
    async run(target) {
      const room = await open(target, 1);
      const { phone } = await join(target, room);
      await settle(room.host);
      await refused(target, room.code, 4510);
      assert.deepEqual(
        (await settle(room.host)).filter(({ cmd }) => cmd !== "state"),
        [],
      );
      await phone.leave();
      await told(room.host, "player_left");
      await join(target, room);
      await room.host.leave();
    },
  },
  {
    name: "P2.13 a command that cannot be followed is answered with an error, and the room stays",
    async run(target) {
      const host = await target.connectHost();
      host.say({ cmd: "open" });
      assert.equal((await told(host, "error"))["code"], "not_prepared");
      host.say({ cmd: "prepare", max_players: 2, name: "suite" });
      const { key } = await told(host, "prepare_reply");
      const { phone } = await join(target, { host, code: String(key) });
      host.say({ cmd: "rescue", player: 99 });
      assert.equal((await told(host, "error"))["code"], "invalid_field");
      host.say({ cmd: "to_str", to: [], data: "still here" });
      assert.equal(await soon("what the host said", phone.next()), "still here");
      await host.leave();
    },
  },
  {
    name: "P2.7 stop closes all phones with 1001, and the code leads nowhere",
    async run(target) {
      const room = await open(target);
      const phones = [await join(target, room), await join(target, room)];
      room.host.say({ cmd: "stop" });
      for (const { phone } of phones) await endsWith(1001, phone.closed);
      await endsWith(1001, room.host.closed);
      await refused(target, room.code, 4504);
    },
  },
  {
    name: "P2.7 a host that leaves ends its room",
    async run(target) {
      const room = await open(target);
      const { phone } = await join(target, room);
      await room.host.leave();
      await endsWith(1001, phone.closed);
      await refused(target, room.code, 4504);
    },
  },
];
