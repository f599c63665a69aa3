/** Reads the machine's networks from the operating system. */
import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";
import { networkInterfaces, release } from "node:os";
import type { NetworkEvidence } from "./lan-addresses.ts";

/** An address for documentation (RFC 5737), so only the default route leads to it. Connecting a UDP socket sends no packet. */
const REMOTE = { address: "198.51.100.1", port: 9 };

/** Docker and Podman create one of these files in each container. */
const CONTAINER_FILES = ["/.dockerenv", "/run/.containerenv"];

/** Reads the interfaces at each call. Finding the default route is asynchronous, so `observe` returns the last one known. */
export class NetworkObserver {
  readonly #habitat = habitat();
  #defaultRoute: string | undefined;
  #probe: Promise<void> | undefined;

  observe(): NetworkEvidence {
    return { interfaces: networkInterfaces(), defaultRoute: this.#defaultRoute, habitat: this.#habitat };
  }

  /** Updates the default route. Never rejects. */
  refresh(): Promise<void> {
    this.#probe ??= this.#ask();
    return this.#probe;
  }

  async #ask(): Promise<void> {
    this.#defaultRoute = await defaultRouteAddress();
    this.#probe = undefined;
  }
}

function defaultRouteAddress(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4").unref();
    const settle = (address?: string): void => {
      socket.close();
      resolve(address);
    };
    socket.once("error", () => settle()); // There is no route: the machine is offline.
    socket.once("connect", () => settle(socket.address().address));
    socket.connect(REMOTE.port, REMOTE.address);
  });
}

function habitat(): NetworkEvidence["habitat"] {
  if (CONTAINER_FILES.some((file) => existsSync(file))) return "container";
  return /microsoft/i.test(release()) ? "wsl" : "machine";
}
