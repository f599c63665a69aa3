/** P5.8, P5.9.6: limits that can be met from outside without harm to others. */
import { randomBytes } from "node:crypto";
import { BrokenRule, expectSame, expectThat, NotCheckable } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import type { PeerLine } from "./peer-line.ts";
import { FRAME_KIND, type LineClose } from "./wire-line.ts";

/** A server that takes that many frames at once has no limit that a check could meet. */
const FLOOD_FRAMES = 4_000;
const FLOOD_AT_ONCE = 200;
/** Of P5.8.7 and P5.9.6: sixty returns at once, and twice a second in the long run. */
const RETURNS = 90;
const RETURNS_WITHIN_MS = 5_000;

/** A server bars the phones of a flood's network and User-Agent where it knows no session: each flood has one of its own. */
function ownUserAgent(): { readonly "User-Agent": string } {
  return { "User-Agent": `couchwire-conformance-${randomBytes(6).toString("hex")}` };
}

/** Sends frames until the server closes the line. */
async function flood(phone: PeerLine): Promise<LineClose> {
  for (let sent = 0; sent < FLOOD_FRAMES && !phone.isOver; sent += FLOOD_AT_ONCE) {
    for (let frame = 0; frame < FLOOD_AT_ONCE; frame++) phone.say("flood");
    await new Promise((resolve) => setImmediate(resolve));
  }
  // The answer to a ping comes behind all that was said; a server that bars the phone answers none.
  const answered = phone.ping("after the flood").then(
    () => undefined,
    (error: unknown) => {
      if (phone.isOver) return phone.wire.closed;
      throw error;
    },
  );
  const close = await Promise.race([phone.wire.closed, answered]);
  if (close === undefined) throw new NotCheckable(`the server takes ${FLOOD_FRAMES} frames at once`);
  return close;
}

function expectFloodClose({ code, reason }: LineClose): void {
  expectSame("How a flood is closed", code, 4029);
  expectThat(/\d/.test(reason), "The reason of a flood's end", "a sentence that names the seconds", reason);
}

/** Connects again and again until a return is refused. Resolves with the line that had the place then. */
async function returnUntilRefused(
  first: PeerLine,
  comeBack: (who: string) => Promise<PeerLine>,
  isOther: Promise<never> = new Promise(() => {}),
): Promise<PeerLine> {
  let present = first;
  const startedAt = performance.now();
  for (let returns = 1; returns <= RETURNS; returns++) {
    const next = await comeBack(`return ${returns}`);
    const refusal = await Promise.race([
      next.wire.closed,
      next.ping("let in").then(
        () => undefined,
        () => next.end(),
      ),
    ]);
    if (refusal === undefined) {
      await Promise.race([present.endsWith(4509), isOther]);
      present = next;
      continue;
    }
    expectSame(`How return ${returns} is closed`, refusal.code, 4029);
    expectThat(returns > 60, "The return that is refused", "one behind the sixtieth", returns);
    return present;
  }
  if (performance.now() - startedAt > RETURNS_WITHIN_MS) throw new NotCheckable("returns take too long from here");
  throw new BrokenRule("No return is refused.", { expected: `some of ${RETURNS} refused`, actual: "all let in" });
}

export const limitChecks = checksOf("sessions", [
  {
    is: "P5.8.1 a player that sends too many frames is closed with 4029 and told for how long, and the host that it has left",
    async run(trial) {
      const room = await trial.room();
      const headers = ownUserAgent();
      const { phone, id } = await trial.join(room, { headers });
      expectFloodClose(await flood(phone));
      expectSame("The player that has left", (await room.host.until("player_left"))["player"], id);
    },
  },
  {
    is: "P5.8.2 the session of a flood is answered with 4029 for that time, and others are not",
    async run(trial) {
      const room = await trial.room();
      const query = `session=${trial.session()}`;
      const headers = ownUserAgent();
      const { phone } = await trial.join(room, { query, headers });
      expectFloodClose(await flood(phone));
      await (await trial.phone(room.code, { query, headers }, "the phone that is back")).endsWith(4029);
      await trial.join(room, { query: `session=${trial.session()}` }, "another phone");
    },
  },
  {
    is: "P5.8.5 a ping is answered with what it carries; of those that wait the newest is",
    async run(trial) {
      const { peer } = await trial.host();
      for (const payload of ["one", "two", "three"]) peer.wire.sendFrame(FRAME_KIND.ping, Buffer.from(payload));
      await peer.ping("four");
      const asked = ["one", "two", "three", "four"];
      expectSame(
        "The pongs",
        peer.wire.pongs,
        asked.filter((payload) => peer.wire.pongs.includes(payload)),
      );
    },
  },
  {
    is: "P5.8.7 a seat is come back to sixty times at once; past that the new line is closed with 4029, and the present one stays",
    async run(trial) {
      const room = await trial.room();
      const query = `session=${trial.session()}`;
      const { phone, id } = await trial.join(room, { query });
      const newcomer = room.host.until("player_joined").then(({ player }): never => {
        throw new BrokenRule("A return is a newcomer.", {
          expected: `the seat of player ${id}`,
          actual: { player },
        });
      });
      newcomer.catch(() => undefined); // in the end none has come
      const present = await returnUntilRefused(phone, (who) => trial.phone(room.code, { query }, who), newcomer);
      room.host.say({ cmd: "to_str", to: [id], data: "still here" });
      await present.hears("still here");
    },
  },
  {
    is: "P5.9.6 a room is come back to sixty times at once; past that the new line is closed with 4029, and the present host stays",
    async run(trial) {
      const query = `session=${trial.session()}`;
      const room = await trial.room({ query });
      const { phone, id } = await trial.join(room);
      const present = await returnUntilRefused(room.host.peer, (who) => trial.peer("/CREATE", who, { query }));
      present.sayJson({ cmd: "to_str", to: [id], data: "still here" });
      await phone.hears("still here");
    },
  },
]);
