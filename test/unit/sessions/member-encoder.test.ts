import { describe, expect, test } from "@jest/globals";
import { eventsEncoder, plainEncoder, type MemberNews } from "../../../src/session/member-encoder.ts";
import * as fc from "../../support/property-testing.ts";

const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const CARD = { id: "ann", name: "Ann", role: "member" } as const;

/** The frame as its reader sees it. */
function frame(encoder: typeof plainEncoder, news: MemberNews): unknown {
  const message = encoder.encode(news);
  if (message === undefined) return undefined;
  return message.isText ? JSON.parse(fromUtf8.decode(message.data)) : message.data;
}

describe("the encoders of members", () => {
  test("P6.3 write the sender and the data as JSON, whatever is in them", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.jsonValue(), (from, data) => {
        const news: MemberNews = { news: "text", from, json: utf8.encode(JSON.stringify(data)) };
        const expected: unknown = JSON.parse(JSON.stringify({ from, data }));
        expect([frame(plainEncoder, news), frame(eventsEncoder, news)]).toEqual([expected, expected]);
      }),
    );
  });

  test("P6.1 a plain line gets bytes of any length in base64, one with events as they are", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), (data) => {
        const news: MemberNews = { news: "bytes", from: "ann", data };
        const base64 = Buffer.from(data).toString("base64");
        expect(frame(plainEncoder, news)).toEqual({ from: "ann", data: { base64 } });
        expect(frame(eventsEncoder, news)).toEqual(data);
      }),
    );
  });

  test("P6.6 what is replayed has its number and time; a plain line gets nothing of it", () => {
    const news: MemberNews = { news: "text", from: "", json: utf8.encode("1"), seq: 7, at: "2026-01-01T00:00:00.000Z" };
    expect(frame(eventsEncoder, news)).toEqual({ from: "", data: 1, seq: 7, at: "2026-01-01T00:00:00.000Z" });
    expect(frame(plainEncoder, news)).toBeUndefined();
  });

  test("P6.5–P6.11 events have the fields of the table, and plain lines get errors alone", () => {
    const member = { ...CARD, meta: { team: "red" } };
    const told: readonly MemberNews[] = [
      { news: "joined", you: "ann", members: [member, { ...CARD, meta: {} }], history: 2 },
      { news: "join", member },
      { news: "error", code: "refused", message: "No." },
      { news: "created", code: "BCDF", name: undefined },
      { news: "created", code: "BCDF", name: "lobby" },
      { news: "renewed", exp: 5 },
    ];
    expect(told.map((news) => frame(eventsEncoder, news))).toEqual([
      { event: "joined", you: "ann", members: [member, CARD], history: 2 },
      { event: "join", member },
      { error: { code: "refused", message: "No." } },
      { event: "created", code: "BCDF" },
      { event: "created", code: "BCDF", name: "lobby" },
      { event: "renewed", exp: 5 },
    ]);
    expect(told.map((news) => frame(plainEncoder, news)).filter((seen) => seen !== undefined)).toEqual([
      { error: { code: "refused", message: "No." } },
    ]);
  });
});
