import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import type { ServerActivity } from "../../../src/server-observer.ts";

/** Every event and every field of it: the compiler sees that none is missing and none is too many. */
const EVENTS: { readonly [Name in keyof ServerActivity]: Readonly<Record<keyof ServerActivity[Name], true>> } = {
  roomOpened: { room: true, name: true, traffic: true },
  gameChanged: { room: true, name: true },
  roomClosed: { room: true, why: true, traffic: true },
  playerJoined: { room: true, player: true },
  playerAway: { room: true, player: true, why: true },
  playerBack: { room: true, player: true, missed: true },
  playerLeft: { room: true, player: true, why: true },
  playerGap: { room: true, player: true, lost: true },
  joinRefused: { room: true, why: true },
  frameRefused: { room: true, code: true, reason: true },
  hostAway: { room: true },
  hostBack: { room: true, missed: true },
  hostCongested: { room: true, isCongested: true },
  connectionRefused: { why: true, requestId: true },
  memoryCut: { bytes: true, limit: true },
};

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), "utf8");
}

test("row 86: docs/EMBEDDING.md shows the bus of ten lines that the contract suite tries", () => {
  const [, ...lines] = read("../../support/thread-bus.js").split("\n");
  expect(read("../../../docs/EMBEDDING.md")).toContain(`\`\`\`js\n${lines.join("\n")}\`\`\`\n`);
});

test("docs/EMBEDDING.md lists each event that an observer hears, with its fields", () => {
  const text = read("../../../docs/EMBEDDING.md");
  const rows = [...text.matchAll(/^\| `(\w+)` \| (`.*`) \|/gm)].map(([, name = "", fields = ""]) => [
    name,
    [...fields.matchAll(/`(\w+)`/g)].map(([, field]) => field),
  ]);
  expect(rows).toEqual(Object.entries(EVENTS).map(([name, fields]) => [name, Object.keys(fields)]));
});
