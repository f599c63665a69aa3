import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { createLogger } from "../../../src/log/logger.ts";
import type { ServerExtras } from "../../../src/server.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { HostClient, roundTrip } from "../../support/host-client.ts";
import { HANDSHAKE_HEADERS, makeRequest, RawClient } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { newSession } from "../../support/reliable-client.ts";
import { testInProcess } from "../../support/target.ts";

const PIN = "grüße";
const PIN_OFFER = `couchwire.pin.${Buffer.from(PIN).toString("base64url")}`;
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.c2lnbmF0dXJl";

/** A room on a server of its own that wants the PIN. */
async function openPinned(extras: ServerExtras = {}) {
  const server = await startServer({}, extras);
  const host = await HostClient.connect(server);
  host.send({ cmd: "prepare", max_players: 8, name: "", pin: PIN });
  const code = String((await host.until("prepare_reply")).key);
  return { server, host, code };
}

/** A phone that offers these comes in; returns the one that was selected. */
async function comeIn(url: string, offers: readonly string[]): Promise<string> {
  const phone = new WebSocket(url, [...offers]);
  onTestEnd(() => phone.terminate());
  await once(phone, "open");
  phone.ping();
  await once(phone, "pong");
  expect(phone.readyState).toBe(WebSocket.OPEN);
  return phone.protocol;
}

testInProcess("P5.9.9 no line of the log tells a secret that was a subprotocol", async () => {
  const lines: string[] = [];
  const logger = createLogger("trace", { write: (line) => void lines.push(line) });
  const { server, code } = await openPinned({ logger });
  const session = newSession();
  const secrets = [`couchwire.session.${session}`, PIN_OFFER, `couchwire.token.${JWT}`];
  await comeIn(`${server.ws}/${code}`, [...secrets, "couchwire"]);
  const log = lines.join("");
  expect(log).toContain("player joined");
  for (const secret of [session, PIN, PIN_OFFER, JWT]) expect(log).not.toContain(secret);
});

describe("secrets in the subprotocols", () => {
  test.each(["couchwire", "couchwire.v1"])(
    "P5.9.9 a phone gets in, and back, with %s and nothing in its address",
    async (name) => {
      const { server, host, code } = await openPinned();
      const offers = [`couchwire.session.${newSession()}`, name, `couchwire.token.${JWT}`];
      for (const offered of [[PIN_OFFER, ...offers], offers])
        expect(await comeIn(`${server.ws}/${code}`, offered)).toBe(name);
      expect((await roundTrip(host)).filter(({ cmd }) => cmd === "player_joined")).toHaveLength(1);
    },
  );

  test("P5.9.9 a host keeps its room with a session that is not in its address", async () => {
    const server = await startServer();
    const offers = ["couchwire", `couchwire.session.${newSession()}`];
    const keys = [];
    for (let times = 0; times < 2; times++) {
      const socket = new WebSocket(`${server.ws}/CREATE?format=json`, offers);
      onTestEnd(() => socket.terminate());
      const said = new Promise<string>((resolve) => {
        socket.on("message", (data: Buffer) => {
          const text = data.toString();
          if (text.includes("prepare_reply")) resolve(text);
        });
      });
      await once(socket, "open");
      socket.send(JSON.stringify({ cmd: "prepare", max_players: 8 }));
      keys.push(await said);
    }
    expect(keys[1]).toBe(keys[0]);
  });

  test("P5.9.9 nothing is selected where neither couchwire nor couchwire.v1 is offered, and the secrets count", async () => {
    const { server, code } = await openPinned();
    const client = new RawClient(server.port);
    const answer = await client.request("GET", `/${code}`, {
      ...HANDSHAKE_HEADERS,
      "Sec-WebSocket-Protocol": `chat, ${PIN_OFFER}`,
    });
    expect([answer.status, answer.headers.get("sec-websocket-protocol")]).toEqual([101, undefined]);
    const wrong = new RawClient(server.port);
    wrong.write(makeRequest("GET", `/${code}`, Object.entries(HANDSHAKE_HEADERS)));
    expect(await wrong.closeFrame()).toMatchObject({ code: 4501 });
  });

  test("P5.9.9 what is malformed, or differs from the address, is closed with 4500, and a browser gets to see it", async () => {
    const { server, code } = await openPinned();
    for (const [path, offer] of [
      [code, "couchwire.pin.A"],
      [code, "couchwire.session.short"],
      [`${code}?session=${newSession()}`, `couchwire.session.${newSession()}`],
      [`${code}?token=${JWT}.x`, `couchwire.token.${JWT}`],
      ["CREATE", "couchwire.session.short"],
      [`CREATE?token=${JWT}.x`, `couchwire.token.${JWT}`],
    ] as const) {
      const socket = new WebSocket(`${server.ws}/${path}`, [offer, "couchwire"]);
      onTestEnd(() => socket.terminate());
      expect((await once(socket, "close"))[0]).toBe(4500);
      expect(socket.protocol).toBe("couchwire");
    }
  });
});
