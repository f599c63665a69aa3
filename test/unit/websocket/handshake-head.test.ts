/** What is read here of a handshake is what Node's parser reads, or nothing. */
import { createServer, type IncomingMessage } from "node:http";
import { connect, Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { readHandshakeHead } from "../../../src/transport/websocket/handshake-head.ts";
import type { RequestHead } from "../../../src/transport/websocket/request-header.ts";
import { listen } from "../../support/listen.ts";
import { Dice, seedOfThisRun } from "../../support/sessions/dice.ts";

const SEED = seedOfThisRun();
const HEADERS = [
  ["Host", "localhost"],
  ["Connection", "Upgrade"],
  ["Upgrade", "websocket"],
  ["Sec-WebSocket-Version", "13"],
  ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
] as const;
/** What goes anywhere, and what goes between two lines, to spoil a head or not. */
const PIECES = ["\r\n", "\n", "\r", " ", "\t", ":", ",", "\0", "é", "GET ", "HTTP/1.1", "x", "Upgrade"];
const LINES = [
  "Host: other\r\n",
  "Connection: keep-alive\r\n",
  "connection: x, UPGRADE ,y\r\n",
  "Upgrade: h2c\r\n",
  "Content-Length: 0\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Proxy-Connection: upgrade\r\n",
  "X-Forwarded-For: 203.0.113.7\r\n",
  "X:\r\n",
];
const plain = headOf("GET /BCDF HTTP/1.1", HEADERS);

function headOf(line: string, headers: readonly (readonly [name: string, value: string])[]): string {
  return `${line}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
}

type HeadAlone = Omit<RequestHead, "socket">;

const SOCKET = new Socket();

function read(text: string): HeadAlone | undefined {
  const head = readHandshakeHead(new Uint8Array(Buffer.from(text, "latin1")), SOCKET);
  if (head === undefined) return undefined;
  const { socket, ...alone } = head;
  expect(socket).toBe(SOCKET);
  return alone;
}

/** The same text with something more in it, and perhaps something less. */
function spoiled(text: string, dice: Dice): string {
  const lineStarts = [...text.matchAll(/\r\n/g)].slice(0, -1).map(({ index }) => index + 2);
  const isLine = dice.chance(0.5);
  const at = isLine ? (dice.pick(lineStarts) ?? 0) : dice.below(text.length);
  const piece = (isLine ? dice.pick(LINES) : dice.pick(PIECES)) ?? "";
  return text.slice(0, at) + piece + text.slice(at + (isLine ? 0 : dice.below(3)));
}

const node = createServer((_, response) => response.end());
let port: number;

beforeAll(async () => {
  port = await listen(node);
});

afterAll(() => {
  node.closeAllConnections();
  node.close();
});

/** What Node makes of these bytes: the upgrade that it tells of, or `undefined` for all else. */
async function readByNode(text: string): Promise<HeadAlone | undefined> {
  const socket = connect({ port, host: "127.0.0.1" }).on("error", () => {});
  const upgrade = new Promise<HeadAlone>((resolve) => {
    node.once("upgrade", ({ method, url, rawHeaders, socket: theirs }: IncomingMessage) => {
      theirs.destroy();
      resolve({ method, url, rawHeaders });
    });
  });
  const other = new Promise<undefined>((resolve) => socket.once("data", () => resolve(undefined)));
  const end = new Promise<undefined>((resolve) => socket.once("close", () => resolve(undefined)));
  socket.end(Buffer.from(text, "latin1"));
  const found = await Promise.race([upgrade, other, end]);
  socket.destroy();
  node.removeAllListeners("upgrade");
  return found;
}

describe("the head of a handshake", () => {
  test("is its method, its target, and its headers as they came", () => {
    expect(read(headOf("GET /CREATE?format=json&pin=%20 HTTP/1.1", HEADERS))).toEqual({
      method: "GET",
      url: "/CREATE?format=json&pin=%20",
      rawHeaders: HEADERS.flat(),
    });
  });

  test.each([
    ["the spaces around a value are no part of it", "Origin:   https://a.example  "],
    ["a value may be nothing", "Origin:"],
    ["a value may have colons and spaces", "User-Agent: Mozilla/5.0 (iPhone; CPU: x) a : b"],
    ["a name may have every letter that a token has", "a!#$%&'*+-.^_`|~9Z: 1"],
    ["a header may come twice", "X: 1\r\nX: 2"],
  ])("%s", async (_what, header) => {
    const text = plain.replace("Upgrade: ", `${header}\r\nUpgrade: `);
    const head = read(text);
    expect(head?.rawHeaders.length).toBeGreaterThan(HEADERS.flat().length);
    expect(head).toEqual(await readByNode(text));
  });

  test("is read up to a hundred fields", async () => {
    const text = plain.replace("Upgrade: ", `${"a: b\r\n".repeat(95)}Upgrade: `);
    expect(read(text)?.rawHeaders.length).toBe(200);
    expect(read(text)).toEqual(await readByNode(text));
  });

  test.each([
    ["which is not all there", plain.slice(0, -1)],
    ["behind which there is something", `${plain}x`],
    ["of a POST", plain.replace("GET", "POST")],
    ["of another version", plain.replace("HTTP/1.1", "HTTP/1.0")],
    ["with a space in its target", plain.replace("/BCDF", "/BC DF")],
    ["of a target that is no path", plain.replace("/BCDF", "http://localhost/BCDF")],
    ["without Host", plain.replace(/Host.*\r\n/, "")],
    ["without Upgrade", plain.replace(/Upgrade: websocket\r\n/, "")],
    ["with an Upgrade to nothing", plain.replace("websocket", "")],
    ["with a tab behind a word", plain.replace(": Upgrade", ": Upgrade\t")],
    ["with a tab before a comma", plain.replace(": Upgrade", ": Upgrade\t,x")],
    ["without Connection", plain.replace(/Connection.*\r\n/, "")],
    ["with a Connection that is not for an upgrade", plain.replace(": Upgrade", ": keep-alive, upgraded")],
    ["with a body", plain.replace("Upgrade: ", "Content-Length: 5\r\nUpgrade: ")],
    ["with a body of unknown length", plain.replace("Upgrade: ", "transfer-encoding: chunked\r\nUpgrade: ")],
    ["that waits for leave to go on", plain.replace("Upgrade: ", "Expect: 100-continue\r\nUpgrade: ")],
    ["with a header that goes on in the next line", plain.replace("Upgrade: ", "X: 1\r\n 2\r\nUpgrade: ")],
    ["with a space before a colon", plain.replace("Host:", "Host :")],
    ["with a line without a colon", plain.replace("Upgrade: ", "X\r\nUpgrade: ")],
    ["with a header that has no name", plain.replace("Upgrade: ", ": x\r\nUpgrade: ")],
    ["with a line that ends in a line feed", plain.replace("localhost\r\n", "localhost\n")],
    ["with a carriage return in a value", plain.replace("localhost", "local\rhost")],
    ["with a zero in a value", plain.replace("localhost", "local\0host")],
    ["with a letter beyond ASCII in a value", plain.replace("localhost", "lücalhost")],
    ["without headers", "GET /BCDF HTTP/1.1\r\n\r\n"],
    ["of more bytes than Node reads", plain.replace("Upgrade: ", `X: ${"x".repeat(16_384)}\r\nUpgrade: `)],
    ["of more fields than anybody has", plain.replace("Upgrade: ", `${"a: b\r\n".repeat(96)}Upgrade: `)],
    ["that is nothing", ""],
    ["that is something else", "\x16\x03\x01\x02\x00\x01"],
  ])("%s is left to Node", (_what, text) => {
    expect(read(text)).toBeUndefined();
  });

  test(`is never read in another way than Node reads it, whatever is wrong with it (seed ${SEED})`, async () => {
    const dice = new Dice(SEED);
    let accepted = 0;
    for (let round = 0; round < 800; round++) {
      let text = plain;
      for (let changes = 1 + dice.below(3); changes > 0; changes--) text = spoiled(text, dice);
      const head = read(text);
      if (head === undefined) continue;
      accepted += 1;
      expect([text, await readByNode(text)]).toEqual([text, head]);
    }
    expect(accepted).toBeGreaterThan(100);
  });
});
