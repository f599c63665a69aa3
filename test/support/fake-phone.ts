/** A phone of the SDK whose socket is moved by hand. Fake timers are on. */
import { jest } from "@jest/globals";
import { joinRoom, type JoinRoomOptions } from "../../src/sdk/join-room.ts";
import { createFakeNetwork } from "./fake-socket.ts";

/** A phone that has its seat; what it sent until then is forgotten. */
export async function openFakePhone(options: JoinRoomOptions = {}) {
  const network = createFakeNetwork();
  const me = joinRoom({
    code: "BCDF",
    server: "https://party.example/tv",
    warn: () => undefined,
    WebSocket: network.WebSocket,
    ...options,
  });
  await Promise.resolve(); // the line begins when the page's own code has run
  network.socket.greet();
  network.socket.sent.length = 0;
  return { me, network };
}

/** The listeners of the page are there: from now on what arrives is told at once. */
export function listenersAreThere(): void {
  jest.advanceTimersByTime(0);
}
