/** Part 6: open rooms. Members come with tokens to a room of kind `relay`, which the first one opens. */
import { randomBytes } from "node:crypto";
import { expectSame, expectThat, NotCheckable } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import { SHORT_SECONDS } from "./conformance-target.ts";
import { isRecord, type PeerLine } from "./peer-line.ts";
import type { Trial } from "./trial.ts";

type MemberNotice = Readonly<Record<string, unknown>>;

/** Refused frames in a row that end a connection (P6.5). */
const REFUSALS = 10;

function newRoomName(): string {
  return `conformance-${randomBytes(6).toString("hex")}`;
}

function query(token: string, more = ""): string {
  return `token=${encodeURIComponent(token)}${more}`;
}

/** The member is in: a frame of it is refused, which is answered once it is in the room. */
async function isIn(line: PeerLine): Promise<void> {
  line.say("{");
  expectRefusal("The answer to what is no JSON", await line.nextJson("an error"));
}

/** A member with a token of its own, which needs the secret; it is in the room. */
async function member(trial: Trial, room: string, sub: string): Promise<PeerLine> {
  const line = await trial.peer("/ws", sub, { query: query(await trial.target.sign({ sub, room })) });
  await isIn(line);
  return line;
}

interface WatchfulMember {
  readonly line: PeerLine;
  /** The first that it has heard. */
  readonly joined: MemberNotice;
}

/** A member with events; it is in the room. */
async function watchful(trial: Trial, room: string, sub: string): Promise<WatchfulMember> {
  const token = await trial.target.sign({ sub, room });
  const line = await trial.peer("/ws", sub, { query: query(token, "&events=1") });
  return { line, joined: await line.nextJson("joined") };
}

async function hearsJson(line: PeerLine, what: string, expected: MemberNotice): Promise<void> {
  expectSame(what, await line.nextJson(JSON.stringify(expected)), expected);
}

/** The next event of this name. */
async function hearsEvent(line: PeerLine, event: string): Promise<MemberNotice> {
  for (;;) {
    const notice = await line.nextJson(`the event ${event}`);
    if (notice["event"] === event) return notice;
  }
}

function expectRefusal(what: string, notice: MemberNotice): void {
  const { error } = notice;
  const isError = isRecord(error) && typeof error["code"] === "string" && typeof error["message"] === "string";
  expectThat(isError, what, '{"error": {"code", "message"}}', notice);
}

export const openRoomChecks = checksOf("open", [
  {
    is: "P6.0 a WebSocket at /ws without a token, whose first frame is no command, is closed with 4501",
    async run(trial) {
      const line = await trial.peer("/ws", "the client without a token");
      line.sayJson({ data: "hello" });
      await line.endsWith(4501);
    },
  },
  {
    is: "P6.1 a token that does not count is closed with 4501, and answered 401 without an upgrade; one that counts 426",
    async run(trial) {
      const token = await trial.memberToken(newRoomName());
      const forged = `${token.slice(0, token.lastIndexOf(".") + 1)}${"A".repeat(43)}`;
      const refused = await trial.peer("/ws", "the client with a forged token", { query: query(forged) });
      expectThat((await refused.endsWith(4501)).reason !== "", "The reason", "a sentence", "");
      expectSame("GET /ws with a forged token", (await trial.request("GET", `/ws?${query(forged)}`)).status, 401);
      expectSame("GET /ws with a token that counts", (await trial.request("GET", `/ws?${query(token)}`)).status, 426);
    },
  },
  {
    is: "P6.2 what a member says goes to all others, or to those of `to`, and to nobody with an empty one; bytes go to all others",
    async run(trial) {
      const room = newRoomName();
      const ann = await member(trial, room, "ann");
      const { line: ben } = await watchful(trial, room, "ben");
      const cleo = await member(trial, room, "cleo");
      ann.sayJson({ data: { all: [1, null] }, from: "ben" });
      ann.sayJson({ data: "for cleo", to: ["cleo", "nobody"] });
      ann.sayJson({ data: "for nobody", to: [] });
      ann.say(Uint8Array.of(1, 255));
      ann.sayJson({ data: "end" });
      await hearsJson(cleo, "What cleo hears", { from: "ann", data: { all: [1, null] } });
      await hearsJson(cleo, "What cleo hears", { from: "ann", data: "for cleo" });
      await hearsJson(cleo, "The bytes that cleo hears", { from: "ann", data: { base64: "Af8=" } });
      await hearsJson(cleo, "What cleo hears", { from: "ann", data: "end" });
      const heard: unknown[] = [];
      while (heard.at(-1) !== "end") {
        const frame = await ben.next("what ann says");
        const notice: unknown = typeof frame === "string" ? JSON.parse(frame) : frame;
        if (notice instanceof Uint8Array) heard.push([...notice]);
        else if (isRecord(notice) && notice["event"] === undefined) heard.push(notice["data"]);
      }
      expectSame("What ben hears", heard, [{ all: [1, null] }, [1, 255], "end"]);
      expectSame("What ann hears of herself", ann.unheard(), []);
    },
  },
  {
    is: 'P6.3 what a member says is told as {"from", "data"}, in this order',
    async run(trial) {
      const room = newRoomName();
      const [ann, ben] = [await member(trial, room, "ann"), await member(trial, room, "ben")];
      ann.sayJson({ data: [1, "ü"] });
      expectSame("The frame", await ben.next("what ann says"), '{"from":"ann","data":[1,"ü"]}');
    },
  },
  {
    is: "P6.4 each member gets all frames in one order",
    async run(trial) {
      const room = newRoomName();
      const [ann, ben] = [await member(trial, room, "ann"), await member(trial, room, "ben")];
      const [one, two] = [await member(trial, room, "cleo"), await member(trial, room, "dan")];
      const count = 20;
      for (let index = 0; index < count; index++) {
        ann.sayJson({ data: `ann ${index}` });
        ben.sayJson({ data: `ben ${index}` });
      }
      const heardBy = async (line: PeerLine): Promise<readonly unknown[]> => {
        const heard: unknown[] = [];
        while (heard.length < 2 * count) heard.push((await line.nextJson("what is said"))["data"]);
        return heard;
      };
      const heard = await heardBy(one);
      expectSame("What another member hears", await heardBy(two), heard);
      const ofAnn = heard.filter((data) => String(data).startsWith("ann"));
      expectSame(
        "What ann says, in order",
        ofAnn,
        Array.from({ length: count }, (_, index) => `ann ${index}`),
      );
    },
  },
  {
    is: "P6.5 a frame that is refused is answered to its sender, and the connection stays; ten in a row close with 4500",
    async run(trial) {
      const line = await trial.peer("/ws", "the member", { query: query(await trial.memberToken(newRoomName())) });
      line.say("no JSON");
      expectRefusal("The answer to what is no JSON", await line.nextJson("an error"));
      line.sayJson({ to: [] });
      expectRefusal("The answer to an envelope without data", await line.nextJson("an error"));
      line.sayJson({ data: "a good one", to: [] });
      for (let refused = 0; refused < REFUSALS; refused++) line.say("{");
      await line.endsWith(4500);
    },
  },
  {
    is: "P6.6 with events a newcomer hears first who is here, itself among them, and then the past",
    async run(trial) {
      const room = newRoomName();
      const ann = await watchful(trial, room, "ann");
      const { event, you, members, history } = ann.joined;
      expectSame("The first frame", { event, you, history }, { event: "joined", you: "ann", history: 0 });
      expectSame("The members", idsOf(members), ["ann"]);
      ann.line.sayJson({ data: "one" });
      ann.line.sayJson({ data: "two" });
      await isIn(ann.line); // what it said before has been read
      const ben = await watchful(trial, room, "ben");
      expectSame(
        "The past of a newcomer",
        { you: ben.joined["you"], history: ben.joined["history"] },
        { you: "ben", history: 2 },
      );
      expectSame("The members", idsOf(ben.joined["members"]), ["ann", "ben"]);
      for (const [index, data] of ["one", "two"].entries()) {
        const { from, data: said, seq } = await ben.line.nextJson("a frame of the past");
        expectSame("A frame of the past", { from, said, seq }, { from: "ann", said: data, seq: index + 1 });
      }
    },
  },
  {
    is: "P6.7 with events the others hear who joins and who leaves",
    async run(trial) {
      const room = newRoomName();
      const ann = await watchful(trial, room, "ann");
      const ben = await watchful(trial, room, "ben");
      expectSame("The member that has joined", memberIn(await hearsEvent(ann.line, "join")), "ben");
      await ben.line.leave(1000);
      expectSame("The member that has left", memberIn(await hearsEvent(ann.line, "leave")), "ben");
    },
  },
  {
    is: "P6.8 one sub has one seat: a second connection takes over, and the first one is closed with 4509",
    async run(trial) {
      const token = await trial.memberToken(newRoomName());
      const first = await trial.peer("/ws", "the first connection", { query: query(token) });
      await isIn(first);
      const second = await trial.peer("/ws", "the second connection", { query: query(token) });
      await first.endsWith(4509);
      await isIn(second);
    },
  },
  {
    is: "P6.10 an expired token closes with 4401, and a newer one before that renews it",
    async run(trial) {
      const room = newRoomName();
      const sign = (seconds: number): Promise<string> => trial.target.sign({ sub: "ann", room }, seconds);
      const renewing = await trial.peer("/ws", "the member that renews", { query: query(await sign(60), "&events=1") });
      await hearsEvent(renewing, "joined");
      renewing.sayJson({ token: await sign(120) });
      const { exp } = await hearsEvent(renewing, "renewed");
      expectThat(typeof exp === "number", "`exp` of the renewed token", "seconds since 1970", exp);
      const other = { sub: "ben", room: newRoomName() };
      const short = await trial.target.sign(other, SHORT_SECONDS);
      const ending = await trial.peer("/ws", "the member whose token expires", { query: query(short) });
      await ending.endsWith(4401);
    },
  },
  {
    is: "P6.11 /CREATE?kind=relay opens a room with a code, in which members join without a token and are given ids",
    async run(trial) {
      const opener = await trial.peer("/CREATE", "the opener", { query: "kind=relay" });
      const frame = await Promise.race([
        opener.nextJson("created").catch(() => undefined),
        opener.wire.closed.then(() => undefined),
      ]);
      if (frame === undefined) {
        const { code, reason } = await opener.end();
        if (code === 4501) throw new NotCheckable(`the server opens no relay for this client: ${reason}`);
      }
      const { event, code } = frame ?? {};
      expectSame("What the opener hears first", event, "created");
      const one = await trial.peer(`/${String(code)}`, "member 1");
      expectSame("The id of the first member", (await one.nextJson("joined"))["you"], "p1");
      const two = await trial.peer(`/${String(code)}`, "member 2", { query: "events=0" });
      await isIn(two);
      two.sayJson({ data: "hello" });
      for (;;) {
        const { from, data } = await one.nextJson("what member 2 says");
        if (data === undefined) continue;
        expectSame("What member 1 hears", { from, data }, { from: "p2", data: "hello" });
        return;
      }
    },
  },
]);

function idsOf(members: unknown): readonly unknown[] {
  return Array.isArray(members) ? members.map((one: unknown) => (isRecord(one) ? one["id"] : one)) : [];
}

function memberIn({ member: told }: MemberNotice): unknown {
  return isRecord(told) ? told["id"] : told;
}
