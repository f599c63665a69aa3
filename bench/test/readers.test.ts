/** How the benchmark reads what servers send: in whatever pieces it comes, and refusing what it does not understand. */
import { createHmac } from "node:crypto";
import { describe, expect, test } from "@jest/globals";
import { Encoder } from "cbor-x";
import { lengthPrefixWire } from "../load/length-prefix-wire.js";
import { websocketWire } from "../load/websocket-wire.js";
import { ReliableEnd } from "../peers/couchwire/reliable-end.js";
import { members as colyseusMembers } from "../peers/colyseus/members.js";
import { adapter as nats } from "../peers/nats/adapter.js";
import { NatsReader } from "../peers/nats/nats-reader.js";
import { msgpackHead, readHead, skipItem } from "../peers/read-msgpack.js";
import { adapter as socketIo } from "../peers/socket-io/adapter.js";
import { members as tapaculoMembers, SECRET, tokenFor } from "../peers/tapaculo/members.js";
import { crowd as wmbpCrowd } from "../peers/wmbp/crowd.js";
import { readFrom } from "../peers/wmbp/read-from.js";
import { members as wsJsonMembers } from "../peers/ws-json/members.js";

/** What a reader needs of a connection. */
function fakeConnection() {
  const heard: string[] = [];
  const said: string[] = [];
  return {
    heard,
    said,
    hear: (bytes: Buffer, start: number, end: number, isText: boolean) =>
      heard.push(`${isText ? "text" : "binary"} ${bytes.toString("latin1", start, end)}`),
    hearClose: (reason: string) => heard.push(`close ${reason}`),
    write: (bytes: Uint8Array) => said.push(Buffer.from(bytes).toString("hex")),
    say: ({ bytes }: { bytes: Uint8Array }) => said.push(Buffer.from(bytes).toString()),
  };
}

/** Feeds bytes as they would come in two reads, keeping what was left over. */
function feedInTwo(read: (bytes: Buffer) => number, bytes: Buffer, cut: number): void {
  const rest = bytes.subarray(read(bytes.subarray(0, cut)), cut);
  read(Buffer.concat([rest, bytes.subarray(cut)]));
}

function serverFrame(opcode: number, body: Buffer): Buffer {
  const length =
    body.length < 126
      ? Buffer.of(body.length)
      : body.length < 65_536
        ? Buffer.of(126, body.length >>> 8, body.length & 255)
        : Buffer.of(127, 0, 0, 0, 0, 0, body.length >>> 16, (body.length >>> 8) & 255, body.length & 255);
  return Buffer.concat([Buffer.of(0x80 | opcode), length, body]);
}

describe("WebSocket frames", () => {
  const long = "l".repeat(300);
  const stream = Buffer.concat([
    serverFrame(2, Buffer.from("one")),
    serverFrame(1, Buffer.from(long)),
    serverFrame(9, Buffer.from("p")),
    serverFrame(2, Buffer.alloc(0)),
    serverFrame(8, Buffer.from("\x0f\xbftoo slow", "latin1")),
  ]);

  test("are heard whole wherever the stream is cut", () => {
    for (let cut = 0; cut <= stream.length; cut += 1) {
      const connection = fakeConnection();
      feedInTwo((bytes) => websocketWire.readFrames(connection, bytes, 0, bytes.length), stream, cut);
      expect(connection.heard).toEqual(["binary one", `text ${long}`, "binary ", "close 4031 too slow"]);
    }
  });

  test("of more than 64 KiB are heard too", () => {
    const connection = fakeConnection();
    const frame = serverFrame(2, Buffer.alloc(70_000, "x"));
    expect(websocketWire.readFrames(connection, frame, 0, frame.length)).toBe(frame.length);
    expect(connection.heard[0]).toHaveLength("binary ".length + 70_000);
  });

  test("that ask are answered with a masked pong", () => {
    const connection = fakeConnection();
    const ping = serverFrame(9, Buffer.from("p"));
    websocketWire.readFrames(connection, ping, 0, ping.length);
    expect(connection.said).toHaveLength(1);
    expect(connection.said[0]).toMatch(/^8a81/);
  });

  test("in fragments are refused rather than misread", () => {
    const fragment = Buffer.of(0x02, 1, 65);
    expect(() => websocketWire.readFrames(fakeConnection(), fragment, 0, 3)).toThrow("fragments");
  });
});

test("messages with a length before them are heard whole wherever the stream is cut", () => {
  const stream = Buffer.concat(
    ["a", "", "longer"].map((text) => lengthPrefixWire.frame({ bytes: Buffer.from(text) }).bytes),
  );
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const connection = fakeConnection();
    feedInTwo((bytes) => lengthPrefixWire.readFrames(connection, bytes, 0, bytes.length), stream, cut);
    expect(connection.heard).toEqual(["binary a", "binary ", "binary longer"]);
  }
});

/** Sender and payload of a `from` event, if it is one. */
function payloadsOf(event: Buffer): [number, string][] {
  const taken: [number, string][] = [];
  readFrom(event, 0, event.length, (data, start, end, from) => taken.push([from, data.toString("hex", start, end)]));
  return taken;
}

describe("a from event", () => {
  test.each([
    ["short heads", true],
    ["wide heads", false],
  ])("is found with %s, as byte string and as array", (_name, variableMapSize) => {
    const cbor = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize });
    const data = Buffer.from("00ff17180a", "hex");
    for (const from of [1, 200, 70_000]) {
      expect(payloadsOf(cbor.encode({ cmd: "from", from, data }))).toEqual([[from, "00ff17180a"]]);
      expect(payloadsOf(cbor.encode({ cmd: "from", from, data: [...data] }))).toEqual([[from, "00ff17180a"]]);
    }
    expect(payloadsOf(cbor.encode({ cmd: "player_left", player: 3 }))).toEqual([]);
  });

  test("that is cut short is refused", () => {
    const cbor = new Encoder({ useRecords: false, tagUint8Array: false });
    const whole = cbor.encode({ cmd: "from", from: 1, data: Buffer.from("abc") });
    expect(() => readFrom(whole, 0, whole.length - 1, () => {})).toThrow("not whole");
  });
});

test("MessagePack is walked over without being decoded", () => {
  // {"data": ["input", 300, <2 bytes>], "nsp": "/"}
  const bytes = Buffer.from("82a46461746193a5696e707574cd012cc402abcda36e7370a12f", "hex");
  expect(skipItem(bytes, 0)).toBe(bytes.length);
  expect(readHead(bytes, 0)).toBe(1);
  expect(msgpackHead).toEqual({ type: "map", value: 2 });
  expect(() => readHead(Buffer.of(0xc1), 0)).toThrow("not known");
});

test("what a NATS server says is read wherever it is cut", () => {
  const stream = Buffer.from("+OK\r\nMSG room.7.input.31 1 5\r\na\r\nbc\r\nPING\r\nMSG room.7.all 2 0\r\n\r\n");
  for (let cut = 0; cut <= stream.length; cut += 1) {
    const connection = fakeConnection();
    const reader = new NatsReader(connection);
    const taken: unknown[] = [];
    const take = (bytes: Buffer, start: number, end: number, from: number) =>
      taken.push([bytes.toString("latin1", start, end), from]);
    reader.read(stream, 0, cut, take);
    reader.read(stream, cut, stream.length, take);
    expect(taken).toEqual([
      ["a\r\nbc", 31],
      ["", -1],
    ]);
    expect(connection.said).toEqual(["PONG\r\n"]);
  }
});

test("a reliable connection acknowledges each 16 frames that count, and neither its greeting nor control frames", () => {
  const connection = fakeConnection();
  const reliable = new ReliableEnd(connection);
  const hear = (text: string, isText = false) => {
    const bytes = Buffer.from(text);
    return reliable.take(bytes, 0, bytes.length, isText);
  };
  expect(hear('\0hello {"epoch":"e","received":0,"greeting":1,"next":5,"lost":0}', true)).toBe(false);
  expect(hear("greeting")).toBe(true);
  expect(hear("\0ack 3", true)).toBe(false);
  expect(hear("\0\0escaped", true)).toBe(true);
  for (let count = 0; count < 15; count += 1) hear("frame");
  expect(connection.said).toEqual(["\0ack 20"]);
});

test("a reliable connection acknowledges what is left when it is quiet, and nothing twice", () => {
  const connection = fakeConnection();
  const reliable = new ReliableEnd(connection);
  reliable.take(Buffer.from("frame"), 0, 5, false);
  reliable.rest();
  reliable.rest();
  expect(connection.said).toEqual(["\0ack 1"]);
});

describe("what a member of an open room hears", () => {
  const readers = [
    ["Tapaculo and Couchwire", tapaculoMembers, Buffer.from('{"from":"m31","data":"abc"}'), true],
    ["ws-json", wsJsonMembers, Buffer.from('{"type":"said","from":31,"data":"abc"}'), true],
    ["Socket.IO", socketIo.members, Buffer.from('42["said",31,"abc"]'), true],
    ["Colyseus", colyseusMembers, Buffer.from("\x0d\xa4said\x92\x1f\xa3abc", "latin1"), false],
  ] as const;

  test.each(readers)("from %s is found with its sender, wherever it lies", (_name, members, frame, isText) => {
    const taken: [string, number][] = [];
    const bytes = Buffer.concat([Buffer.from("before"), frame, Buffer.from("behind")]);
    members?.read({}, bytes, 6, 6 + frame.length, isText, (data: Buffer, start: number, end: number, from: number) =>
      taken.push([data.toString("latin1", start, end), from]),
    );
    expect(taken).toEqual([["abc", 31]]);
  });

  test("from Tapaculo and Couchwire is told word for word where it is no one's message", () => {
    const refusal = Buffer.from('{"error":"Room is full (max 2 players)"}');
    expect(() => tapaculoMembers.read({}, refusal, 0, refusal.length, true, () => {})).toThrow("Room is full");
  });
});

/** What the host of a crowd hears in these frames. */
function heardBy(
  crowd: Pick<typeof wmbpCrowd, "readAtHost"> | undefined,
  frames: readonly (readonly [Buffer, boolean])[],
): unknown[] {
  const heard: unknown[] = [];
  const host = { connection: fakeConnection(), reader: new NatsReader(fakeConnection()) };
  for (const [bytes, isText] of frames) {
    crowd?.readAtHost(host, bytes, 0, bytes.length, isText, {
      votes: (count) => heard.push(count),
      input: (data, start, end, from) => heard.push([from, data.toString("latin1", start, end)]),
      other: () => heard.push("other"),
    });
  }
  return heard;
}

describe("the host of a crowd", () => {
  const cbor = new Encoder({ useRecords: false, tagUint8Array: false, variableMapSize: true });
  const input = Buffer.from("abc");

  test("sums what Couchwire tells of votes, those for other texts too, and hears its players", () => {
    const frames = [
      cbor.encode({ cmd: "audience", count: 9, tally: { left: 4, right: 3 }, other: 2 }),
      cbor.encode({ cmd: "from", from: 31, data: input }),
      cbor.encode({ cmd: "state_delta", audience: 9 }),
    ].map((bytes) => [bytes, false] as const);
    expect(heardBy(wmbpCrowd, frames)).toEqual([9, [31, "abc"], "other"]);
  });

  test("sums what a server on Socket.IO tells of votes, and hears its players", () => {
    const frames = [
      [Buffer.from('42["tally",{"left":4,"right":3}]'), true],
      [Buffer.from('451-["input",31,{"_placeholder":true,"num":0}]'), true],
      [input, false],
    ] as const;
    expect(heardBy(socketIo.crowd, frames)).toEqual([7, [31, "abc"]]);
  });

  test("hears each vote over NATS, and its players", () => {
    const stream = Buffer.from(
      ["MSG room.7.vote 2 4", "left", "MSG room.7.input.31 1 3", "abc", "MSG room.7.vote 2 5", "right", ""].join(
        "\r\n",
      ),
    );
    expect(heardBy(nats.crowd, [[stream, false]])).toEqual([1, [31, "abc"], 1]);
  });
});

/** A part of a JWT. */
const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());

test("a member's token is signed with HS256 and names the member and its room", () => {
  const [header = "", claims = "", signature] = tokenFor("m7", "room0").split(".");
  expect(decoded(header)).toEqual({ alg: "HS256", typ: "JWT" });
  expect(decoded(claims)).toMatchObject({ sub: "m7", room: "room0", exp: expect.any(Number) });
  expect(signature).toBe(createHmac("sha256", SECRET).update(`${header}.${claims}`).digest("base64url"));
});
