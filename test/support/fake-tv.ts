/** A room of the SDK on a page, whose socket is moved by hand: the server's own codec stands at its other end. Fake timers are on. */
import { jest } from "@jest/globals";
import { decodeHostFrame } from "../../src/protocol/decode-host-frame.ts";
import type { RoomEvent } from "../../src/protocol/events.ts";
import type { Hello } from "../../src/protocol/reliable/control-frames.ts";
import { createHostEncoder } from "../../src/session/host-encoder.ts";
import { createRoom, type CreateRoomOptions } from "../../src/sdk/create-room.ts";
import type { HostRoom } from "../../src/sdk/host-room.ts";
import { createFakeNetwork, type FakeNetwork, type FakeSocket } from "./fake-socket.ts";
import { withPlayerIds } from "./player-ids.ts";

export const encoder = createHostEncoder("cbor", "string");

export function tell(socket: FakeSocket, ...events: RoomEvent[]): void {
  for (const event of events) socket.deliver(encoder.event(event));
}

export function state(players: readonly number[], accept_conns = true): RoomEvent {
  return { cmd: "state", name: "duck", players, max_players: 8, accept_conns };
}

export function commands(socket: FakeSocket): unknown[] {
  return socket.sent.flatMap((frame) => {
    if (typeof frame === "string") return []; // a control frame: hosts send CBOR
    const decoded = decodeHostFrame(frame, false);
    return decoded.ok ? decoded.value : decoded.failure;
  });
}

/** A server that knows nothing of this host yet. */
export function prepareReply(socket: FakeSocket, key: string, epoch = "first"): void {
  socket.greet({ epoch });
  tell(socket, { cmd: "state", name: "", players: [], max_players: 0, accept_conns: false });
  tell(socket, state([]), { cmd: "prepare_reply", key });
}

export const OPTIONS: CreateRoomOptions = {
  server: "http://tv:8081",
  game: "duck",
  joinUrl: "https://duck.example/play",
  warn: () => undefined,
};

export async function openRoom(options: CreateRoomOptions = {}) {
  const network = createFakeNetwork();
  const creating = createRoom({ ...OPTIONS, WebSocket: network.WebSocket, ...options });
  await Promise.resolve(); // the line begins when the page's own code has run
  prepareReply(network.socket, "BCDF");
  const room = await creating;
  network.socket.sent.length = 0;
  const heard = listen(room);
  jest.advanceTimersByTime(0); // what happens is told from the turn after the first listener on
  return { room, network, heard };
}

/** Frames that count, of the first life, until the room is open: two states and the reply. */
export const FRAMES_TO_OPEN = 3;

/** The line is lost, and the server has the room still. */
export function comeBack(network: FakeNetwork, counts: Partial<Hello> = {}, ...events: RoomEvent[]): void {
  network.socket.end(1006);
  jest.runOnlyPendingTimers();
  network.socket.greet(
    { epoch: "first", received: 1, next: FRAMES_TO_OPEN + 1, ...counts },
    ...events.map((event) => encoder.event(event)),
  );
}

const EVENTS = [
  ...(["join", "leave", "away", "back", "text", "json", "binary", "error"] as const),
  ...(["gap", "reconnected", "reopened", "close"] as const),
];

export function listen(room: HostRoom): unknown[][] {
  const heard: unknown[][] = [];
  for (const event of EVENTS) {
    room.on(event, (...values: unknown[]) => void heard.push([event, ...withPlayerIds(values)]));
  }
  return heard;
}
