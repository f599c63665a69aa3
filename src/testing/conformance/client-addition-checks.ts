/** P5.9, as far as plain lines show it: what came after sessions, for hosts and for phones. */
import { BrokenRule, expectSame, expectThat, NotCheckable } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import { isRecord } from "./peer-line.ts";
import {
  comeBack,
  comingsAndGoings,
  cutHost,
  expectAway,
  expectSeat,
  expectSpeaker,
  GOING_AWAY,
  PIN,
  hostIsBack,
  joinWithSession,
  roomWithSession,
} from "./session-steps.ts";
import type { PlainAnswer } from "./trial.ts";

const JSON_ALONE = { Accept: "application/json" };
/** As axios asks by itself. */
const JSON_AND_ALL = { Accept: "application/json, text/plain, */*" };
const TTL_MS = 50;
/** All values with a key may have that many bytes together (P5.9.8). */
const MAX_KEYED_BYTES = 262_144;
/** A server that follows that many commands at once has no rate that a check could meet. */
const FLOOD_COMMANDS = 6_000;

function jsonIn(what: string, { status, body }: PlainAnswer, wantedStatus: number): Readonly<Record<string, unknown>> {
  expectSame(`The status of ${what}`, status, wantedStatus);
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new BrokenRule(`${what} is no JSON.`, { expected: "a JSON object", actual: body });
  }
  expectThat(isRecord(value), what, "a JSON object", value);
  return value;
}

export const clientAdditionChecks = checksOf("sessions", [
  {
    is: "P5.9.1 a newer volatile frame replaces the older one of its name alone, at its own place; one that waited past its ttl is dropped",
    async run(trial) {
      const { host, code } = await trial.room();
      const { phone, id, session } = await joinWithSession(trial, { host, code });
      await phone.leave(GOING_AWAY);
      await expectAway(host, id);
      const say = (data: string, more = {}): void => host.say({ cmd: "to_str", to: [id], data, ...more });
      say("ball 1", { volatile: "ball" });
      say("clock 1", { volatile: "clock" });
      say("ball 2", { volatile: "ball" });
      say("soon too late", { ttl: TTL_MS });
      say("kept", { ttl: 3_600_000 });
      await host.settle();
      await new Promise((resolve) => setTimeout(resolve, 4 * TTL_MS));
      const back = await comeBack(trial, code, session);
      await expectSpeaker(host, back, id);
      await back.hears("clock 1", "ball 2", "kept");
      say("end");
      await back.hears("end");
    },
  },
  {
    is: "P5.9.2 GET /CODE that accepts JSON alone is answered with the room as JSON, and 404 with an error; one that accepts text as well gets the name",
    async run(trial) {
      const meta = { rounds: [1, "two", null] };
      const fields = { pin: PIN, meta, audience: 5, join_url: "https://example.org/play" };
      const room = await trial.room({ name: "Zeichnen", maxPlayers: 2, fields });
      await trial.join(room, { query: `pin=${encodeURIComponent(PIN)}` });
      const found = jsonIn("GET /CODE", await trial.request("GET", `/${room.code}`, JSON_ALONE), 200);
      expectSame(
        "GET /CODE",
        { ...found },
        {
          code: room.code,
          name: "Zeichnen",
          players: 1,
          maxPlayers: 2,
          isOpen: true,
          audience: 0,
          pin: true,
          joinUrl: `https://example.org/play?room=${room.code}`,
          meta,
        },
      );
      const text = await trial.request("GET", `/${room.code}`, JSON_AND_ALL);
      expectSame("GET /CODE that accepts text as well", text.body, "Zeichnen");
      const none = jsonIn(
        "GET of a code without a room",
        await trial.request("GET", `/${trial.unknownCode()}`, JSON_ALONE),
        404,
      );
      const { error } = none;
      const isError = isRecord(error) && error["code"] === "room_not_found" && typeof error["message"] === "string";
      expectThat(isError, "GET of a code without a room", '{"error":{"code":"room_not_found","message"}}', none);
    },
  },
  {
    is: "P5.9.4 a host past its rate is told rate_limited, once a second at most; it is not closed, and loses nothing",
    async run(trial) {
      const room = await trial.room();
      const { host } = room;
      const { phone, id } = await trial.join(room);
      const startedAt = performance.now();
      for (let data = 0; data < FLOOD_COMMANDS; data++) host.say({ cmd: "to_str", to: [id], data: String(data) });
      for (let data = 0; data < FLOOD_COMMANDS; data++) {
        const heard = await phone.next("what the host says");
        if (heard !== String(data)) expectSame("What the phone hears", heard, String(data));
      }
      const refusals = (await host.settle()).filter(({ cmd }) => cmd === "error");
      if (refusals.length === 0) throw new NotCheckable(`the server follows ${FLOOD_COMMANDS} commands at once`);
      const codes = refusals.map(({ code }) => code);
      expectSame(
        "What the host is told",
        codes,
        codes.map(() => "rate_limited"),
      );
      const most = Math.ceil((performance.now() - startedAt) / 1_000) + 1;
      expectThat(refusals.length <= most, "How often the host is told", `${most} times at most`, refusals.length);
    },
  },
  {
    is: "P5.9.7 game makes the room another game's: state and look-ups tell it, seats stay, and what the game before saved is gone",
    async run(trial) {
      const room = await roomWithSession(trial);
      const { phone, id } = await trial.join(room);
      room.host.say({ cmd: "save", data: "of the first game" });
      room.host.say({ cmd: "game", name: "second", max_players: 5 });
      await room.host.hears({ cmd: "state", name: "second", players: [id], max_players: 5 });
      expectSame("GET /CODE", (await trial.request("GET", `/${room.code}`)).body, "second");
      await expectSeat(room.host, phone, id);
      await cutHost(room, phone);
      const host = await trial.host({ query: room.query });
      const state = await hostIsBack(host, room.code);
      expectSame("The game of a host that comes back", state["name"], "second");
      expectSame("What it hears besides", await host.settle(), []);
    },
  },
  {
    is: "P5.9.8 save keeps values by key, several for all or for none, and forgets one that is null; a host that comes back gets them",
    async run(trial) {
      const room = await roomWithSession(trial);
      const { host, code } = room;
      const { phone } = await trial.join(room);
      host.say({ cmd: "save", key: "a", data: "1" });
      host.say({ cmd: "save", keys: { b: "2", c: "3" } });
      host.say({ cmd: "save", key: "a", data: null });
      host.say({ cmd: "save", keys: { d: "4", e: "x".repeat(MAX_KEYED_BYTES) } });
      const { code: refusal, in: command } = await host.until("error");
      expectSame("How too much is refused", { refusal, command }, { refusal: "too_large", command: "save" });
      await cutHost(room, phone);
      const back = await trial.host({ query: room.query });
      await hostIsBack(back, code);
      const { cmd, keys, data } = await back.next("restore");
      const expected = { cmd: "restore", keys: { b: "2", c: "3" }, data: undefined };
      expectSame("What a host that comes back hears", { cmd, keys, data }, expected);
    },
  },
  {
    is: "P5.9.9 secrets may travel as subprotocols; couchwire is selected where it was offered; a malformed one, or two that differ, close with 4500",
    async run(trial) {
      const room = await trial.room({ fields: { pin: PIN } });
      const session = trial.session();
      const pin = `couchwire.pin.${Buffer.from(PIN).toString("base64url")}`;
      const protocols = [`couchwire.session.${session}`, "couchwire", pin];
      const { phone, id } = await trial.join(room, { protocols });
      const selected = phone.wire.answer.headers.get("sec-websocket-protocol");
      expectSame("What is selected of secrets and couchwire", selected, "couchwire");
      await phone.leave(GOING_AWAY);
      const back = await trial.phone(room.code, { protocols: [`couchwire.session.${session}`] }, "the phone");
      const none = back.wire.answer.headers.get("sec-websocket-protocol");
      expectSame("What is selected of secrets alone", none, undefined);
      await expectSeat(room.host, back, id);
      const malformed = { protocols: ["couchwire", "couchwire.session.short"] };
      await (await trial.phone(room.code, malformed, "the phone with a malformed secret")).endsWith(4500);
      const twice = { query: `session=${session}`, protocols: ["couchwire", `couchwire.session.${trial.session()}`] };
      await (await trial.phone(room.code, twice, "the phone with two sessions")).endsWith(4500);
    },
  },
  {
    is: "P5.9.12 a host with state=delta is told of joins and leaves by themselves, and what changed beside them as state_delta",
    async run(trial) {
      const host = await trial.host({ query: "state=delta" });
      expectSame("`delta` of the first state", (await host.next("state"))["delta"], true);
      const { code } = await trial.prepare(host, () => host.say({ cmd: "prepare", max_players: 2, name: "delta" }));
      const { phone } = await trial.joinAlone({ host, code });
      expectSame("What follows a join that changes nothing else", await host.settle(), []);
      await trial.joinAlone({ host, code }, "the phone that fills the room");
      await host.hears({ cmd: "state_delta", accept_conns: false });
      await phone.leave(1000);
      const { cmd } = await host.next("player_left");
      expectSame("What a leave tells", cmd, "player_left");
      const delta = await host.next("state_delta");
      expectSame("What changed with a leave", { ...delta }, { cmd: "state_delta", accept_conns: true });
    },
  },
  {
    is: "P5.9.13 append keeps a frame behind those of its name, silent keeps it without sending it; one without append begins the list anew",
    async run(trial) {
      const { host, code } = await trial.room();
      const { phone, id, session } = await joinWithSession(trial, { host, code });
      const retain = (data: string, more = {}): void =>
        host.say({ cmd: "to_str", to: [id], data, retain: "list", ...more });
      retain("one");
      retain("two", { append: true });
      retain("three", { append: true, silent: true });
      host.say({ cmd: "to_str", to: [id], data: "now" });
      await phone.hears("one", "two", "now");
      await phone.leave(GOING_AWAY);
      await expectAway(host, id);
      const second = await comeBack(trial, code, session);
      await expectSpeaker(host, second, id);
      await second.hears("one", "two", "three");
      retain("all of it", { silent: true });
      host.say({ cmd: "to_str", to: [id], data: "end" });
      await second.hears("end");
      await second.leave(GOING_AWAY);
      await expectAway(host, id);
      const third = await comeBack(trial, code, session);
      await third.hears("all of it");
      await expectSeat(host, third, id);
      expectSame("Players that have joined or left", comingsAndGoings(await host.settle()), []);
    },
  },
]);
