/** docs/RECORDING.md says what the code does. */
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { decodeFirst } from "cborg";
import { readRecording } from "../../../src/recording/recording-file.ts";
import { RecordingWriter } from "../../../src/recording/recording-items.ts";
import { fromHex } from "../../support/hex.ts";

const document = readFileSync(new URL("../../../docs/RECORDING.md", import.meta.url), "utf8");
const [, block = ""] = /```hex\n([^`]*)```/.exec(document) ?? [];
const example = fromHex(block.replaceAll(/ {2,}[a-z_]+: .*$/gm, "").replaceAll(/\s/g, ""));

test("P9.12 the recording in docs/RECORDING.md is one, byte for byte as the server writes it", () => {
  const writer = new RecordingWriter();
  const items = [
    writer.header({
      room: "BCDF",
      game: "sketch",
      at: "2026-11-30T20:00:00.000Z",
      maxPlayers: 8,
      isLocked: false,
      meta: undefined,
      players: [],
    }),
    writer.event(500, { cmd: "player_joined", player: 1, name: "Ann" }) ?? new Uint8Array(),
    writer.from(1_000, 1, new TextEncoder().encode("hi"), true),
    writer.command(1_001, { cmd: "to", to: [1], data: Uint8Array.of(7) }) ?? new Uint8Array(),
    writer.end(10_000, "room_closed"),
  ];
  expect(example.toString("hex")).toBe(Buffer.concat(items).toString("hex"));
  expect(readRecording(example)).toMatchObject({
    damagedBytes: 0,
    items: [{ is: "joined" }, { is: "from" }, { is: "to" }, { is: "end" }],
  });
});

test("P9.12 another library reads it as a sequence, as the document shows", () => {
  const items: unknown[] = [];
  for (let rest: Uint8Array = example; rest.length > 0;) {
    const [item, left] = decodeFirst(rest);
    items.push(item);
    rest = left;
  }
  expect(items.map((item) => Reflect.get(Object(item), "cmd"))).toEqual([
    undefined,
    "player_joined",
    "from_str",
    "to",
    "end",
  ]);
});

test("P9.12 each kind of item is in the document", () => {
  const source = readFileSync(new URL("../../../src/recording/recording-file.ts", import.meta.url), "utf8");
  const known = [...source.matchAll(/case "([a-z_]+)":/g)].map(([, name = ""]) => name);
  expect(known.length).toBeGreaterThan(15);
  expect(known.filter((name) => !document.includes(`\`${name}\``))).toEqual([]);
});
