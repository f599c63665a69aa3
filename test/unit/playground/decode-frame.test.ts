import { describe, expect, test } from "@jest/globals";
import {
  decodeFrame,
  hexDump,
  playerOfHello,
  prettyValue,
  PulseNumbers,
  roleOf,
  type DecodedFrame,
  type SocketRole,
} from "../../../src/playground/page/decode-frame.ts";
import type { Direction } from "../../../src/playground/messages.ts";
import { encodeCbor } from "../../../src/protocol/cbor-writer.ts";

function decode(
  role: SocketRole,
  direction: Direction,
  data: string | Uint8Array<ArrayBuffer>,
  pulses = new PulseNumbers(),
): DecodedFrame {
  return decodeFrame({ role, direction, data, size: data.length }, pulses);
}

describe("a frame on the wire", () => {
  test.each([
    ["ws://tv:8081/CREATE?format=json", "host"],
    ["ws://tv/party/CREATE", "host"],
    ["ws://tv/CREATE?kind=relay", "member"],
    ["ws://tv/BCDF?attempt=1", "player"],
    ["ws://tv/ws?token=a.b.c", "member"],
    ["ws://localhost:5173/?token=vite", "other"],
  ])("of %s is a %s's", (url, role) => {
    expect(roleOf(url)).toBe(role);
  });

  test("of a host is a command or an event, in CBOR and in JSON", () => {
    const prepare = { cmd: "prepare", max_players: 8, name: "quiz" };
    for (const data of [encodeCbor(prepare), JSON.stringify(prepare)]) {
      expect(decode("host", "up", data)).toMatchObject({
        kind: "command",
        summary: 'prepare {"max_players":8,"name":"quiz"}',
        host: prepare,
      });
    }
    expect(decode("host", "down", encodeCbor({ cmd: "player_joined", player: 3 }))).toMatchObject({
      kind: "event",
      summary: 'player_joined {"player":3}',
    });
  });

  test("of a host that carries something is of that kind", () => {
    const kinds = [
      encodeCbor({ cmd: "to_str", to: [], data: '{"cw":"state","set":{"a":1}}' }),
      encodeCbor({ cmd: "to_str", to: [1, 2], data: "hello", volatile: true }),
      encodeCbor({ cmd: "to", to: [1], data: new Uint8Array([1, 254]) }),
      JSON.stringify({ cmd: "to", to: [1], data: [1, 254] }),
    ].map((data) => decode("host", "up", data));
    expect(kinds.map(({ kind, summary }) => [kind, summary])).toEqual([
      ["sdk", 'to_str all: state {"a":1}'],
      ["text", 'to_str 1,2 {"volatile":true}: hello'],
      ["bytes", "to 1: 2 bytes: 01 fe"],
      ["bytes", "to 1: 2 bytes: 01 fe"],
    ]);
    expect(decode("host", "down", encodeCbor({ cmd: "from_str", from: 2, data: '{"x":1}' }))).toMatchObject({
      kind: "json",
      summary: 'from_str 2: {"x":1}',
      value: { data: { x: 1 } },
    });
  });

  test("of a player is JSON, text, bytes, the SDK's or a control frame", () => {
    const frames = [
      '{"x":1}',
      "hello",
      '{"cw":"event","name":"buzz"}',
      '\0hello {"player":2}',
      "\0ack 3",
      "\0\0escaped",
    ];
    expect(frames.map((data) => decode("player", "down", data)).map(({ kind }) => kind)).toEqual([
      "json",
      "text",
      "sdk",
      "control",
      "pulse",
      "text",
    ]);
    expect(decode("player", "up", new Uint8Array([255]))).toMatchObject({ kind: "bytes", summary: "1 bytes: ff" });
    expect(decode("player", "down", "\0\0escaped").summary).toBe("\0escaped");
  });

  test("of the SDK says its word, and what it is about", () => {
    const frames = [
      { cw: "event", name: "buzz" },
      { cw: "event", name: "answer", data: 2 },
      { cw: "event", name: "question", data: { n: 1 }, id: 7 },
      { cw: "reply", id: 7, data: "Paris" },
      { cw: "reply", id: 8, error: "No one listens.", code: "not_answered" },
      { cw: "state", set: { round: 2 }, all: true, v: 3 },
      { cw: "state", player: 2, set: { score: null }, n: 4 },
      { cw: "newer", x: 1 },
    ];
    expect(frames.map((frame) => decode("player", "down", JSON.stringify(frame)).summary)).toEqual([
      "event buzz",
      "event answer 2",
      'ask question {"n":1} #7',
      'reply #7 "Paris"',
      'reply #8 error: No one listens. {"code":"not_answered"}',
      'state whole {"round":2} v3',
      'state of player 2 {"score":null} n4',
      '{"cw":"newer","x":1}',
    ]);
  });

  test("by which the playground measures is a pulse, and so is its answer", () => {
    const pulses = new PulseNumbers();
    const kindOf = (data: string): string => decode("player", "up", data, pulses).kind;
    expect(kindOf('{"cw":"event","name":"cw:ping","id":7}')).toBe("pulse");
    expect(kindOf('{"cw":"reply","id":7,"data":null}')).toBe("pulse");
    expect(kindOf('{"cw":"reply","id":8,"data":null}')).toBe("sdk");
  });

  test("that is cut or broken says so, and nothing is thrown", () => {
    const long = decodeFrame(
      { role: "host", direction: "up", data: new Uint8Array([0xa1, 0x63]), size: 70_000 },
      new PulseNumbers(),
    );
    expect(long).toMatchObject({ kind: "command", summary: "long host frame, 70000 bytes" });
    expect(decode("host", "down", new Uint8Array([0xff]))).toMatchObject({ summary: "unreadable host frame, 1 bytes" });
    expect(decode("player", "up", '{"x":')).toMatchObject({ kind: "text" });
  });

  test("tells the player's number where it greets", () => {
    expect(playerOfHello('\0hello {"epoch":"a","player":3}')).toBe(3);
    expect(playerOfHello('\0hello {"epoch":"a"}')).toBeUndefined();
    expect(playerOfHello("hello")).toBeUndefined();
  });
});

test("bytes are shown with their places and as text", () => {
  expect(hexDump(new TextEncoder().encode("Couchwire\n"))).toBe(
    "000000  43 6f 75 63 68 77 69 72  Couchwir\n000008  65 0a                    e.",
  );
  expect(prettyValue({ a: new Uint8Array([1]) })).toBe('{\n  "a": "1 bytes: 01"\n}');
});
