/** P5.3: what a host may say beyond WMBP. */
import { expectSame, expectThat } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import type { HostLine, HostNotice } from "./host-line.ts";
import { isRecord } from "./peer-line.ts";
import {
  comeBack,
  cutHost,
  expectAway,
  expectSeat,
  expectSpeaker,
  GOING_AWAY,
  PIN,
  rescueIn,
  hostIsBack,
  joinWithSession,
  roomWithSession,
} from "./session-steps.ts";

/** A checkpoint may be so long (P5.3.6). */
const MAX_SAVE_BYTES = 65_536;

/** The host is told that its last command was refused. */
async function expectRefused(host: HostLine, expected: { readonly code: string; readonly in: string }): Promise<void> {
  const { code, in: command } = await host.until("error");
  expectSame("How the command is refused", { code, in: command }, expected);
}

/** What a report of `health` says of a player. */
function healthOf(report: HostNotice, id: number): Readonly<Record<string, unknown>> {
  const { players } = report;
  expectThat(isRecord(players), "`players` of health", "a map", players);
  const of = players[String(id)];
  expectThat(isRecord(of), `Player ${id} in health`, "a map", players);
  return of;
}

export const hostAdditionChecks = checksOf("sessions", [
  {
    is: "P5.3.1 open lets new players in again after start, and is answered by the state",
    async run(trial) {
      const room = await trial.room();
      room.host.say({ cmd: "start" });
      await room.host.hears({ cmd: "state", accept_conns: false });
      await (await trial.phone(room.code, {}, "the phone at a locked room")).endsWith(4523);
      room.host.say({ cmd: "open" });
      await room.host.hears({ cmd: "state", accept_conns: true });
      await trial.join(room);
    },
  },
  {
    is: "P5.3.2 a kick's reason closes the player, cut to 123 bytes at a character's border; with ban its session is kept out, and no other",
    async run(trial) {
      const room = await trial.room();
      const { phone: first, id, session } = await joinWithSession(trial, room);
      const phone = await comeBack(trial, room.code, session);
      await expectSpeaker(room.host, phone, id);
      await first.endsWith(4509);
      room.host.say({ cmd: "kick", player: id, reason: "ü".repeat(62), ban: true });
      const { reason } = await phone.endsWith(4503);
      expectSame("The reason of the close", reason, "ü".repeat(61));
      await (await comeBack(trial, room.code, session, "the session that is banned")).endsWith(4503);
      await joinWithSession(trial, room, "another phone");
    },
  },
  {
    is: "P5.3.3 those in `except` do not get the frame, however they are addressed",
    async run(trial) {
      const room = await trial.room();
      const [one, two] = await trial.joinAll(room, 2);
      expectThat(one !== undefined && two !== undefined, "The phones", "two", undefined);
      const { host } = room;
      host.say({ cmd: "to_str", to: [], except: [two.id], data: "all but the second" });
      host.say({ cmd: "to", to: [one.id, two.id], except: [two.id], data: [1] });
      host.say({ cmd: "to_str", to: [], data: "end" });
      await one.phone.hears("all but the second", Uint8Array.of(1), "end");
      await two.phone.hears("end");
    },
  },
  {
    is: "P5.3.4 while a line is down a newer volatile frame replaces the older one; another frame sends it ahead of itself",
    async run(trial) {
      const { host, code } = await trial.room();
      const { phone, id, session } = await joinWithSession(trial, { host, code });
      await phone.leave(GOING_AWAY);
      await expectAway(host, id);
      const say = (data: string, more = {}): void => host.say({ cmd: "to_str", to: [id], data, ...more });
      for (const data of ["at 1", "at 2"]) say(data, { volatile: true });
      say("turn");
      for (const data of ["at 3", "at 4"]) say(data, { volatile: true });
      await host.settle();
      const back = await comeBack(trial, code, session);
      await expectSpeaker(host, back, id);
      await back.hears("at 2", "turn", "at 4");
      say("end");
      await back.hears("end");
    },
  },
  {
    is: "P5.3.5 a page that starts from nothing gets the last retained frame of each name, oldest first, and each once",
    async run(trial) {
      const { host, code } = await trial.room();
      const { phone, id, session } = await joinWithSession(trial, { host, code });
      const say = (data: string, more = {}): void => host.say({ cmd: "to_str", to: [id], data, ...more });
      say("round 1", { retain: "round" });
      say("red", { retain: "team" });
      say("round 2", { retain: "round" });
      say("not retained");
      await phone.hears("round 1", "red", "round 2", "not retained");
      await phone.leave(GOING_AWAY);
      await expectAway(host, id);
      say("waits");
      say("blue", { retain: "hat" });
      await host.settle();
      const back = await comeBack(trial, code, session);
      await expectSpeaker(host, back, id);
      const heard = [await back.next(), await back.next(), await back.next(), await back.next()];
      expectSame("The retained frames ahead of what waited", heard.slice(0, 2), ["red", "round 2"]);
      const later = heard.slice(2);
      const isAll = later.length === 2 && later.includes("blue") && later.includes("waits");
      expectThat(isAll, "What waited, and what was retained meanwhile", "blue and waits, in any order", later);
      say("end");
      await back.hears("end");
    },
  },
  {
    is: "P5.3.6 save keeps 64 KiB for a host that comes back; more is refused as too_large, and what was saved stays",
    async run(trial) {
      const room = await roomWithSession(trial);
      const { phone } = await trial.join(room);
      const kept = "k".repeat(MAX_SAVE_BYTES);
      room.host.say({ cmd: "save", data: kept });
      room.host.say({ cmd: "save", data: `${kept}k` });
      await expectRefused(room.host, { code: "too_large", in: "save" });
      await cutHost(room, phone);
      const host = await trial.host({ query: room.query });
      await hostIsBack(host, room.code);
      await host.hears({ cmd: "restore", data: kept });
    },
  },
  {
    is: "P5.3.7 health tells at once of each player: rtt, what waits for it, and whether it is away",
    async run(trial) {
      const { host, code } = await trial.room();
      const { phone, id } = await joinWithSession(trial, { host, code });
      host.say({ cmd: "health", every: 3_600 });
      const { rtt, queued, away } = healthOf(await host.until("health"), id);
      expectSame("A player that is here", { queued, away }, { queued: 0, away: false });
      expectThat(rtt === null || (typeof rtt === "number" && rtt >= 0), "`rtt`", "milliseconds, or null", rtt);
      host.say({ cmd: "health", every: 3_601 });
      await expectRefused(host, { code: "invalid_field", in: "health" });
      await phone.leave(GOING_AWAY);
      await expectAway(host, id);
      host.say({ cmd: "health", every: 0 });
      host.say({ cmd: "health", every: 3_600 });
      const gone = healthOf(await host.until("health"), id);
      expectSame("Whether a player that is away is", gone["away"], true);
    },
  },
  {
    is: "P5.3.8 a rescue link gives the seat to another phone, once, in a full and locked room, and its old session loses it",
    async run(trial) {
      const room = await trial.room({ maxPlayers: 1 });
      const { host, code } = room;
      const { phone, id, session } = await joinWithSession(trial, room);
      host.say({ cmd: "start" });
      await host.until("state");
      host.say({ cmd: "rescue", player: id + 1 });
      await expectRefused(host, { code: "invalid_field", in: "rescue" });
      host.say({ cmd: "rescue", player: id });
      const reply = await host.until("rescue_reply");
      expectSame("The player of the link", reply["player"], id);
      const rescue = encodeURIComponent(rescueIn(reply["url"]));
      const query = (): string => `session=${trial.session()}&rescue=${rescue}`;
      const fresh = await trial.phone(code, { query: query() }, "the phone that opens the link");
      await expectSeat(host, fresh, id);
      await phone.endsWith(4509);
      await (await comeBack(trial, code, session, "the session that has lost its seat")).endsWith(4523);
      await (await trial.phone(code, { query: query() }, "the phone with a link that is used up")).endsWith(4523);
    },
  },
  {
    is: "P5.3.9 a room with a PIN lets in who shows it, closes others with 4501, and asks a session that comes back for none",
    async run(trial) {
      const room = await trial.room({ fields: { pin: PIN } });
      await (await trial.phone(room.code, {}, "the phone without a PIN")).endsWith(4501);
      await (await trial.phone(room.code, { query: "pin=blau" }, "the phone with a wrong PIN")).endsWith(4501);
      const session = trial.session();
      const query = `session=${session}&pin=${encodeURIComponent(PIN)}`;
      const { phone, id } = await trial.join(room, { query });
      await phone.leave(GOING_AWAY);
      await expectSeat(room.host, await comeBack(trial, room.code, session), id);
    },
  },
  {
    is: "P5.3.10 player_joined has the name of a phone that gave one, and none of a phone that did not",
    async run(trial) {
      const { host, code } = await trial.room();
      const named = await trial.phone(code, { query: "name=Ada" }, "the phone with a name");
      expectSame("The name that the host is told", (await host.until("player_joined", named))["name"], "Ada");
      const nameless = await trial.phone(code, {}, "the phone without a name");
      const { name, user } = await host.until("player_joined", nameless);
      expectSame(
        "What is told of a phone without name and token",
        { name, user },
        { name: undefined, user: undefined },
      );
    },
  },
]);
