/** Watchers of several nodes: each node counts the votes of its own, and the home adds up; what is said to all travels once to each node. */
import { describe, expect, test } from "@jest/globals";
import { encodeConnectRequest } from "../../../../src/cluster/link/link-request.ts";
import { TO_HOME, WINDOW_BYTES } from "../../../../src/cluster/link/link-format.ts";
import { MAIL_KINDS } from "../../../../src/cluster/mail/mail-kinds.ts";
import { MAIL_TYPES } from "../../../../src/cluster/mail/mail-format.ts";
import { startMail } from "../../../support/cluster/mail-nodes.ts";
import { REPORT_MS, Stage, startNodes, sumOf, turns, votesIn } from "../../../support/cluster/shared-audience.ts";
import type { LinkedNodeOptions } from "../../../support/cluster/linked-nodes.ts";
import { requestOf, type TestPeer } from "../../../support/cluster/test-peer.ts";
import { eventually } from "../../../support/inbox.ts";
import { LIMITS } from "../../../support/room/fake-room.ts";

const isMail = ({ data }: { readonly data: Uint8Array }): boolean => data[1] === MAIL_TYPES.mail;
const isMailTo =
  (name: string) =>
  (message: { readonly subject: string; readonly data: Uint8Array }): boolean =>
    isMail(message) && message.subject.endsWith(name);

function isOfEdge1({ subject, data }: { readonly subject: string; readonly data: Uint8Array }): boolean {
  return subject.endsWith("edge1") || Buffer.from(data).includes("edge1");
}

/** What comes before what a link says. */
function head(op: number, id: number): Buffer {
  return Buffer.from([op, 0, 0, 0, id]);
}

/** A home, two other nodes, and a room with an audience. */
async function startStage(options: LinkedNodeOptions = {}, fields: object = {}) {
  const nodes = await startNodes(2, options);
  const [one, two] = nodes.edges;
  if (one === undefined || two === undefined) throw new Error("There are two edges.");
  return { ...nodes, one, two, stage: await Stage.open(nodes.home, nodes.edges, { ...fields }) };
}

describe("votes", () => {
  test("P5.6 of three nodes are one exact tally, and travel as one small message a node and quarter of a second", async () => {
    const { bus, home, one, two, stage } = await startStage();
    const watchers: TestPeer[] = [];
    for (let index = 0; index < 60; index++) watchers.push(await stage.watch([home, one, two][index % 3] ?? home));
    await stage.settle();
    for (const watcher of watchers) watcher.say("first"); // the first after a quiet quarter goes at once, here and there
    await stage.settle();
    expect(stage.reports().at(-1)?.count).toBe(60);
    const before = bus.published.length;
    for (let vote = 0; vote < 40; vote++)
      for (const [index, watcher] of watchers.entries()) watcher.say(`${index % 5}`);
    await stage.settle();
    expect(votesIn(stage.reports())).toEqual({ 0: 480, 1: 480, 2: 480, 3: 480, 4: 480 });
    const mails = bus.published.slice(before).filter(isMailTo("home"));
    expect(mails.length).toBeLessThanOrEqual(4);
    for (const { data } of mails) expect(data.length).toBeLessThan(400);
    expect([...home.bugs, ...one.bugs, ...two.bugs]).toEqual([]);
  });

  test("P5.6.2 of a poll move at the node of their watcher, and are told under their poll before anything of the next one", async () => {
    const { one, two, stage } = await startStage();
    const [ada, bo] = [await stage.watch(one), await stage.watch(two)];
    stage.order({ cmd: "poll", id: "first" });
    await stage.settle();
    ada.say("a");
    bo.say("a");
    await stage.settle();
    ada.say("b");
    await turns();
    stage.reports();
    ada.say("c"); // waits at its node for the quarter to be over
    stage.order({ cmd: "poll", id: "second" });
    ada.say("a"); // the node has not heard of the second poll
    await turns();
    ada.say("x");
    bo.say("y");
    await stage.settle();
    expect(stage.reports()).toEqual([
      expect.objectContaining({ poll: "first", tally: { a: 1, b: 1 } }), // at once, what the home knows
      expect.objectContaining({ poll: "first", tally: { a: 2 } }),
      expect.objectContaining({ poll: "second", tally: { x: 1, y: 1 } }),
    ]);
    stage.order({ cmd: "poll" });
    bo.say("cheer");
    bo.say("cheer");
    await stage.settle();
    bo.say("cheer");
    await stage.settle();
    const reports = stage.reports();
    expect(reports.at(0)).toMatchObject({ poll: "second", tally: { x: 1, cheer: 1 } });
    expect(reports.at(-1)).toEqual({ cmd: "audience", count: 2, tally: { cheer: 1 } });
  });

  test("P5.6.2 of a poll that is over, and on their way, are told before those of the home in the next one", async () => {
    const { home, one, stage } = await startStage();
    const [ada, here] = [await stage.watch(one), await stage.watch(home)];
    stage.order({ cmd: "poll", id: "first" });
    await stage.settle();
    ada.say("a");
    stage.order({ cmd: "poll", id: "second" });
    here.say("x");
    await stage.settle();
    expect(stage.reports().map(({ poll, tally }) => [poll, tally])).toEqual([
      ["first", { a: 1 }],
      ["second", { x: 1 }],
    ]);
  });

  test("P5.6.2 of a poll that is over, and on their way, are not shown as those of the next one", async () => {
    const { one, stage } = await startStage();
    const ada = await stage.watch(one);
    stage.order({ cmd: "poll", id: "first" });
    await stage.settle();
    ada.say("a");
    stage.order({ cmd: "poll", id: "second" });
    await stage.settle();
    expect(stage.reports().at(-1)).toMatchObject({ poll: "first", tally: { a: 1 } });
    expect(stage.room.audienceReport).toBeUndefined();
    ada.say("b");
    await stage.settle();
    expect(stage.room.audienceReport).toMatchObject({ poll: "second", tally: { b: 1 } });
  });

  test("P5.6.2 of a watcher that leaves, and of the last one at a node, stay counted", async () => {
    const { one, stage, home } = await startStage();
    const [ada, bo] = [await stage.watch(one), await stage.watch(one)];
    stage.order({ cmd: "poll", id: "song" });
    await stage.settle();
    ada.say("a");
    bo.say("a");
    ada.leave();
    bo.say("b");
    bo.hangUp();
    await stage.settle();
    expect(stage.reports().at(-1)).toMatchObject({ count: 0, tally: { a: 1, b: 1 } });
    expect([home.links.shares, one.links.shares]).toEqual([
      { atEdge: 0, atHome: 0 },
      { atEdge: 0, atHome: 0 },
    ]);
    const cleo = await stage.watch(one);
    cleo.say("b");
    await stage.settle();
    expect(stage.reports().at(-1)).toMatchObject({ count: 1, tally: { a: 1, b: 2 } });
  });

  test("P5.6.4 of a node that ends are told before its last watcher has left", async () => {
    const { bus, home, one, stage } = await startStage();
    const ada = await stage.watch(one);
    for (const text of ["at once", "later"]) ada.say(text);
    await turns();
    bus.fault = (message) => (message.subject.endsWith("edge1") ? [] : [message]); // no question of the home reaches it
    ada.hangUp();
    await turns();
    home.hub.clock.pass(REPORT_MS);
    expect(votesIn(stage.reports())).toEqual({ "at once": 1, later: 1 });
  });

  test("P5.6.6 for a host that is behind wait in one sum", async () => {
    const { one, stage } = await startStage();
    const ada = await stage.watch(one);
    await stage.settle();
    stage.host.queued = LIMITS.sendQueue + 1;
    for (let vote = 0; vote < 20; vote++) {
      ada.say("a");
      await stage.settle();
    }
    expect(stage.reports()).toEqual([]);
    stage.host.drain();
    expect(votesIn(stage.reports())).toEqual({ a: 20 });
  });

  test("P5.6.6 of a poll that is over are told to a host that is behind when it keeps up", async () => {
    const { one, stage } = await startStage();
    const ada = await stage.watch(one);
    stage.order({ cmd: "poll", id: "first" });
    await stage.settle();
    ada.say("a");
    stage.order({ cmd: "poll", id: "second" });
    stage.host.queued = LIMITS.sendQueue + 1;
    await turns();
    ada.say("x");
    await stage.settle();
    expect(stage.reports()).toEqual([]);
    stage.host.drain();
    expect(stage.reports().map(({ poll, tally }) => [poll, tally])).toEqual([
      ["first", { a: 1 }],
      ["second", { x: 1 }],
    ]);
  });

  test("P5.6.3 for more than sixty-four texts of several nodes are told in `other`, and none is missing", async () => {
    const { one, two, stage } = await startStage();
    const [ada, bo] = [await stage.watch(one), await stage.watch(two)];
    await stage.settle();
    for (let number = 0; number < 100; number++) {
      ada.say(`one ${number}`);
      bo.say(`two ${number}`);
    }
    await stage.settle();
    const reports = stage.reports();
    for (const { tally } of reports) expect(Object.keys(tally).length).toBeLessThanOrEqual(64);
    expect(reports.reduce((all, report) => all + sumOf(report), 0)).toBe(200);
  });

  test("are in the traffic of their room", async () => {
    const { one, home, stage } = await startStage();
    const ada = await stage.watch(one);
    for (const text of ["a", "bc"]) ada.say(text);
    stage.order({ cmd: "to_audience_str", data: "hello" });
    await stage.settle();
    expect(home.hub.observer.traffic).toMatchObject({ framesIn: 3, bytesIn: 8 });
  });
});

describe("watchers of other nodes", () => {
  test("P5.6.1 hear what is for all, which travels once to each node, however many watch there", async () => {
    const { bus, one, two, stage } = await startStage();
    const watchers: TestPeer[] = [];
    for (let index = 0; index < 40; index++) watchers.push(await stage.watch(index % 2 === 0 ? one : two));
    await stage.settle();
    const before = bus.published.length;
    const frame = "x".repeat(10_000);
    stage.order({ cmd: "to_audience_str", data: frame });
    for (const watcher of watchers) expect(await watcher.inbox.next()).toBe(frame);
    const mails = bus.published.slice(before).filter(isMail);
    expect(mails.map(({ subject }) => subject)).toEqual(["test.node.edge1", "test.node.edge2"]);
    for (const { data } of mails) expect(data.length).toBeLessThan(10_000 + 100);
  });

  test("P5.6 take no more places than there are, whatever nodes they come to at once", async () => {
    const { home, one, two, stage } = await startStage({}, { audience: 10 });
    const watchers = Array.from({ length: 30 }, (_, index) => stage.arrive([home, one, two][index % 3] ?? home));
    await eventually("all are let in or turned away", () =>
      watchers.every(({ handler, closing }) => handler?.ids.room !== undefined || closing !== undefined),
    );
    const refused = watchers.filter(({ closing }) => closing !== undefined);
    expect(refused.map(({ closing }) => closing?.name)).toEqual(Array.from({ length: 20 }, () => "room_full"));
    expect(stage.room.audienceCount).toBe(10);
  });

  test.each([
    ["longer text", "x".repeat(65)],
    ["binary", Uint8Array.of(1)],
  ])("P5.6.4 that say %s are closed with 4500, and give their place back at once", async (_, frame) => {
    const { one, home, stage } = await startStage();
    const ada = await stage.watch(one);
    ada.isStubborn = true;
    ada.say("a");
    ada.say(frame);
    ada.say("late");
    expect(await ada.closings.next()).toMatchObject({ name: "bad_request", reason: expect.stringMatching(/64 bytes/) });
    await stage.settle();
    expect(stage.room.audienceCount).toBe(0);
    expect(home.links.counts.atHome).toBe(0);
    expect(votesIn(stage.reports())).toEqual({ a: 1 });
    ada.hangUp();
  });

  test("P5.8.1 that say too much are banned by the home, and told for how long", async () => {
    const limits = { ...LIMITS, playerRate: 10, playerBurst: 5 };
    const { one, stage } = await startStage({ hub: { limits } });
    const ada = await stage.watch(one, { address: "192.0.2.7" });
    for (let vote = 0; vote < 8; vote++) ada.say("a");
    expect(await ada.closings.next()).toMatchObject({
      name: "rate_limited",
      reason: expect.stringMatching(/minute|second/),
    });
    await stage.settle();
    expect(votesIn(stage.reports())).toEqual({ a: 5 });
    const again = stage.arrive(one, { address: "192.0.2.7" });
    expect(await again.closings.next()).toMatchObject({ name: "rate_limited" });
  });

  test("P5.6.1 that do not read are closed by their node, and hold up no other", async () => {
    const { one, stage } = await startStage();
    const [slow, quick] = [await stage.watch(one), await stage.watch(one)];
    slow.isDeaf = true;
    for (let count = 0; count < 3; count++) stage.order({ cmd: "to_audience_str", data: "x".repeat(4_000) });
    expect(await slow.closings.next()).toMatchObject({ name: "slow_consumer" });
    expect(await quick.inbox.take(3)).toHaveLength(3);
    await eventually("it has left", () => stage.room.audienceCount === 1);
  });

  test("P5.6.1 of a node that is not reached are closed as slow, before what waits for them fills the memory", async () => {
    const { one, home, stage } = await startStage();
    const ada = await stage.watch(one);
    stage.order({ cmd: "poll", id: "song" });
    await stage.settle();
    for (const text of ["a", "b"]) ada.say(text);
    await turns();
    stage.reports();
    const data = "x".repeat(WINDOW_BYTES / 4);
    for (let count = 0; count < 6; count++) stage.order({ cmd: "to_audience_str", data });
    expect(stage.room.audienceCount).toBe(0);
    expect(home.mail.queued("edge1")).toBeLessThan(2 * WINDOW_BYTES);
    expect(await ada.closings.next()).toMatchObject({ name: "slow_consumer" });
    stage.order({ cmd: "poll", id: "next" });
    await stage.settle();
    expect(stage.reports()).toEqual([expect.objectContaining({ poll: "song", tally: { b: 1 } })]);
  });

  test("P5.6.1 are not taken for slow where all that is said arrives, however much it is", async () => {
    const { one, stage } = await startStage();
    const ada = await stage.watch(one);
    const data = "x".repeat(WINDOW_BYTES / 4);
    for (let count = 0; count < 20; count++) {
      stage.order({ cmd: "to_audience_str", data });
      expect(await ada.inbox.next()).toBe(data);
    }
    expect(stage.room.audienceCount).toBe(1);
  });

  test("P5.6.7 are closed with the room", async () => {
    const { one, two, home, stage } = await startStage();
    const watchers = [await stage.watch(one), await stage.watch(two)];
    stage.order({ cmd: "stop" });
    for (const watcher of watchers) expect(await watcher.closings.next()).toMatchObject({ name: "room_closed" });
    await eventually("no share is left", () =>
      [home, one, two].every(({ links }) => links.shares.atEdge + links.shares.atHome === 0),
    );
    expect([one.hub.clock.pending, two.hub.clock.pending]).toEqual([0, 0]);
  });

  test("P5.7 that came as players of couchwire.v1 are told so, and their control frames are no votes", async () => {
    const { one, stage } = await startStage({}, { overflow: "audience", max_players: 0 });
    const ada = stage.arrive(one, { query: "session=0123456789abcdef", subprotocols: "couchwire.v1" });
    expect(await ada.inbox.next()).toBe('\0role {"role":"audience"}');
    await eventually("it is let in", () => ada.handler?.ids.room === stage.code);
    for (const text of ["\0ping", "\0ack 0", "yes"]) ada.say(text);
    await stage.settle();
    expect(votesIn(stage.reports())).toEqual({ yes: 1 });
  });

  test("P5.9.10 that have voted are not idle at the home, and those that have not give way", async () => {
    let now = 0;
    const { one, home, stage } = await startStage({ maxConnections: 3, now: () => now });
    const [voter, silent] = [
      await stage.watch(one, { address: "192.0.2.8" }),
      await stage.watch(one, { address: "192.0.2.8" }),
    ];
    voter.say("a");
    await stage.settle();
    now = 61_000;
    const late = home.arrive({ for: "player", code: stage.code }, { query: "role=audience", address: "198.51.100.1" });
    expect(await silent.closings.next()).toMatchObject({ name: "overloaded" });
    await eventually("it is let in", () => late.handler?.ids.room === stage.code);
    expect(voter.closing).toBeUndefined();
  });
});

describe("where a node is lost", () => {
  test("its watchers get 1012, what it has told stays counted, and a poll does not wait for it", async () => {
    const { bus, one, two, stage } = await startStage();
    const [ada, bo] = [await stage.watch(one), await stage.watch(two)];
    stage.order({ cmd: "poll", id: "song" });
    await stage.settle();
    ada.say("a");
    bo.say("b");
    await stage.settle();
    stage.reports();
    ada.say("told"); // at once
    await turns();
    ada.say("untold");
    bus.fault = (message) => (isOfEdge1(message) ? [] : [message]); // it neither hears of the next poll nor tells more
    stage.order({ cmd: "poll", id: "next" });
    bo.say("c");
    await stage.settle();
    expect(stage.reports().every(({ poll }) => poll === "song")).toBe(true);
    bus.fault = (message) => [message];
    await one.mail.start("edge1-again");
    expect(await ada.closings.next()).toMatchObject({ name: "restarting" });
    await eventually("the home knows", () => stage.room.audienceCount === 1);
    bo.say("d");
    await stage.settle();
    const reports = stage.reports();
    expect(reports.at(0)).toMatchObject({ poll: "song", tally: { told: 1, c: 1 } });
    expect(reports.at(-1)).toMatchObject({ poll: "next", count: 1, tally: { d: 1 } });
    const back = await stage.watch(one);
    back.say("d");
    await stage.settle();
    expect(stage.reports().at(-1)).toMatchObject({ count: 2, tally: { d: 2 } });
  });

  test("by a report that is not understood, its watchers come back", async () => {
    const { bus, one, home, stage } = await startStage();
    const ada = await stage.watch(one);
    await stage.settle();
    ada.say("x".repeat(60));
    bus.fault = ({ subject, data }) => {
      const forged = Buffer.from(data);
      const at = forged.indexOf("isLast");
      if (at >= 0) forged.write("isLost", at);
      return [{ subject, data: forged }];
    };
    expect(await ada.closings.next()).toMatchObject({ name: "restarting" });
    expect(home.faults).toContain("a node has counted votes in a way that this one does not read");
    expect(stage.room.audienceCount).toBe(0);
  });

  test("by polls that are opened faster than it answers, its watchers come back, and no other's", async () => {
    const { one, home, stage } = await startStage();
    const [ada, here] = [await stage.watch(one), await stage.watch(home)];
    for (let id = 0; id < 100; id++) stage.order({ cmd: "poll", id });
    expect(await ada.closings.next()).toMatchObject({ name: "restarting" });
    here.say("a");
    await stage.settle();
    expect(stage.reports()).toEqual([expect.objectContaining({ poll: 99, count: 1, tally: { a: 1 } })]);
  });

  test("by terms that it does not read, its watchers come back, and no poll waits for its votes", async () => {
    const { bus, one, two, home, stage } = await startStage();
    bus.fault = ({ subject, data }) => {
      const forged = Buffer.from(data);
      const at = subject.endsWith("edge1") ? forged.indexOf('"limits"') : -1;
      if (at >= 0) forged.write('"limitz"', at);
      return [{ subject, data: forged }];
    };
    const bo = await stage.watch(two);
    for (let visit = 0; visit < 3; visit++)
      expect(await stage.arrive(one).closings.next()).toMatchObject({ name: "restarting" });
    await turns();
    expect(home.links.shares.atHome).toBe(1);
    stage.order({ cmd: "poll", id: "song" });
    bo.say("a");
    await stage.settle();
    bo.say("b");
    await stage.settle();
    expect(stage.reports().at(-1)).toMatchObject({ poll: "song", count: 1, tally: { b: 1 } });
  });
});

test("a node of a version that does not count votes passes them on", async () => {
  const { bus, home, one, stage } = await startStage();
  const { mail: old } = await startMail(bus, "old");
  const got: Uint8Array[] = [];
  old.on(MAIL_KINDS.shareToEdge, (_, body) => void got.push(body));
  const request = requestOf({ for: "player", code: stage.code }, { query: "role=audience", address: "10.9.9.9" });
  const said: Record<string, unknown> = JSON.parse(encodeConnectRequest(request).toString());
  delete said["shareVersion"];
  old.send("home", MAIL_KINDS.linkToHome, head(TO_HOME.open, 1), Buffer.from(JSON.stringify(said)));
  await eventually("it is let in", () => stage.room.audienceCount === 1);
  const vote = Buffer.concat([Buffer.from([TO_HOME.text, 0, 0, 0, 1]), Buffer.from("a"), Buffer.from([0, 0, 0, 1])]);
  for (let count = 0; count < 3; count++) old.send("home", MAIL_KINDS.linkToHome, vote);
  const ada = await stage.watch(one);
  ada.say("a");
  await stage.settle();
  expect(votesIn(stage.reports())).toEqual({ a: 4 });
  expect(got).toEqual([]);
  expect(home.bugs).toEqual([]);
});
