/** P5.6 and P5.7: an audience beside the players, and a line of phones that wait for a seat. */
import { isDeepStrictEqual } from "node:util";
import { expectSame, expectThat } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import type { HostLine, HostNotice } from "./host-line.ts";
import { isRecord, type PeerLine } from "./peer-line.ts";
import { RELIABLE } from "./reliable-line.ts";
import { cutHost, GOING_AWAY, rescueIn } from "./session-steps.ts";
import type { Trial } from "./trial.ts";

const LONGEST_VOTE = "v".repeat(64);
const WATCHERS = 30;
/** Of the time between two reports. */
const QUARTER_MS = 250;

/** A watcher; what it says is read once it is in. */
async function watcher(trial: Trial, code: string, who = "the watcher"): Promise<PeerLine> {
  const line = await trial.phone(code, { query: "role=audience" }, who);
  await line.ping("is in");
  return line;
}

function queueNotice(position: number): string {
  return `\u0000queue {"position":${position}}`;
}

/** A phone on `couchwire.v1` that finds the room full, and is told its place in the line. */
async function waiter(
  trial: Trial,
  code: string,
  session: string,
  position: number,
  who = `the phone that waits at ${position}`,
): Promise<PeerLine> {
  const line = await trial.phone(code, { query: `session=${session}`, protocols: [RELIABLE] }, who);
  await line.hears(queueNotice(position));
  return line;
}

/** The host is told the state until it says so many of this field. */
async function untilState(host: HostLine, field: "audience" | "waiting", count: number): Promise<HostNotice> {
  for (;;) {
    const state = await host.until("state");
    if (state[field] === count) return state;
  }
}

/** The host is told reports of votes until one is this. */
async function untilTally(host: HostLine, poll: string, tally: Readonly<Record<string, number>>): Promise<HostNotice> {
  for (;;) {
    const report = await host.until("audience");
    if (report["poll"] === poll && isDeepStrictEqual(report["tally"], tally)) return report;
  }
}

/** What the reports that the host is told count, until these are so many votes. */
async function votesOf(host: HostLine, votes: number): Promise<Readonly<Record<string, number>>> {
  const counted: Record<string, number> = {};
  for (let told = 0; told < votes;) {
    const { tally } = await host.until("audience");
    expectThat(isRecord(tally), "The tally of a report", "a map", tally);
    for (const [text, count] of Object.entries(tally)) {
      expectThat(Number(count) > 0, `The votes for ${text}`, "one or more", count);
      counted[text] = (counted[text] ?? 0) + Number(count);
      told += Number(count);
    }
  }
  return counted;
}

export const crowdChecks = checksOf("crowd", [
  {
    is: "P5.6 watchers come into a full and locked room, up to the audience's size, and take no seat; a room without an audience has none",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1, fields: { audience: 1 } });
      const { id } = await trial.join({ host, code });
      host.say({ cmd: "start" });
      await host.until("state");
      await watcher(trial, code);
      expectSame("The players beside a watcher", (await untilState(host, "audience", 1))["players"], [id]);
      await (await trial.phone(code, { query: "role=audience" }, "the watcher that is too many")).endsWith(4510);
      const without = await trial.room();
      await (
        await trial.phone(without.code, { query: "role=audience" }, "the watcher without an audience")
      ).endsWith(4510);
    },
  },
  {
    is: "P5.6.1 what is said to the audience reaches watchers alone, and `to` players alone",
    async run(trial) {
      const { host, code } = await trial.room({ fields: { audience: 10 } });
      const { phone, id } = await trial.join({ host, code });
      const one = await watcher(trial, code);
      host.say({ cmd: "to_str", to: [], data: "for players" });
      host.say({ cmd: "to_audience_str", data: "for watchers" });
      host.say({ cmd: "to_audience", data: [1, 255] });
      host.say({ cmd: "to_str", to: [id], data: "end" });
      await one.hears("for watchers", Uint8Array.of(1, 255));
      await phone.hears("for players", "end");
    },
  },
  {
    is: "P5.6.2 a poll counts the newest vote of each watcher, and its id is reported",
    async run(trial) {
      const { host, code } = await trial.room({ fields: { audience: 10 } });
      const [one, two] = [await watcher(trial, code, "watcher 1"), await watcher(trial, code, "watcher 2")];
      host.say({ cmd: "poll", id: "best" });
      await host.settle();
      one.say("red");
      two.say("red");
      await untilTally(host, "best", { red: 2 });
      one.say("blue");
      const { count } = await untilTally(host, "best", { red: 1, blue: 1 });
      expectSame("The watchers in a report", count, 2);
    },
  },
  {
    is: "P5.6.3 without a poll each vote is reported once",
    async run(trial) {
      const { host, code } = await trial.room({ fields: { audience: 10 } });
      const one = await watcher(trial, code);
      const votes = 6;
      for (let vote = 0; vote < votes; vote++) one.say("clap");
      await one.ping("voted");
      let reported = 0;
      while (reported < votes) {
        const { tally, poll } = await host.until("audience");
        expectSame("The poll of a report without one", poll ?? null, null);
        const claps = typeof tally === "object" && tally !== null && "clap" in tally ? Number(tally.clap) : 0;
        expectThat(claps > 0, "The tally", "votes for clap", tally);
        reported += claps;
      }
      expectSame("The votes that were reported", reported, votes);
    },
  },
  {
    is: "P5.6.4 a text of up to 64 bytes is a vote, the empty one too; longer text and bytes close with 4500",
    async run(trial) {
      const { host, code } = await trial.room({ fields: { audience: 10 } });
      const one = await watcher(trial, code);
      host.say({ cmd: "poll", id: "texts" });
      await host.settle();
      one.say(LONGEST_VOTE);
      await untilTally(host, "texts", { [LONGEST_VOTE]: 1 });
      one.say("");
      await untilTally(host, "texts", { "": 1 });
      one.say(`${LONGEST_VOTE}v`);
      await one.endsWith(4500);
      const other = await watcher(trial, code, "the watcher that sends bytes");
      other.say(Uint8Array.of(1));
      await other.endsWith(4500);
    },
  },
  {
    is: "P5.6.5 watchers that come change the state at most four times a second, and nothing of it is told to players",
    async run(trial) {
      const { host, code } = await trial.room({ fields: { audience: WATCHERS } });
      const { phone } = await trial.join({ host, code });
      const startedAt = performance.now();
      await Promise.all(Array.from({ length: WATCHERS }, (_, index) => watcher(trial, code, `watcher ${index + 1}`)));
      let states = 0;
      for (let count: unknown; count !== WATCHERS; states++) count = (await host.until("state"))["audience"];
      // Counted from before the first one came to after the last one was told: however slow this machine is, it is no less than the server took.
      const most = Math.ceil((performance.now() - startedAt) / QUARTER_MS) + 1;
      expectThat(states <= most, `The states that ${WATCHERS} watchers change`, `${most} at most`, states);
      await phone.ping("has heard nothing");
      expectSame("What a player hears of watchers", phone.unheard(), []);
    },
  },
  {
    is: "P5.6.6 while the host is away votes are counted and not reported; it gets them when it is back",
    async run(trial) {
      const query = `session=${trial.session()}`;
      const { host, code } = await trial.room({ query, fields: { audience: 10 } });
      const one = await watcher(trial, code);
      await cutHost({ host, code }, one);
      for (const vote of ["clap", "boo", "clap", "clap"]) one.say(vote);
      await one.ping("voted");
      const back = await trial.host({ query });
      expectSame("The votes for a host that is back", await votesOf(back, 4), { clap: 3, boo: 1 });
    },
  },
  {
    is: "P5.6.7 when the room ends its watchers are closed with 1001",
    async run(trial) {
      const { host, code } = await trial.room({ fields: { audience: 10 } });
      const one = await watcher(trial, code);
      host.say({ cmd: "stop" });
      await one.endsWith(1001);
    },
  },
  {
    is: "P5.7 a phone that finds the room full waits, as many as the queue is for; past that it is closed with 4510",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1, fields: { overflow: "queue", queue: 1 } });
      await trial.join({ host, code });
      const waiting = await trial.phone(code, {}, "the phone that waits");
      await waiting.ping("waits");
      await untilState(host, "waiting", 1);
      await (await trial.phone(code, {}, "the phone that is too many")).endsWith(4510);
      host.say({ cmd: "to_str", to: [], data: "for players" });
      await host.settle();
      await waiting.ping("has heard nothing");
      expectSame("What a phone that waits hears", waiting.unheard(), []);
    },
  },
  {
    is: "P5.7.1 a phone that waits with couchwire.v1 is told its position, and its hello when it is seated",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1, fields: { overflow: "queue" } });
      const { phone } = await trial.join({ host, code });
      const query = `session=${trial.session()}`;
      const waiting = await trial.phone(code, { query, protocols: [RELIABLE] }, "the phone that waits");
      await waiting.hears(queueNotice(1));
      waiting.say("\u0000ping");
      const answer = await waiting.next("an ack");
      expectThat(
        typeof answer === "string" && answer.startsWith("\u0000ack "),
        "The answer to a ping",
        "\\0ack 0",
        answer,
      );
      await phone.leave(1000);
      const hello = await waiting.next("hello");
      expectThat(
        typeof hello === "string" && hello.startsWith("\u0000hello "),
        "What comes with a seat",
        "\\0hello {…}",
        hello,
      );
    },
  },
  {
    is: "P5.7.2 a seat that frees goes to the phone that has waited longest",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1, fields: { overflow: "queue" } });
      const { phone } = await trial.join({ host, code });
      const first = await trial.phone(code, {}, "the first that waits");
      await untilState(host, "waiting", 1);
      const second = await trial.phone(code, {}, "the second that waits");
      await untilState(host, "waiting", 2);
      await phone.leave(1000);
      const { id } = await trial.seated(host, first);
      host.say({ cmd: "to_str", to: [id], data: "you are in" });
      await first.hears("you are in");
      await first.leave(1000);
      const next = await trial.seated(host, second);
      host.say({ cmd: "to_str", to: [next.id], data: "and you" });
      await second.hears("and you");
    },
  },
  {
    is: "P5.7.3 after start those that wait stay and get no seat, newcomers are closed with 4523, and open moves the line on",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1, fields: { overflow: "queue" } });
      const { phone } = await trial.join({ host, code });
      const waiting = await trial.phone(code, {}, "the phone that waits");
      await untilState(host, "waiting", 1);
      host.say({ cmd: "start" });
      await host.until("state");
      await (await trial.phone(code, {}, "the newcomer at a locked room")).endsWith(4523);
      await phone.leave(1000);
      await host.until("player_left");
      const seated = (await host.settle()).filter(({ cmd }) => cmd === "player_joined");
      expectSame("Seats that are given in a locked room", seated, []);
      await waiting.ping("still waits");
      host.say({ cmd: "open" });
      const { id } = await trial.seated(host, waiting);
      host.say({ cmd: "to_str", to: [id], data: "you are in" });
      await waiting.hears("you are in");
    },
  },
  {
    is: "P5.7.4 what a phone says while it waits reaches the host once it is a player",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1, fields: { overflow: "queue" } });
      const { phone } = await trial.join({ host, code });
      const waiting = await trial.phone(code, {}, "the phone that waits");
      for (const data of ["one", "two"]) waiting.say(data);
      await untilState(host, "waiting", 1);
      await phone.leave(1000);
      const { player } = await host.until("player_joined", waiting);
      for (const data of ["one", "two"]) {
        const said = await host.until("from_str");
        expectSame("What the host hears of it", { from: said["from"], data: said["data"] }, { from: player, data });
      }
    },
  },
  {
    is: "P5.7.5 a phone that goes leaves the line at once; one that connects again has its place, and its older line is closed with 4509",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1, fields: { overflow: "queue" } });
      await trial.join({ host, code });
      const [session, other] = [trial.session(), trial.session()];
      const first = await waiter(trial, code, session, 1);
      const second = await waiter(trial, code, other, 2);
      const again = await waiter(trial, code, session, 1, "the first that waits, again");
      await first.endsWith(4509);
      await again.leave(GOING_AWAY);
      await second.hears(queueNotice(1));
      await untilState(host, "waiting", 1);
    },
  },
  {
    is: "P5.7.6 where the overflow is the audience, a phone that finds the room full is a watcher",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1, fields: { overflow: "audience", audience: 10 } });
      await trial.join({ host, code });
      const plain = await trial.phone(code, {}, "the phone that watches");
      const query = `session=${trial.session()}`;
      const counting = await trial.phone(
        code,
        { query, protocols: [RELIABLE] },
        "the phone with couchwire.v1 that watches",
      );
      await counting.hears('\u0000role {"role":"audience"}');
      await plain.ping("is in");
      host.say({ cmd: "to_audience_str", data: "for watchers" });
      await plain.hears("for watchers");
      await counting.hears("for watchers");
    },
  },
  {
    is: "P5.7.7 when the room ends those that wait are closed with 1001; one that is banned while it waits is closed with 4503",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1, fields: { overflow: "queue" } });
      const query = `session=${trial.session()}`;
      const { phone, id } = await trial.join({ host, code }, { query });
      const waiting = await trial.phone(code, {}, "the phone that waits");
      await untilState(host, "waiting", 1);
      host.say({ cmd: "rescue", player: id });
      const { url } = await host.until("rescue_reply");
      const rescue = encodeURIComponent(rescueIn(url));
      await trial.phone(
        code,
        { query: `session=${trial.session()}&rescue=${rescue}` },
        "the phone that opens the link",
      );
      await phone.endsWith(4509);
      // Its session has no seat any more, so it waits; and is banned with the seat that it had (P5.3.2).
      const banned = await trial.phone(code, { query }, "the phone that had the seat");
      await untilState(host, "waiting", 2);
      host.say({ cmd: "kick", player: id, ban: true });
      const next = await trial.seated(host, waiting);
      host.say({ cmd: "kick", player: next.id });
      await banned.endsWith(4503);
      const last = await trial.join({ host, code }, {}, "the next player");
      const left = await trial.phone(code, {}, "the last that waits");
      await untilState(host, "waiting", 1);
      host.say({ cmd: "stop" });
      await left.endsWith(1001);
      await last.phone.endsWith(1001);
    },
  },
  {
    is: "P5.7.7 a seat that gives way to a newcomer goes to the first that waits, and the newcomer waits",
    async run(trial) {
      const { host, code } = await trial.room({ maxPlayers: 1, fields: { overflow: "queue" } });
      const { phone, id } = await trial.join({ host, code }, { query: `session=${trial.session()}` });
      const first = await waiter(trial, code, trial.session(), 1);
      await untilState(host, "waiting", 1);
      phone.wire.cut();
      await host.until("player_away");
      const newcomer = await trial.phone(code, {}, "the newcomer");
      const { player } = await host.until("player_left");
      expectSame("The player that has left", player, id);
      const hello = await first.next("hello");
      expectThat(String(hello).startsWith("\u0000hello "), "What the first that waits hears", "\\0hello {…}", hello);
      await newcomer.ping("waits");
      await untilState(host, "waiting", 1);
    },
  },
]);
