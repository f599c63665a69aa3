import { describe, expect, test } from "@jest/globals";
import type { RoomKind } from "../../../src/games/define-room.ts";
import { defineRoom } from "../../../src/games/define-room.ts";
import { JWT_SECRET, MemberClient } from "../../support/member-client.ts";
import { memoryInUse } from "../../support/process-memory.ts";
import { startServer, type TestServer } from "../../support/server.ts";
import { testInProcess } from "../../support/target.ts";
import { TcpTestClient } from "../../support/tcp-client.ts";

const MEBIBYTE = 1_048_576;
/** A member that does not read answers no pings, and how long the test takes depends on the machine. */
const PATIENT = { pingMs: 200_000, idleMs: 400_000, playerRate: 0, playerBytes: 0 } as const;
const PIECE = "x".repeat(60_000);
/** 200 MB. */
const PIECES = 3_400;
/** So many are said before the one that says them waits until the others have heard them. */
const BATCH = 20;

const kinds = {
  "drop-newest": defineRoom({ kind: "newest", relays: true, slowReader: "drop-newest" }),
  "drop-oldest": defineRoom({ kind: "oldest", relays: true, slowReader: "drop-oldest" }),
} as const;

function start(kind: RoomKind, more: object = {}): Promise<TestServer> {
  return startServer({ jwtSecret: JWT_SECRET, openRooms: kind.kind, ...PATIENT, ...more }, { rooms: [kind] });
}

/** Says so many numbered pieces to one member, and between them a word to another one, which has to hear each. */
async function flood(ann: MemberClient, slow: string, cid: MemberClient): Promise<void> {
  for (let piece = 0; piece < PIECES; piece += BATCH) {
    for (let number = piece; number < piece + BATCH; number++) ann.say([number, PIECE], [slow]);
    ann.say(piece, ["cid"]);
    expect(await cid.message()).toEqual({ from: "ann", data: piece });
  }
}

describe("200 MB to a member that does not read", () => {
  for (const [policy, kind] of Object.entries(kinds)) {
    testInProcess(
      `P6.12 row 36: with ${policy} it is told exactly how many it lost; no memory grows, and the others hear all`,
      async () => {
        const server = await start(kind);
        const [ann, cid] = [
          await MemberClient.join(server, "ann", "lobby"),
          await MemberClient.join(server, "cid", "lobby"),
        ];
        const ben = await MemberClient.join(server, "ben", "lobby");
        await ben.event("joined");
        ben.socket.pause();
        await flood(ann, "ben", cid); // warms up; what the kernel takes is full, too
        const before = memoryInUse();
        await flood(ann, "ben", cid);
        expect(memoryInUse() - before).toBeLessThan(5 * MEBIBYTE);

        ben.socket.resume();
        ann.say("end", ["ben"]);
        let next = 0;
        let lost = 0;
        for (;;) {
          const frame = await ben.next();
          if (frame instanceof Uint8Array) throw new Error("bytes");
          if (frame["event"] === "lost") {
            const count = Number(frame["count"]);
            lost += count;
            next += count;
          } else if (frame["data"] === "end") break;
          else if (Array.isArray(frame["data"])) {
            expect(frame["data"][0]).toBe(next % PIECES);
            next += 1;
          }
        }
        expect(next).toBe(2 * PIECES);
        expect(lost).toBeGreaterThan(PIECES);
        ben.say("still here");
        expect(await cid.until(({ data }) => data === "still here")).toMatchObject({ from: "ben" });
      },
    );
  }

  testInProcess(
    "P6.12 row 36: a line without events is told by an error, and one over TCP as well; neither ends",
    async () => {
      const server = await start(kinds["drop-oldest"], { tcpPort: 0, sendQueue: 200_000 });
      const ann = await MemberClient.join(server, "ann", "lobby");
      const cid = await MemberClient.join(server, "cid", "lobby");
      const ben = await MemberClient.join(server, "ben", "lobby", { query: "" });
      await cid.event("join");
      const tcp = await TcpTestClient.connect(server.tcpPort ?? 0);
      const uuid = await tcp.join("lobby");
      for (const socket of [ben.socket, tcp.socket]) socket.pause();
      await flood(ann, "ben", cid);
      await flood(ann, uuid, cid);
      for (const socket of [ben.socket, tcp.socket]) socket.resume();
      ann.say("end", ["ben", uuid]);

      let toBen = 0;
      for (;;) {
        const frame = await ben.next();
        if (frame instanceof Uint8Array) throw new Error("bytes");
        const { error, data } = frame as { error?: { code: string; message: string }; data?: unknown };
        if (data === "end") break;
        if (error !== undefined) expect(error.code).toBe("rate_limited");
        toBen += error === undefined ? 1 : Number.parseInt(error.message, 10);
      }
      expect(toBen).toBe(PIECES);

      let toTcp = 0;
      for (;;) {
        const message = await tcp.inbox.next();
        if (message.say === "broadcast" && message.data.length < 100) break;
        if (message.say === "error") toTcp += Number.parseInt(message.text, 10);
        else if (message.say === "broadcast") toTcp += 1;
      }
      expect(toTcp).toBe(PIECES);
      tcp.broadcast("still here");
      expect(await cid.next()).toBeInstanceOf(Uint8Array);
    },
  );

  test("P6.12 row 36: what a slow reader costs is one of three words, and nothing else", () => {
    expect(() => defineRoom({ kind: "x", slowReader: Object("drop") })).toThrow(
      'slowReader is an object, but has to be "close", "drop-newest" or "drop-oldest"',
    );
  });
});
