import { describe, expect, test } from "@jest/globals";
import {
  decodeClientMessage,
  decodeServerMessage,
  encodeClientMessage,
  encodeServerMessage,
  PREFIX_BYTES,
  type ClientMessage,
  type ServerMessage,
} from "../../../../src/protocol/ghost-sync/messages.ts";
import { isUuid, uuidBytes, uuidText } from "../../../../src/protocol/ghost-sync/uuid-bytes.ts";
import { fromHex } from "../../../support/hex.ts";
import * as fc from "../../../support/property-testing.ts";
import { CLIENT_VECTORS, SERVER_VECTORS } from "./vectors.ts";

const payloadOf = (digits: string): Uint8Array => new Uint8Array(fromHex(digits)).subarray(PREFIX_BYTES);

describe("P7.1 the bytes of ghost-sync, row 63", () => {
  test.each(CLIENT_VECTORS)("P7.1 a client's %s", (digits, message) => {
    expect(Buffer.from(encodeClientMessage(message)).toString("hex")).toBe(digits.replaceAll(" ", ""));
    expect(decodeClientMessage(payloadOf(digits))).toEqual({ ok: true, value: message });
  });

  test.each(SERVER_VECTORS)("P7.1 a server's %s", (digits, message) => {
    expect(Buffer.from(encodeServerMessage(message)).toString("hex")).toBe(digits.replaceAll(" ", ""));
    expect(decodeServerMessage(payloadOf(digits))).toEqual({ ok: true, value: message });
  });

  test.each([...CLIENT_VECTORS])("P7.1 bytes behind a client's whole message are ignored: %s", (digits, message) => {
    expect(decodeClientMessage(payloadOf(`${digits} 00ff07`))).toEqual({ ok: true, value: message });
  });

  test.each([...SERVER_VECTORS])("P7.1 bytes behind a server's whole message are ignored: %s", (digits, message) => {
    expect(decodeServerMessage(payloadOf(`${digits} 00ff07`))).toEqual({ ok: true, value: message });
  });

  test.each([
    ["", "the frame is empty"],
    ["000000", "the frame ends in the middle of a field"],
    ["05000000", "unknown variant 5 (known are 0 to 4)"],
    ["ffffffff", "unknown variant 4294967295 (known are 0 to 4)"],
    ["00000000", "the frame ends in the middle of a field"],
    ["00000000 0500000000000000 6c6f6262", "a length of 5 bytes reaches beyond the frame"],
    ["00000000 0000000001000000", "a length of 4294967296 bytes reaches beyond the frame"],
    ["04000000 ffffffffffffffff 68", "a length of 18446744073709552000 bytes reaches beyond the frame"],
    ["00000000 0200000000000000 c328", "the text is not UTF-8"],
    ["00000000 0300000000000000 eda080", "the text is not UTF-8"],
  ])("P7.7 a client's payload that is no frame: %s", (digits, failure) => {
    expect(decodeClientMessage(fromHex(digits))).toEqual({ ok: false, failure });
  });

  test.each([
    ["", "the frame is empty"],
    ["07000000", "unknown variant 7 (known are 0 to 6)"],
    ["01000000 a00102030405060708090a0b0c0d0e", "the frame ends in the middle of a field"],
    ["05000000 0200000000000000 c328", "the text is not UTF-8"],
    ["06000000 a00102030405060708090a0b0c0d0e0f 0300000000000000 6869", "a length of 3 bytes reaches beyond the frame"],
  ])("P7.7 a server's payload that is no frame: %s", (digits, failure) => {
    expect(decodeServerMessage(fromHex(digits))).toEqual({ ok: false, failure });
  });

  test("P7.1 a byte order mark is part of a room's name", () => {
    const message = { say: "join_room", room: "\uFEFFlobby" } as const;
    expect(decodeClientMessage(encodeClientMessage(message).subarray(PREFIX_BYTES))).toEqual({
      ok: true,
      value: message,
    });
  });
});

const room = fc.string({ unit: "grapheme", maxLength: 200 });
const data = fc.uint8Array({ maxLength: 500 });
const client = fc.uuid();

const clientMessages: fc.Arbitrary<ClientMessage> = fc.oneof(
  fc.record({ say: fc.constant("join_room" as const), room }),
  fc.constantFrom({ say: "leave_room" } as const, { say: "ping" } as const, { say: "pong" } as const),
  fc.record({ say: fc.constant("broadcast" as const), data }),
);
const serverMessages: fc.Arbitrary<ServerMessage> = fc.oneof(
  fc.record({ say: fc.constant("joined" as const), client, room }),
  fc.record({ say: fc.constantFrom("player_joined" as const, "player_left" as const), client }),
  fc.constantFrom({ say: "ping" } as const, { say: "pong" } as const),
  fc.record({ say: fc.constant("error" as const), text: room }),
  fc.record({ say: fc.constant("broadcast" as const), sender: client, data }),
);

describe("P7.1 what is written is read", () => {
  test("P7.1 of clients", () => {
    fc.assert(
      fc.property(clientMessages, (message) => {
        const frame = encodeClientMessage(message);
        expect(new DataView(frame.buffer).getUint32(0)).toBe(frame.length - PREFIX_BYTES);
        expect(decodeClientMessage(frame.subarray(PREFIX_BYTES))).toEqual({ ok: true, value: message });
      }),
    );
  });

  test("P7.1 of the server", () => {
    fc.assert(
      fc.property(serverMessages, (message) => {
        const frame = encodeServerMessage(message);
        expect(decodeServerMessage(frame.subarray(PREFIX_BYTES))).toEqual({ ok: true, value: message });
      }),
    );
  });

  test("P7.7 whatever bytes come, the answer is a message or a sentence", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        for (const read of [decodeClientMessage(bytes), decodeServerMessage(bytes)]) {
          expect(read.ok || read.failure.length > 0).toBe(true);
        }
      }),
    );
  });

  test("P7.3 a UUID is the same as text and as bytes", () => {
    fc.assert(
      fc.property(client, (uuid) => {
        expect(isUuid(uuid)).toBe(true);
        expect(uuidText(uuidBytes(uuid.toUpperCase()))).toBe(uuid);
      }),
    );
    expect(isUuid("bob")).toBe(false);
    expect(isUuid("a0010203-0405-0607-0809-0a0b0c0d0e0f0")).toBe(false);
  });
});
