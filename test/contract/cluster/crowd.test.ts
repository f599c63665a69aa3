/** Watchers and waiting phones that arrive at another node than their room's: the home counts, seats and tells them as it does its own. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { HostClient, type HostNews, type OpenRoom } from "../../support/host-client.ts";
import { newPrefix, startNode, type Node } from "../../support/nodes.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startBackend } from "../../support/split-cluster.ts";

let backend: Awaited<ReturnType<typeof startBackend>>;

beforeAll(async () => {
  backend = await startBackend("redis");
}, 120_000);

afterAll(() => backend.close());

async function startTwo(): Promise<readonly [Node, Node]> {
  const options = { bus: backend.url ?? "", busPrefix: newPrefix() };
  return Promise.all([startNode(options), startNode(options)]);
}

async function openStage(node: Node, fields: object): Promise<OpenRoom> {
  const host = await HostClient.connect(node);
  host.send({ cmd: "prepare", name: "sketch", max_players: 1, ...fields });
  const { key } = await host.until("prepare_reply");
  return { host, code: String(key) };
}

/** The next state that says this. */
async function stateWith(host: HostClient, fields: Readonly<Record<string, unknown>>): Promise<HostNews> {
  for (;;) {
    const state = await host.until("state");
    if (Object.entries(fields).every(([name, value]) => state[name] === value)) return state;
  }
}

test("row 91 P5.6 watchers of two nodes hear what is for the audience, and their votes are one exact tally", async () => {
  const [home, edge] = await startTwo();
  const { host, code } = await openStage(home, { audience: 20 });
  const watchers: PlayerClient[] = [];
  for (const node of [home, edge, edge, edge]) watchers.push(await PlayerClient.connect(node, `${code}?role=audience`));
  await stateWith(host, { audience: 4 });
  host.send({ cmd: "to_audience_str", data: "curtain" });
  for (const watcher of watchers) expect(await watcher.next()).toBe("curtain");
  for (let vote = 0; vote < 50; vote++) for (const watcher of watchers) watcher.send(`text ${vote % 2}`);
  const votes = new Map<string, number>();
  for (let told = 0; told < 200;) {
    const report = await host.until("audience");
    for (const [text, count] of Object.entries(report["tally"] ?? {})) {
      votes.set(text, (votes.get(text) ?? 0) + Number(count));
      told += Number(count);
    }
  }
  expect(Object.fromEntries(votes)).toEqual({ "text 0": 100, "text 1": 100 });
  const found = await fetch(`${edge.url}/${code}`, { headers: { accept: "application/json" } });
  expect(await found.json()).toMatchObject({ audience: 4 });
  for (const watcher of watchers.slice(1)) watcher.socket.terminate();
  await stateWith(host, { audience: 1 });
});

test("row 91 P5.7 a phone of another node waits in its turn, and is seated in it", async () => {
  const [home, edge] = await startTwo();
  const { host, code } = await openStage(home, { overflow: "queue" });
  const player = await PlayerClient.connect(home, code);
  await host.until("player_joined");
  const first = new ReliableClient(edge, `${code}?session=${newSession()}`);
  expect(await first.next()).toBe('\0queue {"position":1}');
  const second = new ReliableClient(home, `${code}?session=${newSession()}`);
  expect(await second.next()).toBe('\0queue {"position":2}');
  first.send("early");
  first.send("\0ping");
  expect(await first.next()).toBe("\0ack 1");
  await player.close(1000);
  expect(await first.hello()).toMatchObject({ player: 2, received: 1 });
  expect(await host.until("from_str")).toMatchObject({ from: 2, data: "early" });
  expect(await second.next()).toBe('\0queue {"position":1}');
});
