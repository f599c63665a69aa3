/** P5.1, P5.2: what a client may ask for in the query of its address. */
import { expectSame, expectThat } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import { expectAway, expectSeat, expectSpeaker, GOING_AWAY, joinWithSession } from "./session-steps.ts";
import type { OpenedByCheck, Trial } from "./trial.ts";

/** One character as people count them, of 25 bytes and 11 UTF-16 units. */
const FAMILY = "👨‍👩‍👧‍👦";

/** The `name` in `player_joined` of a phone that shows this one. */
async function nameTold(trial: Trial, { host, code }: OpenedByCheck, shown: string): Promise<unknown> {
  const query = `name=${encodeURIComponent(shown)}`;
  const phone = await trial.phone(code, { query }, "the phone with a name");
  return (await host.until("player_joined", phone))["name"];
}

export const queryChecks = checksOf("sessions", [
  {
    is: "P5.1 the query of /CREATE chooses JSON; another value closes with 4500, and what is unknown is ignored",
    async run(trial) {
      const host = await trial.host({ query: "format=json&unknown=1" });
      const message = await host.peer.nextMessage("the state");
      expectSame("Whether an event is text", message.isText, true);
      await (await trial.host({ query: "format=xml" })).peer.endsWith(4500);
      await (await trial.host({ query: "bytes=none" })).peer.endsWith(4500);
    },
  },
  {
    is: "P5.2 an invalid value in the query of /CODE closes with 4500 and a reason, and what is unknown is ignored",
    async run(trial) {
      const room = await trial.room();
      for (const query of ["session=short", "received=many", "attempt=page", "role=chief"]) {
        const refused = await trial.phone(room.code, { query }, `the phone with ${query}`);
        const { reason } = await refused.endsWith(4500);
        expectThat(reason !== "", `The reason for ${query}`, "a sentence", reason);
      }
      const { id } = await trial.join(room, { query: "unknown=1" });
      expectSame("The id of the first that is let in", id, 1);
    },
  },
  {
    is: "P5.2.1 a session is 16 to 128 letters; another one closes with 4500, and is not repeated",
    async run(trial) {
      await (await trial.host({ query: `session=${"s".repeat(16)}` })).next("state");
      for (const session of ["s".repeat(15), "s".repeat(129), "a.session.with.dots"]) {
        const { reason } = await (await trial.host({ query: `session=${session}` })).peer.endsWith(4500);
        expectThat(!reason.includes(session), "The reason", "a sentence without the session", reason);
      }
    },
  },
  {
    is: "P5.2.2 a name has up to 64 characters as people count them, without the space around it; a longer one closes with 4500",
    async run(trial) {
      const room = await trial.room();
      for (const name of ["x".repeat(64), FAMILY.repeat(30)]) {
        expectSame("The name that the host is told", await nameTold(trial, room, name), name);
      }
      expectSame("A name with space around it", await nameTold(trial, room, "  Ada L. "), "Ada L.");
      for (const name of ["x".repeat(65), FAMILY.repeat(64)]) {
        const query = `name=${encodeURIComponent(name)}`;
        await (await trial.phone(room.code, { query }, "the phone with a long name")).endsWith(4500);
      }
    },
  },
  {
    is: "P5.2.3 received and epoch mean nothing without couchwire.v1: a plain line with them gets its seat, and what waits",
    async run(trial) {
      const { host, code } = await trial.room();
      const { phone, id, session } = await joinWithSession(trial, { host, code });
      await phone.leave(GOING_AWAY);
      await expectAway(host, id);
      host.say({ cmd: "to_str", to: [id], data: "waited" });
      await host.settle();
      const back = await trial.phone(code, { query: `session=${session}&received=99&epoch=other` });
      await expectSpeaker(host, back, id);
      await back.hears("waited");
      await expectSeat(host, back, id);
    },
  },
  {
    is: "P5.2.4 of one page's connections the one with the larger number stays, and one of a page that was replaced is stale",
    async run(trial) {
      const { host, code } = await trial.room();
      const session = `session=${trial.session()}`;
      const attempt = (name: string): string => `${session}&attempt=${name}`;
      const { id } = await trial.join({ host, code }, { query: attempt("one.1") });
      const phone = await trial.phone(code, { query: attempt("one.3") }, "the next connection of the page");
      await expectSeat(host, phone, id);
      await (await trial.phone(code, { query: attempt("one.2") }, "the connection that was overtaken")).endsWith(4509);
      await expectSeat(host, phone, id);
      const other = await trial.phone(code, { query: attempt("two.1") }, "the other page");
      await expectSeat(host, other, id);
      await phone.endsWith(4509);
      await (await trial.phone(code, { query: attempt("one.4") }, "the page that was replaced")).endsWith(4509);
      await expectSeat(host, other, id);
    },
  },
  {
    is: "P5.2.5 role=player asks for a seat; the roles of open rooms close with 4500 in a room with a host",
    async run(trial) {
      const room = await trial.room();
      const { id } = await trial.join(room, { query: "role=player" });
      expectSame("The id of a phone that asks for a seat", id, 1);
      for (const role of ["member", "spectator"]) {
        await (await trial.phone(room.code, { query: `role=${role}` }, `the ${role}`)).endsWith(4500);
      }
    },
  },
]);
