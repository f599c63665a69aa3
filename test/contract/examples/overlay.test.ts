/** `examples/overlay`, and the client of docs/CHANNELS.md, which its pages use. */
import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { createShow } from "../../../examples/overlay/show.js";
import { createRoom } from "../../../src/sdk/node.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { eventually, Inbox } from "../../support/inbox.ts";
import { testInProcess } from "../../support/target.ts";

const read = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const source = read("examples/overlay/pages/follow.js");

type Follow = (
  url: string,
  token: () => Promise<string>,
  channel: string,
  onData: (data: unknown) => void,
  onGap?: () => void,
) => void;

/** The function as it stands in the document, with the WebSockets of `ws`. It comes back until the test ends. */
function followOfDocument(sockets: WebSocket[]): Follow {
  class Socket extends WebSocket {
    constructor(url: string) {
      super(url);
      this.on("error", () => {}); // browsers throw nothing
      sockets.push(this);
    }
  }
  let isOver = false;
  onTestEnd(() => (isOver = true));
  const later = (action: () => void, ms: number): unknown => isOver || setTimeout(action, ms);
  const body = source.replace("export function", "return function");
  return Reflect.apply(compileFunction(body, ["WebSocket", "setTimeout"]), undefined, [Socket, later]);
}

test("docs/CHANNELS.md shows the client that the example has, of about twenty lines", () => {
  expect(read("docs/CHANNELS.md")).toContain(`\`\`\`js\n${source}\`\`\``);
  expect(source.trimEnd().split("\n").length).toBeLessThanOrEqual(25);
});

testInProcess("P8.5 an overlay follows the score of a game, over a line that is cut, and has no seat", async () => {
  const server = createShow({ port: 0, host: "127.0.0.1", logLevel: "silent" });
  onTestEnd(() => server.close());
  const { url } = await server.listen();
  const room = await createRoom({ server: url, game: "game" });
  onTestEnd(() => room.close());

  const sockets: WebSocket[] = [];
  const heard = new Inbox<unknown>("the overlay");
  let gaps = 0;
  const token = async (): Promise<string> => (await fetch(`${url}/overlay/token/${room.code}`)).text();
  const follow = followOfDocument(sockets);
  follow(
    `${url.replace("http", "ws")}/ws`,
    token,
    `room:${room.code}:score`,
    (data) => heard.push(data),
    () => (gaps += 1),
  );
  const { channels } = server;
  await eventually("it follows", async () => (await channels.publish(`room:${room.code}:score`, [])).delivered === 1);
  expect(await heard.next()).toEqual([]);
  let next = 0;
  const publish = (): void => void room.publish("score", [{ name: "Ada", taps: (next += 1) }]);
  publish();
  expect(await heard.next()).toEqual([{ name: "Ada", taps: 1 }]);
  sockets.at(-1)?.terminate();
  publish();
  publish();
  expect(await heard.take(2)).toEqual([[{ name: "Ada", taps: 2 }], [{ name: "Ada", taps: 3 }]]);
  expect([room.players.length, gaps, sockets.length]).toEqual([0, 0, 2]);
});

testInProcess("the server of the overlay signs tokens for the score of one room alone", async () => {
  const server = createShow({ port: 0, host: "127.0.0.1", logLevel: "silent" });
  onTestEnd(() => server.close());
  const { url } = await server.listen();
  for (const code of ["*", "bcdf", "BCDF:*"]) {
    expect((await fetch(`${url}/overlay/token/${encodeURIComponent(code)}`)).status).toBe(400);
  }
  const text = await (await fetch(`${url}/overlay/token/BCDF`)).text();
  const [, payload = ""] = text.split(".");
  expect(JSON.parse(Buffer.from(payload, "base64url").toString())).toMatchObject({
    sub: "overlay",
    channels: ["room:BCDF:score"],
  });
});
