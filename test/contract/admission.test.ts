/** An admission that asks another machine, over real sockets and with both engines. */
import { createServer } from "node:http";
import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import type { LookUp } from "../../src/hub/hub.ts";
import type { EngineName } from "../../src/transport/websocket/engine.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually } from "../support/inbox.ts";
import { FakeHub } from "../support/room/fake-hub.ts";
import { listen } from "../support/listen.ts";
import { openTransport } from "../support/websocket/arriving.ts";

/** A server whose directory answers when the test says so. */
async function setUp(wsEngine: EngineName) {
  const answers: ((found: LookUp) => void)[] = [];
  const hub = new FakeHub();
  const opened = hub.open({ session: "host" });
  const locator = {
    lookUp: () => new Promise<LookUp>((resolve) => void answers.push(resolve)),
    hostOf: () => undefined,
  };
  const { connections, transport, refused } = openTransport({ hub, locator, wsEngine });
  const http = createServer();
  http.on("upgrade", (request, socket, head) => void transport.handleUpgrade(request, socket, head));
  const port = await listen(http);
  onTestEnd(() => void http.close());
  onTestEnd(() => connections.drain());
  opened.host.takeEvents();
  /** A phone that is connected, and whose look-up is under way. */
  const join = async (): Promise<WebSocket> => {
    const client = new WebSocket(`ws://127.0.0.1:${port}/${opened.code}?session=a-session-of-sixteen-or-more`);
    await once(client, "open");
    return client;
  };
  return { ...opened, answers, connections, refused, join };
}

describe.each<EngineName>(["codec", "ws"])("an admission that takes its time, with the engine %s", (engine) => {
  test("P5.9.11 lets a phone in whose frames have waited in order", async () => {
    const { join, answers, room, host } = await setUp(engine);
    const client = await join();
    for (const text of ["first", "second"]) client.send(text);
    expect(room.playerCount).toBe(0);
    answers[0]?.(room);
    const message = once(client, "message");
    room.command({ cmd: "to_str", to: "everybody", data: Buffer.from("too early") }); // there is no player yet
    await until(() => room.playerCount === 1);
    room.command({ cmd: "to_str", to: "everybody", data: Buffer.from("welcome") });
    expect(String((await message)[0])).toBe("welcome");
    const heard: unknown[] = [];
    await until(() => heard.push(...host.takeEvents()) >= 4);
    expect(heard).toMatchObject([
      { cmd: "player_joined" },
      { cmd: "state" },
      { cmd: "from_str", data: "first" },
      { cmd: "from_str", data: "second" },
    ]);
  });

  test("P5.9.11 seats no phone that has hung up, with a Close or without one", async () => {
    const { join, answers, room, host, connections } = await setUp(engine);
    const [closed, cut] = [await join(), await join()];
    closed.send("a word");
    closed.close(1001);
    cut.send("a word");
    cut.terminate();
    await once(cut, "close");
    for (const answer of answers) answer(room);
    await until(() => connections.connectionCount === 0);
    expect([room.playerCount, host.takeEvents()]).toEqual([0, []]);
  });

  test("refuses a phone whose code the directory does not know", async () => {
    const { join, answers, refused } = await setUp(engine);
    const client = await join();
    answers[0]?.("not_found");
    expect((await once(client, "close"))[0]).toBe(4504);
    expect(refused).toEqual(["room_not_found"]);
  });
});

/** Waits until that has come about, and not for ever. */
const until = (hasHappened: () => boolean): Promise<void> =>
  eventually("what the test waits for has happened", hasHappened);
