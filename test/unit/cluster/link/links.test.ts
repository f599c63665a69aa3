import { describe, expect, test } from "@jest/globals";
import { encode } from "cborg";
import { WINDOW_BYTES } from "../../../../src/cluster/link/link-format.ts";
import { MAIL_TYPES } from "../../../../src/cluster/mail/mail-format.ts";
import { startLinked } from "../../../support/cluster/linked-nodes.ts";
import {
  command,
  expectNothingLeft,
  startHost,
  startRoom,
  told,
  type News,
} from "../../../support/cluster/linked-rooms.ts";
import { eventually } from "../../../support/inbox.ts";
import { LIMITS } from "../../../support/room/fake-room.ts";

/** A lease that is over while a test waits. */
const SHORT_LEASE_MS = 250;
const RELIABLE = "couchwire.v1";
const SESSION = "session=0123456789abcdef";
const KIBIBYTE = 1_024;

const isMail = ({ data }: { readonly data: Uint8Array }): boolean => data[1] === MAIL_TYPES.mail;

describe("a phone over a link", () => {
  test("is heard by its room, and hears it, in order", async () => {
    const { host, seat } = await startRoom();
    const { phone, player } = await seat();
    phone.say("one");
    phone.say(Uint8Array.of(1, 2, 3));
    expect(await told(host, "from_str")).toMatchObject({ from: player, data: "one" });
    expect(await told(host, "from")).toMatchObject({ from: player, data: expect.anything() });
    command(host, { cmd: "to_str", to: [player], data: "first" });
    command(host, { cmd: "to_str", to: [], data: "second" });
    expect(await phone.inbox.take(2)).toEqual(["first", "second"]);
  });

  test("of couchwire.v1 is greeted, and counts", async () => {
    const { host, seat } = await startRoom();
    const { phone, player } = await seat({ query: SESSION, subprotocols: RELIABLE });
    expect(String(await phone.inbox.next())).toMatch(/^\0hello /);
    command(host, { cmd: "to_str", to: [player], data: "counted" });
    expect(await phone.inbox.next()).toBe("counted");
    phone.say("said");
    expect(await told(host, "from_str")).toMatchObject({ data: "said" });
  });

  test("is let in where its home opens the room again as the phone comes", async () => {
    let isOpen = false;
    const room = await startRoom({
      homesOthers: {
        isHere: ({ for: wants }) => wants === "host" || isOpen,
        isNowhere: () => false,
        whereIs(_, mayOpen) {
          isOpen = mayOpen === false;
          return "here";
        },
      },
    });
    const { phone, player } = await room.seat();
    phone.say("one");
    expect(await told(room.host, "from_str")).toMatchObject({ from: player, data: "one" });
  });

  test("is asked to come again where its room is not at the home by now", async () => {
    const room = await startRoom({
      homesOthers: {
        isHere: ({ for: wants }) => wants === "host",
        isNowhere: () => false,
        whereIs: () => "here",
      },
    });
    expect(await room.join().closings.next()).toMatchObject({ name: "restarting" });
  });

  test("with a session comes back to its seat over another link", async () => {
    const { host, seat, join } = await startRoom();
    const { phone, player } = await seat({ query: SESSION });
    phone.hangUp();
    await eventually("its line is known to be cut", () => phone.isGone);
    const again = join({ query: SESSION });
    await eventually("it is let in", () => again.handler?.ids.player === player);
    command(host, { cmd: "to_str", to: [player], data: "still you" });
    expect(await again.inbox.next()).toBe("still you");
  });

  test("that is kicked is told why by name and reason", async () => {
    const room = await startRoom();
    const { phone, player } = await room.seat();
    command(room.host, { cmd: "kick", player, reason: "You cheated." });
    expect(await phone.closings.next()).toEqual({ name: "kicked", reason: "You cheated." });
    await expectNothingLeft(room);
  });

  test("hears that its room is over", async () => {
    const room = await startRoom();
    const { phone } = await room.seat();
    room.host.leave();
    expect(await phone.closings.next()).toMatchObject({ name: "room_closed" });
    await expectNothingLeft(room);
  });

  test("is refused with the home's name and reason, and counted as refused by its own node alone", async () => {
    const room = await startRoom();
    const lost = room.edge.arrive({ for: "player", code: room.code === "ZZZZ" ? "YYYY" : "ZZZZ" });
    expect(await lost.closings.next()).toEqual({ name: "room_not_found", reason: "Game not found" });
    await expectNothingLeft(room);
    expect([room.home.refusals, room.edge.refusals]).toEqual([[], ["room_not_found"]]);
  });

  test("leaves on purpose, and the room knows", async () => {
    const room = await startRoom();
    const { phone, player } = await room.seat();
    phone.say("bye");
    phone.leave();
    expect(await told(room.host, "from_str")).toMatchObject({ data: "bye" });
    expect(await told(room.host, "player_left")).toMatchObject({ player });
    await expectNothingLeft(room);
  });

  test("that is closed by both sides at once is gone once", async () => {
    const room = await startRoom();
    const { phone, player } = await room.seat();
    command(room.host, { cmd: "kick", player });
    phone.leave();
    expect(await told(room.host, "player_left")).toMatchObject({ player });
    await expectNothingLeft(room);
  });

  test("that does not hang up is cut by its own node, and the home waits no longer than it does for others", async () => {
    const room = await startRoom();
    const { phone, player } = await room.seat();
    phone.isStubborn = true;
    command(room.host, { cmd: "kick", player });
    await phone.closings.next();
    expect(room.home.links.counts.atHome).toBe(1);
    phone.hangUp();
    await expectNothingLeft(room);
  });

  test("is counted once over both nodes, at its own, and not pinged by the home", async () => {
    const room = await startRoom({ pingMs: 80 });
    const { phone } = await room.seat();
    const counts = [room.home, room.edge].map(({ connections: { socketCount, connectionCount } }) => [
      socketCount,
      connectionCount,
    ]);
    expect(counts).toEqual([
      [1, 2],
      [1, 1],
    ]);
    for (const { connections } of [room.home, room.edge]) expect(connections.census()).toMatchObject({ websocket: 1 });
    await eventually("the edge has pinged it often", () => phone.pings > 8);
    expect(phone.probes).toBe(phone.pings);
    expect(phone.closing).toBeUndefined();
  });

  test("gets frames of any size, and says them", async () => {
    const { host, seat } = await startRoom();
    const { phone, player } = await seat();
    for (const size of [0, 1, WINDOW_BYTES, 4 * KIBIBYTE * KIBIBYTE]) {
      const data = "x".repeat(size);
      command(host, { cmd: "to_str", to: [player], data });
      expect(await phone.inbox.next()).toBe(data);
      phone.say(data);
      expect((await told(host, "from_str"))["data"]).toBe(data);
    }
  });
});

describe("a host over a link", () => {
  test.each(["format=json", "format=cbor"])("with %s runs its room at the home", async (query) => {
    const room = await startLinked();
    const isJson = query === "format=json";
    const host = room.edge.arrive({ for: "host" }, { query });
    const tell = (what: News): void => host.say(isJson ? JSON.stringify(what) : encode(what));
    tell({ cmd: "prepare", max_players: 8, name: "game" });
    const { key } = await told(host, "prepare_reply");
    const phone = room.home.arrive({ for: "player", code: String(key) });
    const { player } = await told(host, "player_joined");
    phone.say("hello");
    expect(await told(host, "from_str")).toMatchObject({ data: "hello" });
    tell({ cmd: "to_str", to: [player], data: "welcome" });
    expect(await phone.inbox.next()).toBe("welcome");
    host.leave();
    expect(await phone.closings.next()).toMatchObject({ name: "room_closed" });
    await expectNothingLeft(room);
  });

  test("that asks for nonsense is closed with the home's sentence", async () => {
    const room = await startLinked();
    const host = room.edge.arrive({ for: "host" }, { query: "format=json&state=some" });
    expect(await host.closings.next()).toEqual({ name: "bad_request", reason: expect.stringMatching(/state/) });
    await expectNothingLeft(room);
  });
});

describe("what a session asks of its port works over a link", () => {
  test("it confirms what arrived, as the edge's socket says", async () => {
    const { host, seat } = await startRoom();
    const { phone, player } = await seat({ query: SESSION });
    command(host, { cmd: "to_str", to: [player], data: "one" });
    const count = await phone.confirms.next();
    phone.answerConfirm(count);
    command(host, { cmd: "to_str", to: [player], data: "two" });
    expect(await phone.confirms.next()).toBeGreaterThan(count);
  });

  test("it measures the way to the phone", async () => {
    const { host, seat, home } = await startRoom();
    const { phone } = await seat();
    const before = phone.probes;
    command(host, { cmd: "health", every: 1 });
    home.hub.clock.pass(1_000);
    await eventually("it is probed", () => phone.probes > before);
    phone.answerProbe(123);
    await eventually("the host is told", async () => {
      home.hub.clock.pass(1_000);
      await new Promise((resolve) => void setImmediate(resolve));
      return host.inbox.drain().some((frame) => String(frame).includes('"rtt":123'));
    });
  });

  test("a paused phone is not read at the edge, and is read again", async () => {
    const room = await startRoom();
    const { phone } = await room.seat();
    room.host.isDeaf = true;
    let sent = 0;
    while (phone.isRead) {
      phone.say("x".repeat(10 * KIBIBYTE));
      sent += 1;
      await new Promise((resolve) => void setImmediate(resolve));
      expect(sent * 10 * KIBIBYTE).toBeLessThan(WINDOW_BYTES);
    }
    room.host.isDeaf = false;
    room.host.drain();
    await eventually("it is read again", () => phone.isRead);
    for (let index = 0; index < sent; index++) await told(room.host, "from_str");
  });

  test("what a phone says before it leaves is heard before that, also where the room reads nothing for a while", async () => {
    const { host, seat } = await startRoom();
    const { phone, player } = await seat();
    host.isDeaf = true;
    const texts = Array.from({ length: 20 }, (_none, index) => `${index}`.padEnd(10 * KIBIBYTE));
    for (const text of texts) phone.say(text);
    phone.hangUp();
    await eventually("the room reads nothing more", () => phone.isGone && host.queued > 0);
    for (const text of texts) {
      expect((await told(host, "from_str"))["data"]).toBe(text);
      host.drain();
    }
    host.isDeaf = false;
    host.drain();
    expect(await told(host, "player_left")).toMatchObject({ player });
  });
});

/** Bytes that wait for the phones of the room, as its home knows it, at either node. */
function waitingIn({ home, code }: Awaited<ReturnType<typeof startRoom>>): number {
  const facts = home.hub.hub.find(code)?.players?.facts() ?? [];
  return facts.reduce((sum, { queued }) => sum + queued, 0);
}

/** Bytes that both nodes count as waiting. */
function countedIn({ home, edge }: Awaited<ReturnType<typeof startRoom>>): number {
  return home.connections.census().queuedBytes + edge.connections.census().queuedBytes;
}

describe("a slow phone", () => {
  test("fills no more memory at its node than a window, and is closed by the home as slow", async () => {
    const room = await startRoom({ hub: { limits: { ...LIMITS, sendQueue: 1_000_000, maxPlayers: 100 } } });
    const { phone, player } = await room.seat();
    phone.isDeaf = true;
    const frame = "x".repeat(10 * KIBIBYTE);
    for (let index = 0; index < 90; index++) command(room.host, { cmd: "to_str", to: [player], data: frame });
    await eventually("the home sees what waits", () => waitingIn(room) > 800 * KIBIBYTE);
    expect(phone.closing).toBeUndefined();
    expect(phone.mostQueued).toBeLessThanOrEqual(WINDOW_BYTES + frame.length);
    for (let index = 0; index < 20; index++) command(room.host, { cmd: "to_str", to: [player], data: frame });
    expect(await phone.closings.next()).toMatchObject({ name: "slow_consumer" });
    await expectNothingLeft(room);
  });

  test("that reads again gets all of it, in order", async () => {
    const room = await startRoom({ hub: { limits: { ...LIMITS, sendQueue: 10_000_000, maxPlayers: 100 } } });
    const { phone, player } = await room.seat();
    phone.isDeaf = true;
    const texts = Array.from({ length: 200 }, (_none, index) => `${index}`.padEnd(10 * KIBIBYTE));
    for (const data of texts) command(room.host, { cmd: "to_str", to: [player], data });
    const heard: string[] = [];
    while (heard.length < texts.length) {
      heard.push(String(await phone.inbox.next()));
      if (phone.queued > WINDOW_BYTES / 2) phone.drain();
    }
    expect(heard).toEqual(texts);
    phone.isDeaf = false;
    phone.drain();
    await eventually("nothing waits", () => waitingIn(room) === 0);
    expect(phone.mostQueued).toBeLessThanOrEqual(WINDOW_BYTES + 10 * KIBIBYTE);
  });

  test("is seen to read slowly before it has read all", async () => {
    const room = await startRoom({ hub: { limits: { ...LIMITS, sendQueue: 10_000_000, maxPlayers: 100 } } });
    const { phone, player } = await room.seat();
    phone.isDeaf = true;
    for (let index = 0; index < 10; index++)
      command(room.host, { cmd: "to_str", to: [player], data: "x".repeat(10_000) });
    await eventually("all of it waits", () => phone.queued === 100_000);
    await eventually("the home knows", () => waitingIn(room) > 100_000);
    expect(countedIn(room)).toBe(100_000); // each byte where it waits, and nowhere else
    phone.drain(60_000);
    await eventually("the home knows that too", () => waitingIn(room) < 50_000);
    expect(phone.closing).toBeUndefined();
  });
});

describe("what one turn says", () => {
  test("to many phones at one node is one bus message, and one frame for all of them travels once", async () => {
    const { bus, host, join } = await startRoom();
    const phones = Array.from({ length: 200 }, (_none, index) => join({ address: `10.${index}.0.1` }));
    await eventually("all are let in", () => phones.every(({ handler }) => handler?.ids.player !== undefined));
    const before = bus.published.length;
    const frame = "x".repeat(10_000);
    command(host, { cmd: "to_str", to: [], data: frame });
    for (const phone of phones) expect(await phone.inbox.next()).toBe(frame);
    const mails = bus.published.slice(before).filter(isMail);
    const toEdge = mails.find(({ subject }) => subject.endsWith("edge"));
    expect(toEdge?.data.length).toBeLessThan(10_000 + 200 * 4 + 100);
    expect(mails.length).toBeLessThan(5);
    expect(bus.subscriptions).toBe(4);
  });
});

describe("where the way between the nodes is lost", () => {
  test("by a gap, the edge closes with 1012 and the home's room takes the phone for cut", async () => {
    const room = await startRoom();
    const { phone, player } = await room.seat({ query: SESSION });
    const dropped = room.bus.dropNext(isMail);
    command(room.host, { cmd: "to_str", to: [player], data: "lost" });
    await dropped;
    command(room.host, { cmd: "to_str", to: [player], data: "noticed" });
    expect(await phone.closings.next()).toMatchObject({ name: "restarting" });
    await expectNothingLeft(room);
    room.home.hub.clock.pass(3_000);
    expect(await told(room.host, "player_away")).toMatchObject({ player });
    await expectNothingLeft(room);
    const again = room.join({ query: SESSION });
    expect(await again.inbox.take(2)).toEqual(["lost", "noticed"]);
  });

  test("by messages that change places, all links between the two end", async () => {
    const room = await startRoom();
    const phones = [(await room.seat()).phone, (await room.seat()).phone];
    room.bus.swapNext((message) => isMail(message) && message.subject.endsWith("home"));
    phones[0]?.say("one");
    await new Promise((resolve) => void setImmediate(resolve));
    phones[0]?.say("two");
    for (const phone of phones) expect(await phone.closings.next()).toMatchObject({ name: "restarting" });
    await expectNothingLeft(room);
  });

  test("by silence, within the lease", async () => {
    const room = await startRoom({ leaseMs: SHORT_LEASE_MS });
    const { phone, player } = await room.seat();
    room.bus.fault = () => [];
    expect(await phone.closings.next()).toMatchObject({ name: "restarting" });
    expect(await told(room.host, "player_left")).toMatchObject({ player });
    await expectNothingLeft(room);
  });

  test("since the home ends, a phone that is just asking is told to come back", async () => {
    const room = await startRoom();
    await room.seat();
    const dropped = room.bus.dropNext(isMail);
    const phone = room.join();
    await dropped;
    await room.home.mail.close();
    expect(await phone.closings.next()).toMatchObject({ name: "restarting" });
  });

  test("since a node takes another name, links of before end and new ones begin", async () => {
    const room = await startRoom();
    const { phone } = await room.seat();
    await room.edge.mail.start("edge2");
    expect(await phone.closings.next()).toMatchObject({ name: "restarting" });
    await expectNothingLeft(room);
    const { phone: next } = await room.seat();
    command(room.host, { cmd: "to_str", to: [], data: "hello" });
    expect(await next.inbox.next()).toBe("hello");
  });
});

/** A phone whose admission at the home is undecided until `settle`. */
async function startSlow() {
  const asked: (() => void)[] = [];
  const joinGuard = { admit: () => new Promise<undefined>((resolve) => asked.push(() => resolve(undefined))) };
  const nodes = await startLinked({ admission: { joinGuard } });
  const { host, code } = await startHost(nodes.home);
  const phone = nodes.edge.arrive({ for: "player", code });
  await eventually("the guard is asked", () => asked.length > 0);
  const settle = (): void => {
    for (const answer of asked) answer();
  };
  return { ...nodes, host, phone, settle };
}

describe("while the admission at the home is undecided", () => {
  test("the phone is not read, and its early frames come in order", async () => {
    const { host, phone, settle } = await startSlow();
    expect(phone.isRead).toBe(false);
    for (const text of ["one", "two", "three"]) phone.say(text);
    settle();
    const heard = [await told(host, "from_str"), await told(host, "from_str"), await told(host, "from_str")];
    expect(heard.map(({ data }) => data)).toEqual(["one", "two", "three"]);
  });

  test("a phone that has hung up meanwhile takes no seat", async () => {
    const room = await startSlow();
    room.phone.leave();
    room.settle();
    await expectNothingLeft(room);
    expect(room.host.inbox.drain().filter((frame) => String(frame).includes("player_joined"))).toEqual([]);
  });

  test("a home that is lost then closes the phone with 1012", async () => {
    const room = await startSlow();
    await room.home.mail.close();
    expect(await room.phone.closings.next()).toMatchObject({ name: "restarting" });
  });
});

describe("limits", () => {
  test("a phone that floods its socket with pings is banned by the home", async () => {
    const room = await startRoom();
    const { phone } = await room.seat();
    phone.end("rate_limited", phone.handler?.ban());
    await expectNothingLeft(room);
    const again = room.join();
    expect(await again.closings.next()).toMatchObject({ name: "rate_limited" });
  });

  test("an expelled phone leaves for good", async () => {
    const room = await startRoom();
    const { phone, player } = await room.seat({ query: SESSION });
    room.edge.connections.expel(({ address }) => address === "192.0.2.1", "You are banned.");
    expect(await phone.closings.next()).toEqual({ name: "kicked", reason: "You are banned." });
    expect(await told(room.host, "player_left")).toMatchObject({ player });
    await expectNothingLeft(room);
  });

  test("a home that drains closes the phones of other nodes too", async () => {
    const room = await startRoom();
    const { phone } = await room.seat();
    await room.home.connections.drain();
    expect(await phone.closings.next()).toMatchObject({ name: "restarting" });
    await expectNothingLeft(room);
  });
});
