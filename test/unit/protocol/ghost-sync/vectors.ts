/** The bytes of ghost-sync's own frames, prefix included, as its clients and its server send them. */
import type { ClientMessage, ServerMessage } from "../../../../src/protocol/ghost-sync/messages.ts";

const ID = "a0010203-0405-0607-0809-0a0b0c0d0e0f";
const HI = new Uint8Array([0x68, 0x69]);

export const CLIENT_VECTORS: readonly (readonly [string, ClientMessage])[] = [
  ["00000011 00000000 0500000000000000 6c6f626279", { say: "join_room", room: "lobby" }],
  ["00000004 01000000", { say: "leave_room" }],
  ["00000004 02000000", { say: "ping" }],
  ["00000004 03000000", { say: "pong" }],
  ["0000000e 04000000 0200000000000000 6869", { say: "broadcast", data: HI }],
];

export const SERVER_VECTORS: readonly (readonly [string, ServerMessage])[] = [
  [
    "00000021 00000000 a00102030405060708090a0b0c0d0e0f 0500000000000000 6c6f626279",
    { say: "joined", client: ID, room: "lobby" },
  ],
  ["00000014 01000000 a00102030405060708090a0b0c0d0e0f", { say: "player_joined", client: ID }],
  ["00000014 02000000 a00102030405060708090a0b0c0d0e0f", { say: "player_left", client: ID }],
  ["00000004 03000000", { say: "ping" }],
  ["00000004 04000000", { say: "pong" }],
  [
    "0000001d 05000000 1100000000000000 726f6f6d206e6f7420666f756e643a2078",
    { say: "error", text: "room not found: x" },
  ],
  [
    "0000001e 06000000 a00102030405060708090a0b0c0d0e0f 0200000000000000 6869",
    { say: "broadcast", sender: ID, data: HI },
  ],
];
