import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { openRoom } from "../../support/host-client.ts";
import { makeFrame, makeRequest, OPCODE, RawClient } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";
import { isBunNative } from "../../support/target.ts";
import { newSession } from "../../support/reliable-client.ts";
import { endOfTurn } from "../../support/websocket/fake-stream.ts";

type Header = readonly [name: string, value: string];

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const UPGRADE: Header = ["Upgrade", "websocket"];
const CONNECTION: Header = ["Connection", "Upgrade"];
const VERSION: Header = ["Sec-WebSocket-Version", "13"];
const WITH_KEY: Header = ["Sec-WebSocket-Key", KEY];
const HANDSHAKE: readonly Header[] = [UPGRADE, CONNECTION, VERSION, WITH_KEY];

const request = (code: string): Buffer => makeRequest("GET", `/${code}`, HANDSHAKE);
const offer = (protocols: string): Header => ["Sec-WebSocket-Protocol", protocols];

describe("the opening handshake (RFC 6455, section 4)", () => {
  test.each<readonly [string, readonly Header[]]>([
    ["in capitals", [["UPGRADE", "WEBSOCKET"], ["CONNECTION", "UPGRADE"], VERSION, WITH_KEY]],
    ["in small letters", [["upgrade", "websocket"], ["connection", "upgrade"], VERSION, WITH_KEY]],
    ["in another order", [WITH_KEY, VERSION, CONNECTION, UPGRADE]],
    ["with a Connection that also keeps alive", [UPGRADE, ["Connection", "keep-alive, Upgrade"], VERSION, WITH_KEY]],
    [
      "with Upgrade before keep-alive, without a space",
      [UPGRADE, ["Connection", "upgrade,Keep-Alive"], VERSION, WITH_KEY],
    ],
    ["with two Connection headers", [UPGRADE, ["Connection", "keep-alive"], CONNECTION, VERSION, WITH_KEY]],
    [
      "with spaces around the values",
      [["Upgrade", "  websocket "], CONNECTION, ["Sec-WebSocket-Version", " 13  "], WITH_KEY],
    ],
    ["with a key in spaces", [UPGRADE, CONNECTION, VERSION, ["Sec-WebSocket-Key", `   ${KEY}  `]]],
    [
      "with extensions",
      [...HANDSHAKE, ["Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits, x-a;b=1"]],
    ],
    ["with extensions that make no sense", [...HANDSHAKE, ["Sec-WebSocket-Extensions", ";;=,"]]],
  ])("P1.6 %s opens a WebSocket, and no extension is agreed to", async (_what, headers) => {
    const { port } = await startServer();
    const client = new RawClient(port);
    client.write(makeRequest("GET", "/CREATE", headers));
    const answer = await client.answer();
    expect([answer.status, answer.headers.get("upgrade"), answer.headers.get("connection")]).toEqual([
      101,
      "websocket",
      "Upgrade",
    ]);
    expect(answer.headers.get("sec-websocket-accept")).toBe("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    expect(answer.headers.has("sec-websocket-extensions")).toBe(false);
    expect(await client.frames.next()).toMatchObject({ opcode: OPCODE.binary, isMasked: false, isFinal: true });
  });

  test("P1.6 every key is answered with its own proof", async () => {
    const { port } = await startServer();
    for (let round = 0; round < 10; round++) {
      const key = randomBytes(16).toString("base64");
      const client = new RawClient(port);
      client.write(makeRequest("GET", "/CREATE", [UPGRADE, CONNECTION, VERSION, ["Sec-WebSocket-Key", key]]));
      const proof = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      expect((await client.answer()).headers.get("sec-websocket-accept")).toBe(proof);
    }
  });

  test.each<readonly [string, readonly Header[]]>([
    ["with a key of 15 bytes", [UPGRADE, CONNECTION, VERSION, ["Sec-WebSocket-Key", "c2l4dGVlbiBieXRlcyE="]]],
    ["with a key of 17 bytes", [UPGRADE, CONNECTION, VERSION, ["Sec-WebSocket-Key", "c2V2ZW50ZWVuIGJ5dGVzIQA="]]],
    [
      "with a key in base64 for URLs",
      [UPGRADE, CONNECTION, VERSION, ["Sec-WebSocket-Key", "-_hlIHNhbXBsZSBub25jZQ=="]],
    ],
    ["with an empty key", [UPGRADE, CONNECTION, VERSION, ["Sec-WebSocket-Key", ""]]],
    ["with two keys", [...HANDSHAKE, WITH_KEY]],
    ["with two Upgrade headers", [...HANDSHAKE, ["Upgrade", "h2c"]]],
    ["for something that is nearly a WebSocket", [["Upgrade", "websockets"], CONNECTION, VERSION, WITH_KEY]],
  ])("P1.6 %s is no handshake, and is answered as plain HTTP", async (_what, headers) => {
    const server = await startServer();
    const { code } = await openRoom(server, { name: "sketch" });
    const client = new RawClient(server.port);
    client.write(makeRequest("GET", `/${code}`, headers));
    expect(await client.answer()).toMatchObject({ status: 200, body: "sketch" });
  });

  test.each<readonly [string, readonly Header[], string | undefined]>([
    ["alone", [offer("couchwire.v1")], "couchwire.v1"],
    ["among others, with spaces and tabs", [offer(" chat ,\tcouchwire.v1 ,superchat")], "couchwire.v1"],
    ["without spaces", [offer("chat,couchwire.v1,superchat")], "couchwire.v1"],
    ["in a header of its own, behind another", [offer("chat"), offer("couchwire.v1")], "couchwire.v1"],
    ["in the first of two headers", [offer("couchwire.v1, chat"), offer("superchat")], "couchwire.v1"],
    ["twice", [offer("couchwire.v1, couchwire.v1")], "couchwire.v1"],
    ["between commas, as RFC 9110 (5.6.1) has readers bear", [offer(",, couchwire.v1 ,")], "couchwire.v1"],
    ["not, but one with a longer name", [offer("couchwire.v10, xcouchwire.v1")], undefined],
    ["not, but one in capitals", [offer("COUCHWIRE.V1")], undefined],
    ["not, but nothing", [offer("")], undefined],
    ["not, but nonsense", [offer(', ;;="')], undefined],
  ])("P5.5.1 couchwire.v1 may be offered %s", async (_what, headers, chosen) => {
    const { port } = await startServer();
    const client = new RawClient(port);
    client.write(makeRequest("GET", `/CREATE?session=${newSession()}`, [...HANDSHAKE, ...headers]));
    const answer = await client.answer();
    expect([answer.status, answer.headers.get("sec-websocket-protocol")]).toEqual([101, chosen]);
  });
});

describe("a connection that has had plain requests", () => {
  test("P1.6 may become a WebSocket", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    const plain = makeRequest("GET", "/healthz", [["Connection", "keep-alive"]]);
    const after = new RawClient(server.port);
    after.write(plain);
    expect(await after.answer()).toMatchObject({ status: 200 });
    after.write(Buffer.concat([request(code), makeFrame(OPCODE.text, "after")]));
    expect(await after.answer()).toMatchObject({ status: 101 });
    expect(await host.until("from_str")).toMatchObject({ data: "after" });
    host.send({ cmd: "to_str", to: [], data: "welcome" });
    expect(await after.frames.next()).toMatchObject({ payload: Buffer.from("welcome") });
  });
});

describe("a plain request and a handshake that come together", () => {
  test("P1.6 are answered in their order", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    const client = new RawClient(server.port);
    const plain = makeRequest("GET", "/healthz", [["Connection", "keep-alive"]]);
    client.write(Buffer.concat([plain, request(code), makeFrame(OPCODE.text, "after")]));
    expect(await client.answer()).toMatchObject({ status: 200 });
    expect(await client.answer()).toMatchObject({ status: 101 });
    expect(await host.until("from_str")).toMatchObject({ data: "after" });
  });
});

describe("what comes together with the handshake", () => {
  test("P1.6 several frames count, whole ones and one that is cut anywhere", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    const frames = Buffer.concat([
      makeFrame(OPCODE.text, "one", { mask: Buffer.of(1, 2, 3, 4) }),
      makeFrame(OPCODE.text, "two", { isFinal: false }),
      makeFrame(OPCODE.ping, "and a half"),
      makeFrame(OPCODE.continuation, " three"),
    ]);
    for (let cut = 0; cut <= frames.length; cut += 3) {
      const client = new RawClient(server.port);
      client.write(Buffer.concat([request(code), frames.subarray(0, cut)]));
      await client.answer();
      client.write(frames.subarray(cut));
      expect(await host.until("from_str")).toMatchObject({ data: "one" });
      expect(await host.until("from_str")).toMatchObject({ data: "two three" });
      expect(await client.frames.next()).toMatchObject({ opcode: OPCODE.pong, payload: Buffer.from("and a half") });
      client.socket.destroy();
      await host.until("player_left");
    }
  });

  test("P1.6 a message that is larger than a packet counts", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    const client = new RawClient(server.port);
    const text = "x".repeat(200_000);
    client.write(Buffer.concat([request(code), makeFrame(OPCODE.text, text), makeFrame(OPCODE.text, "behind")]));
    expect(await host.until("from_str")).toMatchObject({ data: text });
    expect(await host.until("from_str")).toMatchObject({ data: "behind" });
  });

  test.each([
    ["a Close", makeFrame(OPCODE.close, Buffer.from([0x0b, 0xb8])), 3000],
    ["a broken frame", makeFrame(3), 1002],
  ])("P1.6 %s is heard of, behind a message", async (_what, last, code) => {
    const server = await startServer();
    const room = await openRoom(server);
    const client = new RawClient(server.port);
    client.write(Buffer.concat([request(room.code), makeFrame(OPCODE.text, "hello and goodbye"), last]));
    expect(await client.answer()).toMatchObject({ status: 101 });
    expect(await client.closeFrame()).toMatchObject({ code });
    expect(await room.host.until("from_str")).toMatchObject({ data: "hello and goodbye" });
    if (isBunNative) client.socket.end();
    expect(await room.host.until("player_left")).toMatchObject({ player: 1 });
  });

  test("P1.6 a client that has said it all and half-closed is heard out", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    const client = new RawClient(server.port);
    client.socket.end(Buffer.concat([request(code), makeFrame(OPCODE.text, "that was it")]));
    expect(await host.until("from_str")).toMatchObject({ data: "that was it" });
    expect(await host.until("player_left")).toMatchObject({ player: 1 });
    await client.gone;
  });

  test("P1.6 a handshake and frames that come byte by byte are heard", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server);
    const client = new RawClient(server.port);
    await once(client.socket, "connect");
    const said = Buffer.concat([request(code), makeFrame(OPCODE.text, "slowly"), makeFrame(OPCODE.ping, "still here")]);
    for (const byte of said) {
      client.write(Buffer.of(byte));
      await endOfTurn(); // so that the server, which runs beside, reads in between
    }
    expect(await host.until("from_str")).toMatchObject({ data: "slowly" });
    expect(await client.frames.next()).toMatchObject({ opcode: OPCODE.pong, payload: Buffer.from("still here") });
  });
});

describe("a request for an upgrade that no server can grant", () => {
  const lines = HANDSHAKE.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  test.each([
    ["with a body", `GET /CREATE HTTP/1.1\r\nHost: here\r\n${lines}Content-Length: 5\r\n\r\nhello`, "body"],
    ["in chunks", `GET /CREATE HTTP/1.1\r\nHost: here\r\n${lines}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, "body"],
    ["without Host", `GET /CREATE HTTP/1.1\r\n${lines}\r\n`, "Host"],
    ["on HTTP/1.0", `GET /CREATE HTTP/1.0\r\nHost: here\r\n${lines}\r\n`, "HTTP/1.1"],
  ])("P1.6 %s is 400, and the answer says why", async (_what, text, word) => {
    const { port } = await startServer();
    const client = new RawClient(port);
    client.write(Buffer.from(text));
    const { status, body } = await client.answer();
    expect([status, body]).toEqual([400, expect.stringContaining(word)]);
    await client.gone;
  });

  test("P1.6 a body of no bytes is none", async () => {
    const { port } = await startServer();
    const client = new RawClient(port);
    client.write(makeRequest("GET", "/CREATE", [...HANDSHAKE, ["Content-Length", "0"]]));
    expect(await client.answer()).toMatchObject({ status: 101 });
  });
});
