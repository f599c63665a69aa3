/** Rooms over nodes: hosts at one, phones at another, and a home that is lost. */
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { HostClient, type OpenRoom } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { comeBack, newPrefix, openDirectory, startNode, startNodeProcess, type Node } from "../../support/nodes.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startBackend, type ClusterBackend } from "../../support/split-cluster.ts";

const utf8 = new TextEncoder();
const BACKENDS: readonly Exclude<ClusterBackend, "memory">[] = ["redis", "nats"];

async function prepareRoom(node: Node, fields: object = {}, query = ""): Promise<OpenRoom> {
  const host = await HostClient.connect(node, query);
  host.send({ cmd: "prepare", name: "sketch", max_players: 8, ...fields });
  const { key } = await host.until("prepare_reply");
  return { host, code: String(key) };
}

describe.each(BACKENDS)("rooms over %s", (kind) => {
  let backend: Awaited<ReturnType<typeof startBackend>>;

  beforeAll(async () => {
    backend = await startBackend(kind);
  }, 120_000);

  afterAll(() => backend.close());

  async function startTwo(): Promise<readonly [Node, Node]> {
    const options = { bus: backend.url ?? "", busPrefix: newPrefix() };
    return Promise.all([startNode(options), startNode(options)]);
  }

  test("row 91 a phone plays from another node as from the room's own: frames, kick, PIN, lock, wrong codes", async () => {
    const [one, other] = await startTwo();
    const { host, code } = await prepareRoom(one, { pin: "1234", max_players: 2 });
    expect((await (await PlayerClient.connect(other, `${code}?pin=9`)).closed).code).toBe(4501);
    const phone = await PlayerClient.connect(other, `${code}?pin=1234`);
    expect(await host.until("player_joined")).toMatchObject({ player: 1 });
    phone.send("hello");
    phone.send(Uint8Array.of(1, 2, 3));
    expect(await host.until("from_str")).toMatchObject({ from: 1, data: "hello" });
    expect(await host.until("from")).toMatchObject({ from: 1, data: Uint8Array.of(1, 2, 3) });
    host.send({ cmd: "to_str", to: [1], data: "welcome" });
    host.send({ cmd: "to", to: [1], data: utf8.encode("bytes") });
    expect(await phone.next()).toBe("welcome");
    expect(await phone.next()).toEqual(utf8.encode("bytes"));
    const second = await PlayerClient.connect(one, `${code}?pin=1234`);
    await host.until("player_joined");
    expect((await (await PlayerClient.connect(other, `${code}?pin=1234`)).closed).code).toBe(4510);
    host.send({ cmd: "kick", player: 1, reason: "Enough." });
    expect(await phone.closed).toEqual({ code: 4503, reason: "Enough." });
    await second.close();
    host.send({ cmd: "start" });
    await host.until("player_left");
    await host.until("state");
    await eventually("the room is locked", async () => {
      const late = await PlayerClient.connect(other, `${code}?pin=1234`);
      return (await late.closed).code === 4523;
    });
    await host.close();
    await eventually(
      "the room is over",
      async () => (await (await PlayerClient.connect(other, code)).closed).code === 4504,
    );
  });

  test("row 91 two seats on two nodes: the third phone is refused, wherever it comes", async () => {
    const [one, other] = await startTwo();
    const { host, code } = await prepareRoom(one, { max_players: 2 });
    const phones = await Promise.all([PlayerClient.connect(one, code), PlayerClient.connect(other, code)]);
    await host.until("player_joined");
    await host.until("player_joined");
    for (const node of [one, other]) expect((await (await PlayerClient.connect(node, code)).closed).code).toBe(4510);
    for (const phone of phones) phone.socket.terminate();
  });

  test("a host comes back at another node, and its room stays where it is", async () => {
    const [one, other] = await startTwo();
    const session = newSession();
    const { host, code } = await prepareRoom(one, {}, `?session=${session}`);
    const phone = await PlayerClient.connect(other, code);
    await host.until("player_joined");
    host.socket.terminate();
    const back = await HostClient.connect(other, `?session=${session}`);
    expect(await back.until("prepare_reply")).toMatchObject({ key: code });
    phone.send("are you there?");
    expect(await back.until("from_str")).toMatchObject({ data: "are you there?" });
    back.send({ cmd: "to_str", to: [1], data: "still here" });
    expect(await phone.next()).toBe("still here");
    back.socket.terminate();
    phone.socket.terminate();
  });

  test("a node that is killed loses no room: the code, the ids and what was saved are there again at another node", async () => {
    const environment = { COUCHWIRE_BUS: backend.url ?? "", COUCHWIRE_BUS_PREFIX: newPrefix() };
    const [one, other] = await Promise.all([startNodeProcess(environment), startNodeProcess(environment)]);
    const [tv, ada, bob] = [newSession(), newSession(), newSession()];
    const { host, code } = await prepareRoom(one, {}, `?session=${tv}`);
    const phones = [
      new ReliableClient(one, `${code}?session=${ada}`),
      new ReliableClient(other, `${code}?session=${bob}`),
    ] as const;
    const hellos = await Promise.all(phones.map((phone) => phone.hello()));
    const ids = hellos.map(({ player }) => player);
    host.send({ cmd: "save", data: "round 3" });
    host.send({ cmd: "to_str", to: ids, data: "go" });
    for (const phone of phones) expect(await phone.frames.next()).toContain("go");
    const directory = await openDirectory(environment.COUCHWIRE_BUS, environment.COUCHWIRE_BUS_PREFIX);
    await eventually("it is in the directory", async () =>
      Buffer.from((await directory.find(`code:${code}`))?.record ?? []).includes("round 3"),
    );
    one.process.kill("SIGKILL");
    const closings = await Promise.all([host.closed, phones[1].closed]);
    expect(closings.map(({ code: closeCode }) => closeCode)).toEqual([1006, 1012]);
    const sessions = [ada, bob];
    for (const [index, session] of sessions.entries()) {
      const { epoch = "" } = hellos[index] ?? {};
      let hello: Awaited<ReturnType<ReliableClient["hello"]>> | undefined;
      await comeBack(
        async () => new ReliableClient(other, `${code}?session=${session}&received=1&epoch=${epoch}`),
        async (client) => {
          hello = await client.hello();
        },
      );
      expect(hello?.player).toBe(ids[index]);
      expect(hello?.epoch).not.toBe(epoch);
    }
    let restored: unknown;
    const back = await comeBack(
      () => HostClient.connect(other, `?session=${tv}`),
      async (client) => {
        expect(await client.until("prepare_reply")).toMatchObject({ key: code });
        restored = await client.until("restore");
      },
    );
    expect(restored).toMatchObject({ data: "round 3" });
    back.socket.terminate();
  });
});
