import { describe, expect, test } from "@jest/globals";
import * as fc from "../../support/property-testing.ts";
import { MAX_CLOSE_REASON_BYTES } from "../../../src/protocol/close-codes.ts";
import { parseHostQuery, parsePlayerQuery } from "../../../src/protocol/peer-query.ts";
import { readSubprotocols } from "../../../src/protocol/subprotocols.ts";

const SESSION = "abcdefghijklmnop";
const OTHER_SESSION = "ponmlkjihgfedcba";
const JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.dGhpcyBpcyBub3QgYSBzaWduYXR1cmU";

function base64Url(text: string): string {
  return Buffer.from(text).toString("base64url");
}

/** What a phone that offers this, and has this in its address, has said; or why it was not understood. */
function player(header: string, query = "") {
  const asked = parsePlayerQuery(new URLSearchParams(query), readSubprotocols(header));
  return asked.ok ? asked.value : asked.failure;
}

describe("the subprotocols that a client offers", () => {
  test.each([
    [undefined, undefined],
    ["", undefined],
    ["couchwire.v1", "couchwire.v1"],
    ["couchwire", "couchwire"],
    ["couchwire, couchwire.v1", "couchwire.v1"],
    [`couchwire.session.${SESSION}, chat,couchwire`, "couchwire"],
    [`couchwire.v1,couchwire.token.${JWT}`, "couchwire.v1"],
    [`couchwire.session.${SESSION}`, undefined],
    ["couchwire.v10, Couchwire, couchwire.", undefined],
  ])("P5.9.9 %j: %j is selected", (header, selected) => {
    expect(readSubprotocols(header).selected).toBe(selected);
  });

  test("P5.9.9 secrets among them are as good as in the query, in any order", () => {
    const offered = [`couchwire.pin.${base64Url("1234")}`, "couchwire", `couchwire.session.${SESSION}`];
    const expected = { pin: "1234", session: SESSION, rescue: "r3scue", name: "Anna" };
    for (const order of [offered, offered.toReversed()])
      expect(
        player([...order, "couchwire.rescue.r3scue", `couchwire.token.${JWT}`].join(", "), "name=Anna"),
      ).toMatchObject(expected);
    expect(player("couchwire", `pin=1234&session=${SESSION}&rescue=r3scue&name=Anna`)).toMatchObject(expected);
    const host = parseHostQuery(new URLSearchParams(), "array", readSubprotocols(`couchwire.session.${SESSION}`));
    expect(host).toMatchObject({ ok: true, value: { session: SESSION } });
  });

  test("P5.9.9 a PIN is any text, in base64url of its UTF-8", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (pin) => {
        expect(player(`couchwire.pin.${base64Url(pin)}`)).toMatchObject({ pin });
      }),
    );
  });

  test.each([
    ["couchwire.pin.A", "", '"couchwire.pin" has to be UTF-8 in base64url.'],
    ["couchwire.pin.MTIz$A", "", '"couchwire.pin" has to be UTF-8 in base64url.'],
    ["couchwire.pin.MTIzNA==", "", '"couchwire.pin" has to be UTF-8 in base64url.'],
    ["couchwire.pin._w", "", '"couchwire.pin" has to be UTF-8 in base64url.'],
    ["couchwire.pin.", "", '"couchwire.pin." needs something behind the dot.'],
    ["couchwire.session.short", "", '"session" has to be 16 to 128 of A-Z a-z 0-9 _ -.'],
    [`couchwire.session.${SESSION}.x`, "", '"session" has to be 16 to 128 of A-Z a-z 0-9 _ -.'],
    [
      `couchwire.session.${SESSION}, couchwire.session.${OTHER_SESSION}`,
      "",
      '"couchwire.session" is offered twice, and differs.',
    ],
    [
      `couchwire.session.${SESSION}`,
      `session=${OTHER_SESSION}`,
      '"session" in the address and "couchwire.session" in the subprotocols differ.',
    ],
    ["couchwire.rescue.r1", "rescue=r2", '"rescue" in the address and "couchwire.rescue" in the subprotocols differ.'],
    [
      `couchwire.pin.${base64Url("1234")}`,
      "pin=1235",
      '"pin" in the address and "couchwire.pin" in the subprotocols differ.',
    ],
  ])("P5.9.9 %j beside %j is refused in a sentence without the secret", (header, query, sentence) => {
    expect(player(header, query)).toBe(sentence);
    expect(sentence.length).toBeLessThanOrEqual(MAX_CLOSE_REASON_BYTES);
  });

  test("P5.9.9 the same secret in both places, or twice, is one secret", () => {
    const twice = `couchwire.session.${SESSION}, couchwire.session.${SESSION}`;
    expect(player(twice, `session=${SESSION}`)).toMatchObject({ session: SESSION });
  });

  test("any text that is offered is read without an exception, and a problem with it fits into a Close", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { problem = "" } = readSubprotocols(`couchwire.pin.${text}`);
        expect(Buffer.byteLength(problem)).toBeLessThanOrEqual(123);
      }),
    );
  });
});
