/**
 * Keeps a second server from a file. The lock is a socket that listens beside the file: the system ends it with the process, however that ends, so a lock that
 * is left over is one at which nothing listens.
 */
import { createHash, randomUUID } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Systems take no longer paths for sockets. */
const MAX_PATH_BYTES = 100;
/** Left-over locks that are removed before the last one counts as taken: others may be starting just now. */
const MAX_TRIES = 5;

export class FileLock {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** The lock of this file; `undefined` where another server has it. Rejects with Node's error where there can be no socket. */
  static async take(file: string): Promise<FileLock | undefined> {
    const path = lockPathOf(file);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const server = await listenAt(path);
      if (server !== undefined) return new FileLock(server);
      if (await isListening(path)) return undefined;
      if (!(await removeLeftOver(path))) return undefined;
    }
    return undefined;
  }

  /** Safe twice. */
  async release(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function lockPathOf(file: string): string {
  const name = createHash("sha256").update(file).digest("hex").slice(0, 32);
  if (process.platform === "win32") return `\\\\.\\pipe\\couchwire-${name}`;
  const path = `${file}.lock`;
  return Buffer.byteLength(path) <= MAX_PATH_BYTES ? path : join(tmpdir(), `couchwire-${name}.lock`);
}

/** `undefined` where there is a socket at this path already. */
async function listenAt(path: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  return await new Promise((resolve, reject) => {
    server.once("error", (error) => {
      if ("code" in error && error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

async function isListening(path: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/** `false` where another server has taken the path meanwhile. It is moved first, so that what is removed is what was looked at. */
async function removeLeftOver(path: string): Promise<boolean> {
  const moved = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    await rename(path, moved);
  } catch {
    return true; // another server has removed it
  }
  if (await isListening(moved)) {
    await rename(moved, path);
    return false;
  }
  await rm(moved, { force: true });
  return true;
}
