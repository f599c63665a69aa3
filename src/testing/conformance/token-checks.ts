/** P5.9.14, P5.9.15: tokens of hosts and players. */
import { expectSame, expectThat, NotCheckable } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import { SHORT_SECONDS } from "./conformance-target.ts";
import type { PeerLine } from "./peer-line.ts";
import { ReliableLine } from "./reliable-line.ts";
import { expectSeat } from "./session-steps.ts";
import type { OpenedByCheck, Trial } from "./trial.ts";

const UNSIGNED = "no.token.atall";

interface Newcomer {
  readonly phone: PeerLine;
  readonly id: number;
  readonly user: unknown;
}

interface Claims {
  readonly sub: string;
  readonly role?: string;
  readonly room?: string;
}

/** The query of a client that shows such a token. */
async function tokenQuery(trial: Trial, claims: Claims): Promise<string> {
  return `token=${encodeURIComponent(await trial.target.sign(claims))}`;
}

/** What the host is told of a newcomer with this query. */
async function newcomer(trial: Trial, { host, code }: OpenedByCheck, query: string): Promise<Newcomer> {
  const phone = await trial.phone(code, { query }, "the phone with a token");
  const { player, user } = await host.until("player_joined", phone);
  return { phone, id: Number(player), user };
}

export const tokenChecks = checksOf("open", [
  {
    is: "P5.9.14 a token that is shown is judged: /CREATE needs the role host, /CODE a role that plays or watches, and both the right room",
    async run(trial) {
      for (const query of [`token=${UNSIGNED}`, await tokenQuery(trial, { sub: "tv", role: "player" })])
        await (await trial.host({ query })).peer.endsWith(4501);
      const room = await trial.room({ query: await tokenQuery(trial, { sub: "tv", role: "host" }) });
      const refused = [
        `token=${UNSIGNED}`,
        await tokenQuery(trial, { sub: "ann", role: "chief" }),
        await tokenQuery(trial, { sub: "ann", room: trial.unknownCode() }),
      ];
      for (const query of refused)
        await (await trial.phone(room.code, { query }, "the phone with a token that does not count")).endsWith(4501);
      const { user } = await newcomer(trial, room, await tokenQuery(trial, { sub: "ann", room: room.code }));
      expectSame("The user that the host is told", user, "ann");
    },
  },
  {
    is: "P5.9.14 the session beside a token is that user's alone",
    async run(trial) {
      const room = await trial.room();
      const session = `session=${trial.session()}`;
      const own = `${session}&${await tokenQuery(trial, { sub: "ann" })}`;
      const { phone, id } = await newcomer(trial, room, own);
      for (const query of [`${session}&${await tokenQuery(trial, { sub: "ben" })}`, session]) {
        const other = await newcomer(trial, room, query);
        expectThat(other.id !== id, "The id of another client with the same session", "a new one", other.id);
      }
      await expectSeat(room.host, phone, id);
      const back = await trial.phone(room.code, { query: own }, "the user that is back");
      await expectSeat(room.host, back, id);
    },
  },
  {
    is: "P5.9.15 a newer token renews the line and one that does not count leaves it; a token that expires closes with 4401, and a new one leads back",
    async run(trial) {
      const { host, code } = await trial.room();
      const session = trial.session();
      const sign = (seconds: number): Promise<string> => trial.target.sign({ sub: "ann" }, seconds);
      const open = async (seconds: number): Promise<ReliableLine> =>
        ReliableLine.open(trial, `/${code}`, "the phone", { session, query: `&token=${await sign(seconds)}` });
      const renewing = await open(60);
      const { id } = await trial.seated(host, renewing.peer);
      const left = renewing.hello["expires_ms"];
      expectThat(typeof left === "number" && left > 0, "`expires_ms` of the hello", "milliseconds", left);
      renewing.control(`token ${UNSIGNED}`);
      const refusal = await renewing.nextControl("token");
      expectThat(typeof refusal["error"] === "string", "The answer to what is no token", '{"error"}', refusal);
      renewing.control(`token ${await sign(120)}`);
      const { exp, expires_ms: longer } = await renewing.nextControl("token");
      expectThat(typeof exp === "number", "`exp` of the newer token", "seconds since 1970", exp);
      expectThat(
        typeof longer === "number" && longer > left,
        "`expires_ms` of the newer token",
        "a longer time",
        longer,
      );
      await renewing.ask();
      // By the server's clock: one that is fast ends a token sooner.
      const short = Math.max(1, SHORT_SECONDS + Math.ceil((60_000 - left) / 1_000));
      const ending = await open(short);
      if (Number(ending.hello["expires_ms"]) > trial.target.timeoutMs / 2)
        throw new NotCheckable(
          "tokens count longer than they say, by a leeway or a slow clock: a longer time is needed (--timeout)",
        );
      await ending.peer.endsWith(4401);
      const again = await open(60);
      again.say("again");
      expectSame("The seat of a new token", (await host.until("from_str", again.peer))["from"], id);
    },
  },
]);
