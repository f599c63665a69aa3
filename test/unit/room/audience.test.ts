/** Watchers of a room, without sockets: who is let in, what they are sent, how their votes reach the host, and how often. */
import { describe, expect, test } from "@jest/globals";
import type { HostNews } from "../../support/host-client.ts";
import { bytes } from "../../support/room/fake-port.ts";
import { CrowdedRoom, type EnteredPhone } from "../../support/room/crowded-room.ts";
import { LIMITS } from "../../support/room/fake-room.ts";

interface AudienceReport extends HostNews {
  readonly tally: Readonly<Record<string, number>>;
  readonly other?: number;
}

function isReport(news: HostNews): news is AudienceReport {
  return news.cmd === "audience";
}

function reportsIn(news: readonly HostNews[]): AudienceReport[] {
  return news.filter(isReport);
}

/** All votes that these reports tell of, added up. */
function votesIn(reports: readonly AudienceReport[]): number {
  let votes = 0;
  for (const { tally, other = 0 } of reports) {
    for (const count of Object.values(tally)) votes += count;
    votes += other;
  }
  return votes;
}

describe("watchers", () => {
  test("P5.6 have no seat, and a state has their number", () => {
    const room = CrowdedRoom.crowded({ audience: 2 });
    expect(room.room.state).toEqual({
      cmd: "state",
      name: "sketch",
      players: [],
      max_players: 2,
      accept_conns: true,
      audience: 0,
    });
    room.watch();
    expect(room.heard()).toEqual([
      { cmd: "state", name: "sketch", players: [], max_players: 2, accept_conns: true, audience: 1 },
    ]);
    room.watch();
    expect(room.turnedAway({ isSpectator: true })).toBe("room_full");
    expect(room.room.playerCount).toBe(0);
  });

  test("P5.6 come in at any time: into a full room and a locked one", () => {
    const room = CrowdedRoom.crowded({ audience: 2, max_players: 0 });
    room.order({ cmd: "start" });
    expect(room.watch().at).toBe("admitted");
  });

  test("P5.6 are let into no room whose prepare has no audience", () => {
    const room = CrowdedRoom.crowded({});
    expect(room.turnedAway({ isSpectator: true })).toBe("room_full");
    expect(room.room.state).not.toHaveProperty("audience");
  });

  test("P5.6 show the PIN as players do", () => {
    for (const audience of [0, 2]) {
      const room = CrowdedRoom.crowded({ audience, pin: "4711" });
      expect(room.turnedAway({ isSpectator: true })).toBe("unauthorized");
    }
    const room = CrowdedRoom.crowded({ audience: 2, pin: "4711" });
    expect(room.watch({ pin: "4711" }).at).toBe("admitted");
  });

  test("P5.8.6 count as seats where newcomers are limited", () => {
    const room = CrowdedRoom.crowded({ audience: 50, max_players: 2 });
    for (let number = 0; number < 100 + 4 * 52; number++) room.watch({ network: "home" }).handler.gone("cut");
    expect(room.turnedAway({ isSpectator: true, network: "home" })).toBe("rate_limited");
  });

  test("P5.6 hear what is for the audience, and nothing that is for players", () => {
    const room = CrowdedRoom.crowded({ audience: 3 });
    const phone = room.enter();
    const [one, two] = [room.watch(), room.watch()];
    room.order({ cmd: "to_audience_str", data: bytes("curtain") });
    room.order({ cmd: "to_audience", data: Uint8Array.of(1, 2) });
    room.show("for players");
    for (const { port } of [one, two]) expect(port.take()).toEqual(["curtain", [1, 2]]);
    expect(phone.port.take()).toEqual(["for players"]);
  });

  test("P5.6 are sent one frame of one memory, so that it is framed once for them all", () => {
    const room = CrowdedRoom.crowded({ audience: 3 });
    const sent = new Set<Uint8Array>();
    for (const { port } of [room.watch(), room.watch(), room.watch()]) port.send = (data) => void sent.add(data);
    room.order({ cmd: "to_audience_str", data: bytes("x".repeat(300)) });
    room.order({ cmd: "to_audience_str", data: bytes("x".repeat(300_000)) });
    expect(sent.size).toBe(2);
  });

  test("P5.6 that do not read are closed, and hold up no other", () => {
    const room = CrowdedRoom.crowded({ audience: 2 });
    const [slow, quick] = [room.watch(), room.watch()];
    slow.port.queued = LIMITS.sendQueue;
    room.order({ cmd: "to_audience_str", data: bytes("curtain") });
    expect(slow.port.closing?.name).toBe("slow_consumer");
    expect(quick.port.take()).toEqual(["curtain"]);
    expect(room.room.audienceCount).toBe(1);
  });

  test.each<[string, (watcher: EnteredPhone) => void]>([
    ["longer text", ({ handler }) => handler.message(bytes("x".repeat(65)), true)],
    ["binary", ({ handler }) => handler.message(Uint8Array.of(1), false)],
  ])("P5.6 that say %s are closed with 4500", (_, say) => {
    const room = CrowdedRoom.crowded({ audience: 1 });
    const watcher = room.watch();
    room.vote(watcher, "x".repeat(64));
    say(watcher);
    expect(watcher.port.closing?.name).toBe("bad_request");
    expect(room.room.audienceCount).toBe(0);
    expect(votesIn(reportsIn(room.heard()))).toBe(1);
  });

  test("P5.6 that say too much are closed with 4029, and banned", () => {
    const room = CrowdedRoom.crowded({ audience: 1 }, { playerRate: 10, playerBurst: 5 });
    const watcher = room.watch({ visitor: "visitor" });
    for (let number = 0; number < 6; number++) room.vote(watcher, "a");
    expect(watcher.port.closing?.name).toBe("rate_limited");
    expect(room.directory.banned).toEqual(["visitor"]);
    room.clock.pass(250);
    expect(votesIn(reportsIn(room.heard()))).toBe(5);
  });

  test("P5.6.7 are closed with the room", () => {
    const room = CrowdedRoom.crowded({ audience: 2 });
    const watcher = room.watch();
    room.vote(watcher, "a");
    room.vote(watcher, "b");
    room.order({ cmd: "stop" });
    expect(watcher.port.closing?.name).toBe("room_closed");
    expect(room.clock.pending).toBe(0);
    room.vote(watcher, "late");
  });
});

describe("joins and leaves of watchers", () => {
  test("P5.6 change the state four times a second at most, and the last one is right", () => {
    const room = CrowdedRoom.crowded({ audience: 1_000 });
    const watchers: EnteredPhone[] = [];
    const states: HostNews[] = [];
    for (let tick = 0; tick < 200; tick++) {
      for (let number = 0; number < 5; number++) watchers.push(room.watch());
      room.clock.pass(5);
      states.push(...room.heard());
    }
    for (const { handler } of watchers.slice(0, 400)) handler.gone("cut");
    room.clock.pass(250);
    states.push(...room.heard());
    expect(states.length).toBeLessThanOrEqual(6);
    expect(states.at(-1)).toMatchObject({ cmd: "state", audience: 600 });
  });

  test("P5.9.12 reach a host that is told changes as changes", () => {
    const room = new CrowdedRoom({}, { isReliable: false, states: "delta" });
    room.tell({ cmd: "prepare", max_players: 2, name: "sketch", audience: 5 });
    room.watch();
    expect(room.heard()).toEqual([{ cmd: "state_delta", audience: 1 }]);
    room.enter();
    expect(room.heard()).toEqual([{ cmd: "player_joined", player: 1 }]);
  });
});

describe("votes", () => {
  test("P5.6 the first after a quiet quarter second goes at once, the others together when the next is over", () => {
    const room = CrowdedRoom.crowded({ audience: 2 });
    const [one, two] = [room.watch(), room.watch()];
    room.clock.pass(1_000);
    room.heard();
    room.vote(one, "left");
    expect(room.heard()).toEqual([{ cmd: "audience", count: 2, tally: { left: 1 } }]);
    room.vote(one, "left");
    room.vote(two, "right");
    room.vote(two, "left");
    room.clock.pass(249);
    expect(room.heard()).toEqual([]);
    room.clock.pass(1);
    expect(room.heard()).toEqual([{ cmd: "audience", count: 2, tally: { left: 2, right: 1 } }]);
    room.clock.pass(10_000);
    expect(room.heard()).toEqual([]);
    expect(room.clock.pending).toBe(0);
  });

  test("P5.6 of a flood of texts stay within four small reports a second", () => {
    const room = CrowdedRoom.crowded({ audience: 100 }, { playerRate: 0 });
    const watchers = Array.from({ length: 100 }, () => room.watch());
    room.clock.pass(1_000);
    room.heard();
    const reports: AudienceReport[] = [];
    for (let number = 0; number < 10_000; number++) {
      const watcher = watchers[number % watchers.length];
      if (watcher !== undefined) room.vote(watcher, `text ${number}`);
      if (number % 100 === 99) room.clock.pass(10);
      reports.push(...reportsIn(room.heard()));
    }
    room.clock.pass(250);
    reports.push(...reportsIn(room.heard()));
    expect(reports.length).toBeLessThanOrEqual(6);
    for (const { tally } of reports) expect(Object.keys(tally).length).toBeLessThanOrEqual(64);
    expect(votesIn(reports)).toBe(10_000);
  });

  test("P5.6 in a poll the tally is cumulative, names the poll, and the newest vote of a watcher moves its older one", () => {
    const room = CrowdedRoom.crowded({ audience: 2 });
    const [one, two] = [room.watch(), room.watch()];
    room.heard();
    room.order({ cmd: "poll", id: "song" });
    room.vote(one, "a");
    expect(reportsIn(room.heard())).toEqual([{ cmd: "audience", count: 2, tally: { a: 1 }, poll: "song" }]);
    room.vote(two, "a");
    room.clock.pass(250);
    room.vote(one, "b");
    room.clock.pass(250);
    expect(reportsIn(room.heard())).toEqual([
      { cmd: "audience", count: 2, tally: { a: 2 }, poll: "song" },
      { cmd: "audience", count: 2, tally: { a: 1, b: 1 }, poll: "song" },
    ]);
    two.handler.gone("cut");
    room.clock.pass(250);
    room.vote(one, "a");
    room.clock.pass(250);
    expect(reportsIn(room.heard())).toEqual([{ cmd: "audience", count: 1, tally: { a: 2 }, poll: "song" }]);
  });

  test("P5.6 a poll begins from nothing, and what was voted before it is told first", () => {
    const room = CrowdedRoom.crowded({ audience: 1 });
    const watcher = room.watch();
    room.vote(watcher, "cheer");
    room.vote(watcher, "cheer");
    room.order({ cmd: "poll", id: 1 });
    room.vote(watcher, "a");
    room.order({ cmd: "poll", id: 2 });
    room.vote(watcher, "b");
    room.order({ cmd: "poll" });
    room.vote(watcher, "cheer");
    room.clock.pass(250);
    expect(reportsIn(room.heard())).toEqual([
      { cmd: "audience", count: 1, tally: { cheer: 1 } },
      { cmd: "audience", count: 1, tally: { cheer: 1 } },
      { cmd: "audience", count: 1, tally: { a: 1 }, poll: 1 },
      { cmd: "audience", count: 1, tally: { b: 1 }, poll: 2 },
      { cmd: "audience", count: 1, tally: { cheer: 1 } },
    ]);
  });

  test("P5.6 the poll that is open goes on, and is told again", () => {
    const room = CrowdedRoom.crowded({ audience: 1 });
    const watcher = room.watch();
    room.order({ cmd: "poll", id: "song" });
    room.vote(watcher, "a");
    room.clock.pass(250);
    room.heard();
    room.order({ cmd: "poll", id: "song" });
    room.vote(watcher, "b");
    room.clock.pass(250);
    expect(reportsIn(room.heard())).toEqual([
      { cmd: "audience", count: 1, tally: { a: 1 }, poll: "song" },
      { cmd: "audience", count: 1, tally: { b: 1 }, poll: "song" },
    ]);
  });

  test("P5.6.6 for a host that is away wait together, and are told when it is back", () => {
    const request = { isReliable: false, sessionHash: "the TV" };
    const room = new CrowdedRoom({}, request);
    room.tell({ cmd: "prepare", max_players: 2, name: "sketch", audience: 10 });
    const watchers = Array.from({ length: 10 }, () => room.watch());
    room.hostGone();
    for (let number = 0; number < 1_000; number++) {
      for (const watcher of watchers) room.vote(watcher, "a");
      room.clock.pass(10);
    }
    expect(room.hostBack(request)).toBe(true);
    room.clock.pass(250);
    const heard = room.heard();
    expect(heard[0]).toMatchObject({ cmd: "state", audience: 10 });
    expect(reportsIn(heard)).toEqual([{ cmd: "audience", count: 10, tally: { a: 10_000 } }]);
  });

  test("P5.6.6 for a host that reads too slowly wait together, and are told when it keeps up", () => {
    const room = CrowdedRoom.crowded({ audience: 1 });
    const watcher = room.watch();
    room.clock.pass(250);
    room.heard();
    room.hostPort.queued = LIMITS.sendQueue + 1;
    for (let number = 0; number < 50; number++) {
      room.vote(watcher, "a");
      room.clock.pass(250);
    }
    expect(room.heard()).toEqual([]);
    room.hostPort.queued = 0;
    room.hostConnection.drained();
    expect(room.heard()).toEqual([{ cmd: "audience", count: 1, tally: { a: 50 } }]);
  });

  test("P5.6 a watcher that came as a player of couchwire.v1 is told so, and its control frames are no votes", () => {
    const room = CrowdedRoom.crowded({ audience: 2, overflow: "audience", max_players: 0 });
    const reliable = room.enter({ isReliable: true, sessionHash: "s" });
    const plain = room.enter({ sessionHash: "t" });
    expect(reliable.port.take()).toEqual(['\0role {"role":"audience"}']);
    expect(plain.port.take()).toEqual([]);
    room.clock.pass(250);
    room.heard();
    for (const text of ["\0ping", "\0ack 0", "yes"]) room.vote(reliable, text);
    expect(room.heard()).toEqual([{ cmd: "audience", count: 2, tally: { yes: 1 } }]);
    expect(room.turnedAway()).toBe("room_full");
  });
});
