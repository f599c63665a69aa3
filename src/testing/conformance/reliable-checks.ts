/** P5.5 and what needs it: `couchwire.v1`. Each data frame arrives exactly once and in order, over any number of connections. */
import { expectSame, expectThat, NotCheckable } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import type { HostNotice } from "./host-line.ts";
import { readItem, writeItem } from "./plain-cbor.ts";
import { fieldsIn, RELIABLE, ReliableLine, type ReliableLineOptions } from "./reliable-line.ts";
import { isRecord, type PeerLine } from "./peer-line.ts";
import { GOING_AWAY } from "./session-steps.ts";
import type { OpenedByCheck, Trial } from "./trial.ts";

const MANY = 40;
/** Four MiB: more than a server keeps for one seat, unless it was told to. */
const OVERFLOW_FRAMES = 256;
const OVERFLOW_FRAME_BYTES = 16_384;

interface SeatedReliably {
  readonly phone: ReliableLine;
  readonly id: number;
  readonly session: string;
}

async function joinReliably(trial: Trial, { host, code }: OpenedByCheck): Promise<SeatedReliably> {
  const session = trial.session();
  const phone = await ReliableLine.open(trial, `/${code}`, "the phone", { session });
  const { id } = await trial.seated(host, phone.peer);
  return { phone, id, session };
}

async function back(trial: Trial, { code }: OpenedByCheck, options: ReliableLineOptions): Promise<ReliableLine> {
  return ReliableLine.open(trial, `/${code}`, "the phone that is back", options);
}

/** What the clock of the room shows on this line. */
async function clockOf(peer: PeerLine): Promise<unknown> {
  peer.say("\u0000time");
  for (;;) {
    const frame = await peer.next("\\0time {…}");
    if (typeof frame === "string" && frame.startsWith("\u0000time {")) return fieldsIn(frame)["now"];
  }
}

/** The event in a frame of a host that counts. */
async function nextEvent(host: ReliableLine, cmd: string): Promise<Readonly<Record<string, unknown>>> {
  const frame = await host.next(cmd);
  const event = typeof frame === "string" ? undefined : readItem(frame).value;
  expectThat(isRecord(event), "What a host hears", `${cmd}, as CBOR`, event ?? frame);
  return event;
}

export const reliableChecks = checksOf("reliable", [
  {
    is: "P5.5 each data frame arrives once and in order, both ways, also where a line breaks before it was acknowledged",
    async run(trial) {
      const room = await trial.room();
      const { host } = room;
      const { phone, id, session } = await joinReliably(trial, room);
      const say = (data: string): void => host.say({ cmd: "to_str", to: [id], data });
      for (const data of ["1", "2", "3", "4"]) say(data);
      await phone.hears("1", "2", "3", "4");
      for (const data of ["a", "b", "c"]) phone.say(data);
      await host.hears(...["a", "b", "c"].map((data) => ({ cmd: "from_str", from: id, data })));
      phone.peer.wire.cut();
      for (const data of ["5", "6"]) say(data);
      // It has taken two of the four before its line broke, as far as it remembers; and sends from where the server is.
      const next = await back(trial, room, { session, resume: { received: 2, epoch: phone.hello.epoch } });
      const { received, next: number, lost, greeting } = next.hello;
      const resumed = { received, next: number, lost, greeting };
      expectSame("The hello of a line that resumes", resumed, { received: 3, next: 3, lost: 0, greeting: 0 });
      next.say("d");
      await next.hears("3", "4", "5", "6");
      say("7");
      await next.hears("7");
      expectSame("What the host hears", (await host.until("from_str"))["data"], "d");
    },
  },
  {
    is: "P5.5.1 couchwire.v1 is selected where it is offered, with a session; without one it closes with 4500",
    async run(trial) {
      const query = (): string => `session=${trial.session()}`;
      const selected = async (protocols: readonly string[]): Promise<string | undefined> => {
        const { answer } = await trial.line("/CREATE", { query: query(), protocols });
        return answer.headers.get("sec-websocket-protocol");
      };
      expectSame("What is selected of couchwire.v1", await selected([RELIABLE]), RELIABLE);
      expectSame("What is selected of others and couchwire.v1", await selected(["chat", RELIABLE]), RELIABLE);
      expectSame("What is selected of another one", await selected(["chat"]), undefined);
      await (await trial.peer("/CREATE", "the host without a session", { protocols: [RELIABLE] })).endsWith(4500);
    },
  },
  {
    is: "P5.5.2 the first frame on each connection is a hello; the greeting follows and is not counted",
    async run(trial) {
      const host = await ReliableLine.open(trial, "/CREATE", "the host", { session: trial.session() });
      const { received, next, lost } = host.hello;
      expectSame("The first hello", { received, next, lost }, { received: 0, next: 1, lost: 0 });
      expectSame("What a new host hears", (await nextEvent(host, "state"))["cmd"], "state");
    },
  },
  {
    is: "P5.5.3 the server acknowledges what it has got, after every sixteen frames at the latest",
    async run(trial) {
      const host = await ReliableLine.open(trial, "/CREATE", "the host", { session: trial.session() });
      for (let sent = 0; sent < MANY; sent++) host.peer.say(writeItem({ cmd: "start" }));
      for (let heard = 0; heard < MANY + 1; heard++) await host.next("a state");
      await host.untilAcked(16);
      expectThat(host.acked <= MANY, "What the server has acknowledged", `at most ${MANY} frames`, host.acked);
      expectSame("What the server has got", await host.ask(), MANY);
    },
  },
  {
    is: "P5.5.4 data text that begins with U+0000 has one more in front, both ways",
    async run(trial) {
      const room = await trial.room();
      const { phone, id } = await joinReliably(trial, room);
      room.host.say({ cmd: "to_str", to: [id], data: "\u0000ack 1" });
      expectSame("The frame as it came", await phone.nextFrame("the text"), "\u0000\u0000ack 1");
      phone.peer.say("\u0000\u0000ping");
      await room.host.hears({ cmd: "from_str", from: id, data: "\u0000ping" });
    },
  },
  {
    is: "P5.5.5 frames that fell out of a client's buffer count as got, and the host is told gap",
    async run(trial) {
      const room = await trial.room();
      const { phone, id } = await joinReliably(trial, room);
      phone.say("one");
      phone.control("skip 3");
      phone.say("five");
      const from = { cmd: "from_str", from: id };
      await room.host.hears({ ...from, data: "one" }, { cmd: "gap", player: id, lost: 3 }, { ...from, data: "five" });
      expectSame("What the server has got", await phone.ask(), 5);
    },
  },
  {
    is: "P5.5.6 an unknown or impossible control frame closes with 4500",
    async run(trial) {
      for (const control of ["dance", "ack 99", "ack -1", "skip x"]) {
        const host = await ReliableLine.open(trial, "/CREATE", `the host that says \\0${control}`, {
          session: trial.session(),
        });
        host.control(control);
        await host.peer.endsWith(4500);
      }
    },
  },
  {
    is: "P5.5.7 a ping is answered by an ack at once",
    async run(trial) {
      const host = await ReliableLine.open(trial, "/CREATE", "the host", { session: trial.session() });
      expectSame("What the server has got of a new host", await host.ask(), 0);
      host.peer.say(writeItem({ cmd: "start" }));
      expectSame("What the server has got behind one command", await host.ask(), 1);
    },
  },
  {
    is: "P5.5.8 a page that starts from nothing has another epoch, and gets what no page before it has acknowledged",
    async run(trial) {
      const room = await trial.room();
      const { host } = room;
      const { phone, id, session } = await joinReliably(trial, room);
      const say = (data: string): void => host.say({ cmd: "to_str", to: [id], data });
      for (const data of ["1", "2", "3"]) say(data);
      await phone.hears("1", "2", "3");
      phone.control("ack 2");
      await phone.ask(); // the server has read the ack
      await phone.peer.leave(GOING_AWAY);
      say("4");
      await host.settle();
      const page = await back(trial, room, { session });
      expectThat(page.hello.epoch !== phone.hello.epoch, "The epoch of another page", "another one", page.hello.epoch);
      expectSame("What the server has got of another page", page.hello.received, 0);
      await page.hears("3", "4");
      await page.peer.leave(GOING_AWAY);
      const stale = await back(trial, room, { session, resume: { received: 2, epoch: phone.hello.epoch } });
      await stale.hears("3", "4");
    },
  },
  {
    is: "P5.5.9 where the buffer did not hold, lost says how many frames, the rest arrive in order, and the host is told as many as missed",
    async run(trial) {
      const room = await trial.room();
      const { host } = room;
      const { phone, id, session } = await joinReliably(trial, room);
      await phone.peer.leave(GOING_AWAY);
      const padding = " ".repeat(OVERFLOW_FRAME_BYTES);
      for (let number = 1; number <= OVERFLOW_FRAMES; number++)
        host.say({ cmd: "to_str", to: [id], data: `${number}${padding}` });
      await host.settle();
      const next = await back(trial, room, { session, resume: { received: 0, epoch: phone.hello.epoch } });
      const { lost } = next.hello;
      if (lost === 0) throw new NotCheckable("the server keeps 4 MiB for a phone that is away");
      expectSame("The number of the next frame", next.hello.next, lost + 1);
      for (let number = lost + 1; number <= OVERFLOW_FRAMES; number++) {
        expectSame("The next frame that was kept", Number(await next.next()), number);
      }
      const { player, missed } = await host.until("player_back");
      expectSame("What the host is told", { player, missed }, { player: id, missed: lost });
    },
  },
  {
    is: "P5.5.10 a host that reloads gets its checkpoint and every frame behind it, acknowledged or not",
    async run(trial) {
      const query = `session=${trial.session()}`;
      const host = await trial.host({ query, protocols: [RELIABLE] });
      const { code } = await trial.prepare(host, () => host.say({ cmd: "prepare", max_players: 4, name: "save" }));
      const { phone, id } = await trial.join({ host, code });
      const said = (data: string): HostNotice => ({ cmd: "from_str", from: id, data });
      for (const data of ["1", "2", "3"]) phone.say(data);
      await host.hears(said("1"));
      host.say({ cmd: "save", data: "behind 1", received: host.received });
      await host.hears(said("2"), said("3"));
      host.peer.say(`\u0000ack ${host.received}`);
      await host.peer.ping("acknowledged");
      await host.leave(GOING_AWAY);
      phone.say("4");
      await phone.ping("said");
      const page = await trial.host({ query, protocols: [RELIABLE] });
      await page.hears(
        { cmd: "state", players: [id] },
        { cmd: "prepare_reply", key: code },
        { cmd: "restore", data: "behind 1" },
      );
      await page.hears(said("2"), said("3"), said("4"));
    },
  },
  {
    is: "P5.9.3 a time is answered with the room's clock, a whole number that is the same for host and phone and never goes back",
    async run(trial) {
      const room = await trial.room({ query: `session=${trial.session()}`, protocols: [RELIABLE] });
      const { phone } = await joinReliably(trial, room);
      const { peer: host } = room.host;
      const readings: unknown[] = [phone.hello["now"]];
      for (const line of [host, phone.peer, phone.peer, host]) readings.push(await clockOf(line));
      for (const now of readings)
        expectThat(Number.isSafeInteger(now), "The room's clock", "whole milliseconds since 1970", now);
      const sorted = readings.toSorted((one, other) => Number(one) - Number(other));
      expectSame("What the clock shows, one time after the other", readings, sorted);
    },
  },
  {
    is: "P5.9.7 game is told to phones on couchwire.v1 with its name and its page, and one without a game in its query goes on",
    async run(trial) {
      const room = await trial.room();
      const { phone, id } = await joinReliably(trial, room);
      expectSame("The game in the hello", phone.hello["game"], "conformance");
      room.host.say({ cmd: "game", name: "second" });
      room.host.say({ cmd: "to_str", to: [id], data: "of the second game" });
      const { name, url } = await phone.nextControl("game");
      expectSame("The game that the phone is told", name, "second");
      const isPage = typeof url === "string" && URL.canParse(url) && url.includes(room.code);
      expectThat(isPage, "The game's page", "a URL with the code in it", url);
      await phone.hears("of the second game");
    },
  },
]);
