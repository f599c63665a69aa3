/** The HTTP app on a port of its own, with games in a temporary folder and rooms as a test wants them. */
import { createServer, request, type IncomingHttpHeaders } from "node:http";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { listen } from "./listen.ts";
import { createHttpApp, type HttpAppOptions } from "../../src/http/app.ts";
import { loadGames } from "../../src/http/games.ts";
import type { FoundRoom } from "../../src/http/room-route.ts";

/** Files by their path, in a folder that the caller removes. */
export function writeFiles(files: Readonly<Record<string, string | Uint8Array>>): {
  readonly folder: string;
  remove(): void;
} {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-"));
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface RunningApp {
  readonly url: string;
  readonly port: number;
  /** A request whose path is sent to the letter; `fetch` would tidy it up. */
  raw(path: string, method?: string, headers?: Readonly<Record<string, string>>): Promise<RawAnswer>;
  close(): Promise<void>;
}

export interface AppParts {
  readonly gamesFolder: string;
  /** By code. What is not said of a room is as in one that has just been opened. */
  readonly rooms?: Readonly<Record<string, Partial<FoundRoom>>>;
  readonly options?: Partial<HttpAppOptions>;
}

/** A room as the look-up finds it; what is not said of it is as in one that has just been opened. */
export function foundRoom(room: Partial<FoundRoom>): FoundRoom {
  return { ...JUST_OPENED, ...room };
}

const JUST_OPENED: FoundRoom = {
  name: "",
  joinUrl: undefined,
  meta: undefined,
  needsPin: false,
  audienceCount: 0,
  spectatorCount: 0,
  state: { players: [], max_players: 8, accept_conns: true },
};

export async function startHttpApp({ gamesFolder, rooms = {}, options }: AppParts): Promise<RunningApp> {
  const games = loadGames(gamesFolder);
  if (!games.ok) throw new Error(games.failure);
  const byCode = new Map(Object.entries(rooms).map(([code, room]) => [code, foundRoom(room)]));
  const server = createServer(
    createHttpApp({
      rooms: { lookUp: (code) => byCode.get(code) ?? "not_found" },
      addressOf: ({ socket }) => socket.remoteAddress ?? "",
      games: games.value,
      publicUrl: () => "http://192.168.1.7:8081",
      version: "1.2.3",
      health: () => ({ rooms: byCode.size, players: 0, connections: 0 }),
      ...options,
    }),
  );
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    raw: (path, method = "GET", headers = {}) => sendRaw(port, path, method, headers),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A request whose path is sent to the letter. */
export function sendRaw(
  port: number,
  path: string,
  method: string,
  headers: Readonly<Record<string, string>>,
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      response.on("error", reject);
    });
    sent.on("error", reject);
    sent.end();
  });
}
