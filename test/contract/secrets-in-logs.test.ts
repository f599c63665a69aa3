/** A party over every wire, at the most talkative log level: nothing that is secret, and nothing that people say, is logged or printed. */
import { once } from "node:events";
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { z } from "zod";
import { createTokens } from "../../src/auth/tokens.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { logLines, startCli } from "../support/cli-process.ts";
import { HostClient, openRoom } from "../support/host-client.ts";
import { handmadeToken, MemberClient } from "../support/member-client.ts";
import { PlayerClient } from "../support/player-client.ts";
import { ReliableClient } from "../support/reliable-client.ts";
import { TcpTestClient } from "../support/tcp-client.ts";

/** Is in each secret, name and payload. */
const MARK = "s3cret";
const JWT_SECRET = `${MARK}-of-the-server-that-signs-tokens`;
const API_KEY = `${MARK}-key-of-the-operator`;
const tokens = createTokens({ secret: JWT_SECRET });
const base64url = (text: string): string => Buffer.from(text).toString("base64url");

async function start() {
  const words = ["--port", "0", "--tcp-port", "0", "--open-rooms", "relay", "--log-level", "trace", "--drain-ms", "0"];
  const cli = startCli(words, { COUCHWIRE_JWT_SECRET: JWT_SECRET, COUCHWIRE_API_KEY: API_KEY });
  onTestEnd(() => cli.kill("SIGKILL"));
  const { port, url, tcpPort = 0 } = await cli.listening;
  return { cli, url, ws: `ws://127.0.0.1:${port}`, tcpPort };
}

test("row 98: no log line and no printed address has a key, token, session, PIN, name or payload in it", async () => {
  const { cli, ...server } = await start();
  const shown: string[] = [JWT_SECRET];
  const tokenOf = async (sub: string, room: string): Promise<string> => {
    const token = await tokens.sign({ sub, room, session_id: `${MARK}-session-of-${sub}` }, 600);
    shown.push(...token.split("."));
    return token;
  };

  // A host page with a PIN, and phones of every kind.
  const hosts = `${MARK}-session-of-a-host`;
  const host = await HostClient.connect(server, `?session=${hosts}`);
  host.send({ cmd: "prepare", max_players: 4, name: "quiz", pin: `${MARK}-pin`, meta: { note: `${MARK}-meta` } });
  const code = String((await host.until("prepare_reply"))["key"]);
  const pin = `pin=${MARK}-pin`;
  const plain = await PlayerClient.connect(server, `${code}?${pin}&name=${MARK}-name`);
  const counting = new ReliableClient(server, `${code}?${pin}&session=${MARK}-session-of-a-phone`);
  await counting.hello();
  const offers = [`couchwire.session.${MARK}-by-subprotocol`, `couchwire.pin.${base64url(`${MARK}-pin`)}`, "couchwire"];
  const byOffer = new WebSocket(`${server.ws}/${code}`, offers);
  await once(byOffer, "open");
  for (let players = 0; players < 3; players++) await host.until("player_joined");
  shown.push(base64url(`${MARK}-pin`));
  for (const wrong of [`${code}?pin=${MARK}-wrong`, `${code}?token=${MARK}-token`, `${code}?session=${MARK}`]) {
    await (
      await PlayerClient.connect(server, wrong)
    ).closed;
  }
  plain.send(`${MARK}-payload`);
  counting.send(new Uint8Array(Buffer.from(`${MARK}-bytes`)));
  await host.until("from_str");
  await host.until("from");
  host.send({ cmd: "to_str", to: [], data: `${MARK}-payload` });
  host.send({ cmd: `${MARK}-command` });
  host.send({ cmd: "save", key: `${MARK}-key`, data: 7 });
  host.sendFrame(`${MARK}-garbage`);
  host.send({ cmd: "rescue", player: 1 });
  const { url: rescue } = await host.until("rescue_reply");
  const proof = new URL(String(rescue)).searchParams.get("rescue") ?? "";
  shown.push(proof);
  await (
    await PlayerClient.connect(server, `${code}?rescue=${MARK}-rescue`)
  ).closed;
  const rescuer = await PlayerClient.connect(server, `${code}?rescue=${proof}&session=${MARK}-session-of-a-rescuer`);
  expect((await plain.closed).code).toBe(4509);
  host.send({ cmd: "kick", player: 1, reason: `${MARK}-reason` });
  expect((await rescuer.closed).code).toBe(4503);

  // Members by tokens, right and wrong, in every place where one may be shown.
  const ann = await MemberClient.connect(server, `ws?events=1&token=${await tokenOf("ann", "hall")}`);
  await ann.event("joined");
  const bob = await MemberClient.connect(server, "ws?events=1", {
    headers: { authorization: `Bearer ${await tokenOf("bob", "hall")}` },
  });
  await bob.event("joined");
  const cid = await MemberClient.connect(server, "ws?events=1", {
    protocols: [`couchwire.token.${await tokenOf("cid", "hall")}`, "couchwire"],
  });
  await cid.event("joined");
  ann.say({ text: `${MARK}-said` });
  await bob.message();
  ann.send(`${MARK}-no-json`);
  await ann.error();
  ann.send(JSON.stringify({ token: await tokenOf("ann", "hall") }));
  await ann.event("renewed");
  const forged = handmadeToken({ sub: "eve", room: "hall", session_id: MARK, exp: 2e9 }, { secret: `${MARK}-forged` });
  shown.push(...forged.split("."));
  expect((await (await MemberClient.connect(server, `ws?token=${forged}`)).closed).code).toBe(4501);

  // Channels, and a token that is renewed by a phone that counts frames.
  const lines = new WebSocket(`${server.ws}/ws`);
  await once(lines, "open");
  const command = async (frame: object): Promise<string> => {
    lines.send(JSON.stringify(frame));
    return String((await once(lines, "message"))[0]);
  };
  const claims = { sub: "ann", channels: ["*"], publish: ["*"] };
  const channelToken = await tokens.sign(claims, 600);
  shown.push(...channelToken.split("."));
  expect(await command({ id: 1, method: "connect", params: { token: forged } })).toContain('"code":401');
  expect(await command({ id: 2, method: "connect", params: { token: channelToken } })).toContain('"connected":true');
  await command({ id: 3, method: "publish", params: { channel: "chat:hall", data: `${MARK}-published` } });
  await command({ id: 4, method: `${MARK}-method` });
  const renewing = new ReliableClient(server, `${code}?${pin}&token=${await tokenOf("fay", code)}`);
  await renewing.hello();
  renewing.send(`\0token ${await tokenOf("fay", code)}`);
  renewing.send(`\0token ${forged}`);

  // The HTTP API: the key, wrong ones, tokens, and what is said by it.
  const api = (path: string, body: object, key = API_KEY): Promise<Response> =>
    fetch(`${server.url}${path}`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${key}`,
        "idempotency-key": `${MARK}-once`,
      },
      body: JSON.stringify(body),
    });
  expect((await api("/api/publish", { channel: "chat:hall", data: `${MARK}-published` })).status).toBe(200);
  expect((await api("/api/publish", { channel: "chat:hall" }, `${MARK}-wrong-key`)).status).toBe(401);
  expect((await api("/api/publish", { channel: "chat:hall" }, forged)).status).toBe(401);
  const issued = z
    .object({ token: z.string(), refresh_token: z.string() })
    .parse(await (await api("/api/token", { sub: "gus", session_id: `${MARK}-session` })).json());
  const refreshed = z
    .object({ token: z.string(), refresh_token: z.string() })
    .parse(await (await api("/api/token/refresh", { refresh_token: issued.refresh_token })).json());
  for (const token of [issued, refreshed].flatMap((each) => [each.token, each.refresh_token])) {
    shown.push(...token.split("."));
  }
  await api("/api/token/refresh", { refresh_token: forged });
  await api("/api/bans", { session: `${MARK}-session-of-a-banned-phone`, reason: `${MARK}-reason` });
  await api("/api/rooms", { kind: "relay", name: "by-key", pin: `${MARK}-pin`, meta: { note: `${MARK}-meta` } });
  expect((await fetch(`${server.url}/metrics`, { headers: { "x-api-key": API_KEY } })).status).toBe(200);

  // Over TCP, by a token and without one.
  const tcp = await TcpTestClient.connect(server.tcpPort);
  await tcp.join(`hall?token=${await tokenOf("dan", "hall")}&name=${MARK}-name`);
  tcp.broadcast(`${MARK}-broadcast`);
  tcp.say({ say: "join_room", room: `nowhere?token=${forged}` });
  await tcp.inbox.until(({ say }) => say === "error");

  // Pages and answers.
  for (const path of [`/?session=${MARK}`, `/${code}?${pin}`, `/nowhere?token=${MARK}`, `/healthz?key=${MARK}`]) {
    await fetch(`${server.url}${path}`, { headers: { "x-api-key": `${MARK}-key`, cookie: `session=${MARK}-cookie` } });
  }
  await openRoom(server);
  cli.kill("SIGTERM");
  const { stdout, stderr } = await cli.ended;
  const written = stdout + stderr;
  expect(logLines(stdout).length).toBeGreaterThan(30);
  expect(written).not.toContain(MARK);
  // The head of a token is the same for all; a part of some letters is in no other word.
  for (const secret of shown.filter((part) => part.length > 8)) expect(written).not.toContain(secret);
  expect(written).not.toMatch(/[?&](?:session|token|pin|rescue|key)=/);
});
