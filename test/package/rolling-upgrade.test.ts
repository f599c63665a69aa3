/**
 * A rolling upgrade: nodes of two versions on one bus. Rooms are played over both, go on when a new node takes the place of the old one, and go back as well. The
 * old node is the built package of the commit before this one; where there is no history, it is this commit's with other versions of the mail between nodes.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { MAIL_VERSIONS } from "../../src/cluster/mail/mail-format.ts";
import * as here from "../../src/hub/room-record-codec.ts";
import type { RoomRecord } from "../../src/hub/room-record.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { HostClient, openRoom } from "../support/host-client.ts";
import { comeBack, newPrefix, startNodeProcess, type Node, type NodeProcess } from "../support/nodes.ts";
import { findCommitBefore, packageOfCommitBefore, packageWithMailVersions } from "../support/other-version.ts";
import type { OtherVersion } from "../support/other-version.ts";
import { PlayerClient } from "../support/player-client.ts";
import * as fc from "../support/property-testing.ts";
import { newSession, ReliableClient, type HelloSeen } from "../support/reliable-client.ts";
import { roomRecord } from "../support/room/room-records.ts";
import { startBackend } from "../support/split-cluster.ts";

/** A build takes half a minute, and several times that on a busy machine. */
const BUILDING_MS = 600_000;
/** Nodes end by SIGTERM here, so nothing waits for a lease; one that is held up keeps it. */
const LEASE_MS = "10000";
const CODEC = "dist/hub/room-record-codec.js";
type Codec = Pick<typeof here, "encodeRoomRecord" | "decodeRoomRecord">;

const { min, max } = MAIL_VERSIONS;
const before = findCommitBefore();
const VERSIONS: readonly { readonly name: string; readonly build: () => OtherVersion }[] = [
  ...("commit" in before ? [{ name: "the commit before", build: () => packageOfCommitBefore(before) }] : []),
  {
    name: "this commit with one more version of the mail",
    build: () => packageWithMailVersions({ min, max: max + 1 }),
  },
];
if ("whyNot" in before)
  process.stdout.write(
    `rolling upgrade: ${before.whyNot}, so the old node is this commit's, with one more version of the mail\n`,
  );

let backend: Awaited<ReturnType<typeof startBackend>>;

beforeAll(async () => {
  backend = await startBackend("redis");
}, 120_000);

afterAll(async () => {
  before.close();
  await backend.close();
});

/** The environment of the nodes of a new cluster. */
function newCluster(): Readonly<Record<string, string>> {
  return { COUCHWIRE_BUS: backend.url ?? "", COUCHWIRE_BUS_PREFIX: newPrefix(), COUCHWIRE_LEASE_MS: LEASE_MS };
}

interface Party {
  readonly code: string;
  /** The sessions of the TV and of a phone. */
  readonly tv: string;
  readonly ada: string;
  readonly host: HostClient;
  readonly phone: ReliableClient;
  readonly hello: HelloSeen;
}

/** A room with a phone, whose host has saved and has spoken with the phone. */
async function openParty(atHost: Node, atPhone: Node): Promise<Party> {
  const [tv, ada] = [newSession(), newSession()];
  const { host, code } = await openRoom(atHost, { query: `?session=${tv}` });
  const phone = new ReliableClient(atPhone, `${code}?session=${ada}`);
  const hello = await phone.hello();
  host.send({ cmd: "save", data: "round 3" });
  await speak(host, phone, hello.player);
  return { code, tv, ada, host, phone, hello };
}

const isData = (frame: string | Uint8Array): boolean => typeof frame !== "string" || !frame.startsWith("\0");

/** One frame from the phone to the host, and one back. */
async function speak(host: HostClient, phone: ReliableClient, player: number | undefined): Promise<void> {
  phone.send("ready?");
  expect(await host.until("from_str")).toMatchObject({ from: player, data: "ready?" });
  host.send({ cmd: "to_str", to: [player], data: "go" });
  expect(await phone.frames.until(isData)).toBe("go");
}

async function phoneBack({ code, ada, hello }: Party, at: Node): Promise<{ phone: ReliableClient; hello: HelloSeen }> {
  let seen = hello;
  const phone = await comeBack(
    async () => new ReliableClient(at, `${code}?session=${ada}&received=1&epoch=${hello.epoch}`),
    async (client) => {
      seen = await client.hello();
    },
  );
  return { phone, hello: seen };
}

/** The TV, to which the code is told as before, and what it had saved. */
async function hostBack({ code, tv }: Party, at: Node): Promise<HostClient> {
  let restored: unknown;
  const host = await comeBack(
    () => HostClient.connect(at, `?session=${tv}`),
    async (client) => {
      expect(await client.until("prepare_reply")).toMatchObject({ key: code });
      restored = await client.until("restore");
    },
  );
  expect(restored).toMatchObject({ data: "round 3" });
  return host;
}

/** Ends a node as its operator does. */
async function stop({ process: node }: NodeProcess): Promise<void> {
  node.kill("SIGTERM");
  expect((await node.ended).exitCode).toBe(0);
}

describe.each(VERSIONS)("beside a node of $name", ({ build }) => {
  let other: OtherVersion;

  beforeAll(() => {
    other = build();
  }, BUILDING_MS);

  afterAll(() => other?.close()); // it may not have been built

  async function startBoth(cluster: Readonly<Record<string, string>>): Promise<readonly [NodeProcess, NodeProcess]> {
    return Promise.all([startNodeProcess(cluster, other.cli), startNodeProcess(cluster)]);
  }

  test("a room of the old node is played from the new one, and goes on under its code where a new node takes the place of the old one", async () => {
    const cluster = newCluster();
    const [old, one] = await startBoth(cluster);
    const party = await openParty(old, one);
    await stop(old);
    expect((await Promise.all([party.host.closed, party.phone.closed])).map(({ code }) => code)).toEqual([1012, 1012]);
    const two = await startNodeProcess(cluster);
    const { phone, hello } = await phoneBack(party, one);
    expect(hello.player).toBe(party.hello.player);
    expect(hello.epoch).not.toBe(party.hello.epoch);
    const host = await hostBack(party, two);
    await speak(host, phone, hello.player);
    const late = new ReliableClient(two, `${party.code}?session=${newSession()}`);
    const { player } = await late.hello();
    expect(player).toBeGreaterThan(hello.player ?? 0);
    await speak(host, late, player);
  });

  test("a room of the new node is played from the old one, and loses nothing where a new node takes the place of the old one", async () => {
    const cluster = newCluster();
    const [old, one] = await startBoth(cluster);
    const party = await openParty(one, old);
    await stop(old);
    expect((await party.phone.closed).code).toBe(1012);
    party.host.send({ cmd: "to_str", to: [party.hello.player], data: "while you were away" });
    const { phone, hello } = await phoneBack(party, await startNodeProcess(cluster));
    expect(hello).toMatchObject({ player: party.hello.player, epoch: party.hello.epoch, received: 1, lost: 0 });
    expect(await phone.frames.until(isData)).toBe("while you were away");
    await speak(party.host, phone, hello.player);
  });

  test("a room of the new node goes on at the old one where the new one is taken back", async () => {
    const [old, one] = await startBoth(newCluster());
    const party = await openParty(one, old);
    await stop(one);
    const { phone, hello } = await phoneBack(party, old);
    expect(hello.player).toBe(party.hello.player);
    await speak(await hostBack(party, old), phone, hello.player);
  });

  test("the votes of watchers at both nodes are one exact tally, whichever of them has the room", async () => {
    const both = await startBoth(newCluster());
    for (const home of both) {
      const host = await HostClient.connect(home);
      host.send({ cmd: "prepare", name: "sketch", max_players: 1, audience: 4 });
      const { key } = await host.until("prepare_reply");
      const watchers: PlayerClient[] = [];
      for (const node of [...both, ...both])
        watchers.push(await PlayerClient.connect(node, `${String(key)}?role=audience`));
      await host.events.until(({ cmd, audience }) => cmd === "state" && audience === 4);
      host.send({ cmd: "to_audience_str", data: "vote" });
      for (const watcher of watchers) expect(await watcher.next()).toBe("vote");
      for (let vote = 0; vote < 10; vote++) for (const watcher of watchers) watcher.send("a");
      const votes: unknown[] = [];
      for (let told = 0; told < 40; told += Number(votes.at(-1))) {
        const { tally } = await host.until("audience");
        votes.push(...Object.values(tally ?? {}));
      }
      expect(votes.map(Number).reduce((all, more) => all + more)).toBe(40);
      await host.close(1000);
      for (const { closed } of watchers) expect((await closed).code).toBe(1001);
    }
  });

  test("the record of any room that one of them writes is read by the other as what both know of it", async () => {
    const there: Codec = await import(pathToFileURL(join(other.folder, CODEC)).href);
    const passed = (writer: Codec, reader: Codec, record: RoomRecord): RoomRecord => {
      const written = writer.encodeRoomRecord(record);
      const read = written.ok ? reader.decodeRoomRecord(written.value) : written;
      if (!read.ok) throw new Error(read.failure);
      return read.value;
    };
    fc.assert(
      fc.property(roomRecord, (record) => {
        const known = passed(there, there, record); // but for what this commit has added to records
        expect(passed(there, here, record)).toMatchObject(known);
        expect(passed(here, there, record)).toEqual(known);
      }),
    );
  });
});

test(
  "nodes that share no version of the mail send each other's phones away with 1012, say so, and play on with their own",
  async () => {
    const future = packageWithMailVersions({ min: max + 1, max: max + 1 });
    onTestEnd(() => future.close());
    const cluster = newCluster();
    const [one, foreign] = await Promise.all([startNodeProcess(cluster), startNodeProcess(cluster, future.cli)]);
    const party = await openParty(one, one);
    const stranger = new ReliableClient(foreign, `${party.code}?session=${newSession()}`);
    expect((await stranger.closed).code).toBe(1012);
    await one.process.said(/a node speaks another version than this one/);
    await speak(party.host, party.phone, party.hello.player);
    const theirs = await openParty(foreign, foreign);
    await speak(theirs.host, theirs.phone, theirs.hello.player);
  },
  BUILDING_MS,
);
