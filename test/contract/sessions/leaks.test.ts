import { expect } from "@jest/globals";
import { onTestEnd } from "../../support/clean-up.ts";
import { HostClient } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { countsOf, startServer } from "../../support/server.ts";
import { testInProcess } from "../../support/target.ts";
import { ReliableClient, newSession } from "../../support/reliable-client.ts";

/** What keeps a process busy, by kind: sockets, servers. */
function resources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Counts the timers that are running, those included that keep no process alive, of which Node does not tell. */
function countTimers(): { readonly running: Set<unknown> } {
  const running = new Set<unknown>();
  const { setTimeout: set, clearTimeout: clear } = globalThis;
  const counted = (action: (...values: unknown[]) => void, delayMs?: number, ...values: unknown[]): NodeJS.Timeout => {
    const timer: NodeJS.Timeout = set(() => {
      running.delete(timer);
      action(...values);
    }, delayMs);
    running.add(timer);
    return timer;
  };
  globalThis.setTimeout = Object.assign(counted, set) as typeof setTimeout;
  globalThis.clearTimeout = (timer) => {
    running.delete(timer);
    clear(timer);
  };
  onTestEnd(() => Object.assign(globalThis, { setTimeout: set, clearTimeout: clear }));
  return { running };
}

testInProcess(
  "P5 after hundreds of sessions have come and gone no room, socket, timer or listener is left",
  async () => {
    const server = await startServer({
      awayMs: 5,
      seatGraceMs: 10,
      hostGraceMs: 15,
      keepAliveMs: 1_000,
      codeCooldownMs: 0,
      pingMs: 50,
      idleMs: 200,
    });
    const before = resources();
    const timers = countTimers();
    const listenersBefore = process.listenerCount("uncaughtException") + process.listenerCount("exit");
    const rooms = 25;
    for (let round = 0; round < rooms; round++) {
      const tv = newSession();
      const host = await HostClient.connect(server, `?session=${tv}`);
      host.send({ cmd: "prepare", max_players: 8, name: "sketch" });
      const code = String((await host.until("prepare_reply")).key);
      host.send({ cmd: "health", every: 1 });
      const lines: { readonly socket: { terminate(): void; close(code?: number): void } }[] = [];
      for (let seat = 0; seat < 4; seat++) {
        const session = newSession();
        lines.push(await PlayerClient.connect(server, `${code}?session=${session}`));
        lines.push(await PlayerClient.connect(server, `${code}?session=${session}`)); // replaces the first
        const exact = new ReliableClient(server, `${code}?session=${newSession()}`);
        await exact.hello();
        lines.push(exact);
      }
      host.send({ cmd: "to_str", to: [], data: "hello", retain: "screen" });
      host.send({ cmd: "rescue", player: 1 });
      await host.until("rescue_reply");
      lines.forEach(({ socket }, index) => (index % 2 === 0 ? socket.terminate() : socket.close(1001)));
      if (round % 3 === 0) host.send({ cmd: "stop" });
      else if (round % 3 === 1) host.socket.terminate();
      else {
        host.socket.terminate();
        const back = await HostClient.connect(server, `?session=${tv}`);
        await back.next();
        back.socket.close(round % 2 === 0 ? 1000 : 1001);
      }
    }
    await eventually("all rooms are closed", async () => (await countsOf(server)).rooms === 0);
    await eventually("nothing is left", () => {
      const now = resources();
      const isBack = (kind: string): boolean => (now[kind] ?? 0) <= (before[kind] ?? 0);
      return isBack("TCPSocketWrap") && isBack("TCPServerWrap") && isBack("Immediate");
    });
    expect(await (await fetch(`${server.url}/healthz`)).json()).toMatchObject({ rooms: 0, players: 0, connections: 0 });
    expect(process.listenerCount("uncaughtException") + process.listenerCount("exit")).toBe(listenersBefore);

    await eventually("no timer is left", () => timers.running.size <= 1); // the one of this waiting itself
    await server.close();
    await eventually("no server is left", () => (resources()["TCPServerWrap"] ?? 0) < (before["TCPServerWrap"] ?? 1));
  },
);
