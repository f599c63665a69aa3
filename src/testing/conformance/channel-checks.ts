/** Part 8: channels. A line says commands as JSON, and each is answered. */
import { randomBytes } from "node:crypto";
import { expectSame, expectThat } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import { SHORT_SECONDS } from "./conformance-target.ts";
import { isRecord, type PeerLine } from "./peer-line.ts";
import type { Trial } from "./trial.ts";

type ChannelNotice = Readonly<Record<string, unknown>>;

const BAD_COMMANDS = 10;

/** A line, its ids, and what was pushed while an answer was awaited. */
class ChannelLine {
  readonly peer: PeerLine;
  readonly #pushed: ChannelNotice[] = [];
  #id = 0;

  constructor(peer: PeerLine) {
    this.peer = peer;
  }

  /** A line that has connected with a token for all that a check needs. */
  static async open(trial: Trial, who: string): Promise<ChannelLine> {
    const line = new ChannelLine(await trial.peer("/ws", who));
    const token = await trial.target.anyToken();
    expectSame("The answer to connect", await line.ask("connect", { token }), { connected: true });
    return line;
  }

  /** The result of a command, or its error. */
  async ask(method: string, params?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const id = (this.#id += 1);
    this.peer.sayJson({ id, method, ...(params !== undefined && { params }) });
    for (;;) {
      const notice = await this.peer.nextJson(`the answer to ${method}`);
      if (notice["id"] !== id) {
        this.#pushed.push(notice);
        continue;
      }
      return "error" in notice ? { error: codeOf(notice) } : notice["result"];
    }
  }

  /** The next frame that answers no command. */
  async nextPush(what: string): Promise<ChannelNotice> {
    return this.#pushed.shift() ?? this.peer.nextJson(what);
  }

  async hearsPublication(channel: string, data: unknown): Promise<number> {
    const { method, params } = await this.nextPush(`the publication of ${JSON.stringify(data)}`);
    const seen = isRecord(params) ? { channel: params["channel"], data: params["data"] } : params;
    expectSame("What is pushed", { method, seen }, { method: "publication", seen: { channel, data } });
    return Number(isRecord(params) ? params["offset"] : Number.NaN);
  }

  async subscribe(channel: string, since?: object): Promise<Readonly<Record<string, unknown>>> {
    const result = await this.ask("subscribe", { channel, ...(since !== undefined && { since }) });
    expectThat(isRecord(result), "The answer to subscribe", "an object", result);
    const { subscribed, epoch, offset, recovered } = result;
    const isWhole = subscribed === true && typeof epoch === "string" && typeof offset === "number";
    expectThat(
      isWhole && typeof recovered === "boolean",
      "The answer to subscribe",
      "subscribed, epoch, offset, recovered",
      result,
    );
    return result;
  }
}

function codeOf({ error }: ChannelNotice): unknown {
  const isWhole = isRecord(error) && typeof error["message"] === "string";
  expectThat(isWhole, "An error", '{"code", "message"}', error);
  return error["code"];
}

function newChannel(trial: Trial): string {
  return trial.target.channelFor(`conformance-${randomBytes(6).toString("hex")}`);
}

export const channelChecks = checksOf("channels", [
  {
    is: "P8.1 connect with a token is answered connected; ping alone may come before",
    async run(trial) {
      const line = new ChannelLine(await trial.peer("/ws", "the line"));
      expectSame("The answer to a ping before connect", await line.ask("ping"), {});
      const channel = newChannel(trial);
      expectSame("The answer to subscribe before connect", await line.ask("subscribe", { channel }), { error: 401 });
      const token = await trial.target.anyToken();
      expectSame("The answer to connect", await line.ask("connect", { token }), { connected: true });
      expectSame("Whether the line follows", (await line.subscribe(channel))["subscribed"], true);
    },
  },
  {
    is: "P8.2 commands are answered in their order, with their ids; a line that comes back gets what it missed",
    async run(trial) {
      const [one, two] = [await ChannelLine.open(trial, "line 1"), await ChannelLine.open(trial, "line 2")];
      const channel = newChannel(trial);
      const { epoch, offset: before } = await one.subscribe(channel);
      expectSame("Lines that follow", await two.ask("presence", { channel }), { clients: 1 });
      expectSame("Lines that get it", await two.ask("publish", { channel, data: "first" }), { delivered: 1 });
      const offset = await one.hearsPublication(channel, "first");
      expectSame("The offset", offset, Number(before) + 1);
      expectSame("The answer to unsubscribe", await one.ask("unsubscribe", { channel }), { unsubscribed: true });
      expectSame("The answer to unsubscribe again", await one.ask("unsubscribe", { channel }), { unsubscribed: true });
      for (const data of ["second", "third"]) await two.ask("publish", { channel, data });
      const { recovered, offset: since } = await one.subscribe(channel, { epoch, offset });
      expectSame("The answer to since", { recovered, since }, { recovered: true, since: offset });
      await one.hearsPublication(channel, "second");
      await one.hearsPublication(channel, "third");
      one.peer.sayJson({ id: "text", method: "ping" });
      expectSame("The id of an answer", (await one.nextPush("the answer to a ping"))["id"], "text");
    },
  },
  {
    is: "P8.3 a command that is refused is answered with its code, and the line stays; ten that are 400 close with 4500",
    async run(trial) {
      const { peer } = await ChannelLine.open(trial, "the line");
      const line = new ChannelLine(peer);
      expectSame("The answer to an unknown method", await line.ask("dance", {}), { error: 400 });
      expectSame("The answer to subscribe without a channel", await line.ask("subscribe", {}), { error: 400 });
      peer.say("no JSON");
      const broken = await line.nextPush("the error for what is no JSON");
      expectSame("The error for what is no JSON", { id: broken["id"], code: codeOf(broken) }, { id: null, code: 400 });
      expectSame("The answer to a ping", await line.ask("ping"), {});
      for (let bad = 0; bad < BAD_COMMANDS; bad++) peer.say("{");
      await peer.endsWith(4500);
    },
  },
  {
    is: "P8.3 a channel that the token is not for is answered 403",
    async run(trial) {
      const line = new ChannelLine(await trial.peer("/ws", "the line"));
      const channel = `conformance-${randomBytes(6).toString("hex")}`;
      const token = await trial.target.sign({ sub: "ann", channels: [`${channel}:*`], publish: [] });
      await line.ask("connect", { token });
      expectSame("The answer to another channel", await line.ask("subscribe", { channel }), { error: 403 });
      expectSame("Whether it follows its own", (await line.subscribe(`${channel}:1`))["subscribed"], true);
      const publishing = await line.ask("publish", { channel: `${channel}:1`, data: 1 });
      expectSame("The answer to publish", publishing, { error: 403 });
    },
  },
  {
    is: "P8.4 what is published is pushed to all lines that follow, the publishing one too, byte for byte",
    async run(trial) {
      const [one, two] = [await ChannelLine.open(trial, "line 1"), await ChannelLine.open(trial, "line 2")];
      const channel = newChannel(trial);
      for (const line of [one, two]) await line.subscribe(channel);
      const data = '{"b":1.0,"a":["ü",null]}';
      const written = `{"id":900,"method":"publish","params":{"channel":${JSON.stringify(channel)},"data":${data}}}`;
      one.peer.say(written);
      const frame = await two.peer.next("the publication");
      expectThat(
        typeof frame === "string" && frame.includes(`"data":${data}`),
        "The frame",
        `data as it was written: ${data}`,
        frame,
      );
      const [first, second] = [await one.peer.next("a frame"), await one.peer.next("a frame")];
      expectThat(first === frame || second === frame, "What the publishing line hears", "the same frame", [
        first,
        second,
      ]);
    },
  },
  {
    is: "P8.5 a host publishes on the channels of its room, which end with it",
    async run(trial) {
      const { host, code } = await trial.room();
      const channel = `room:${code}:scores`;
      const line = new ChannelLine(await trial.peer("/ws", "the line"));
      await line.ask("connect", { token: await trial.target.sign({ sub: "ann", channels: [channel] }) });
      await line.subscribe(channel);
      host.say({ cmd: "publish", channel: "scores", data: { ann: 3 } });
      await line.hearsPublication(channel, { ann: 3 });
      expectSame("What the host is answered", await host.settle(), []);
      host.say({ cmd: "stop" });
      const { method, params } = await line.nextPush("unsubscribed");
      expectSame("What is pushed in the end", { method, params }, { method: "unsubscribed", params: { channel } });
    },
  },
  {
    is: "P8.6 a line whose token expires is closed with 4401",
    async run(trial) {
      const line = new ChannelLine(await trial.peer("/ws", "the line"));
      const token = await trial.target.sign({ sub: "ann", channels: ["*"] }, SHORT_SECONDS);
      expectSame("The answer to connect", await line.ask("connect", { token }), { connected: true });
      await line.peer.endsWith(4401);
    },
  },
]);
