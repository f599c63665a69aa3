/** `createRoom`: from options to an open room. */
import type { Overflow } from "../protocol/commands.ts";
import { findCause, type ConnectFailure } from "./connect-failure.ts";
import { CouchwireError } from "./couchwire-error.ts";
import type { GameShape } from "./game-types.ts";
import { ANSWERS_LATE, type AcceptPlayerState, type HostRoomPlan } from "./host-room-plan.ts";
import { HostRoom } from "./host-room.ts";
import { invalid, quote } from "./invalid-argument.ts";
import { JoinAddress } from "./join-address.ts";
import { checkOptions, type KnownOptions } from "./known-options.ts";
import {
  checkText,
  CONNECTION_OPTIONS,
  connectionOptions,
  type ReliableConnectionOptions,
} from "./reliable-connection-options.ts";
import { plainJson } from "./payload.ts";
import { isInPlayground, showPlayground } from "./playground.ts";
import { secretSubprotocols } from "./secret-subprotocols.ts";
import { forgetFreshOfPage, gameOfPage, parseServer, parseUrl } from "./server-address.ts";
import { withToken } from "./token-source.ts";
import { HostSessions } from "./host-sessions.ts";
import { environmentOf } from "./environment.ts";

/** How a room is opened. All of it may be left out on a page that the server serves. */
export interface CreateRoomOptions<Game extends GameShape = GameShape> extends ReliableConnectionOptions {
  /** The game's folder on the server, where phones find its pages. @default the NAME of `/games/NAME/…` in the page's path */
  readonly game?: string;
  /** Seats. The server has an upper bound of its own. @default 8 */
  readonly maxPlayers?: number;
  /**
   * Watchers that are let in beside the players, at any time: they have no seat, hear `room.toAudience`, and vote. The server has an upper bound of its
   * own. @default 0: none
   */
  readonly audience?: number;
  /**
   * What becomes of a phone that finds the room full: it is refused, waits in a line for the next seat, or watches, as long as `audience` has room.
   * @default "refuse"
   */
  readonly overflow?: Overflow;
  /** Phones that may wait at one time, with `overflow: "queue"`. @default 50 */
  readonly queue?: number;
  /** The server's address, such as `http://192.168.1.7:8081`; required where there is no page. @default the page's origin */
  readonly server?: string | URL;
  /** The full address of the game's phone page, where it is not the server that serves it; `?room=CODE` is added to it. */
  readonly joinUrl?: string | URL;
  /** What a phone has to show to get a seat: 1 to 32 bytes of text. Those who come back do not need it. */
  readonly pin?: string;
  /** Anything worth knowing about the room that JSON can hold, at most 4 KiB, for programs that look the room up. */
  readonly meta?: unknown;
  /**
   * Asked before keys are set that a phone wrote with `me.state.set`; `null` deletes a key. A sentence refuses all of them: the phone is
   * told, and has its old values again; `""` stands for a sentence of the SDK. It answers at once: with a promise nothing is set.
   * @default what a phone writes is set
   */
  readonly acceptPlayerState?: AcceptPlayerState<Game>;
  /**
   * Of the game: what a page of another version saved is not restored. Raise it when you change what `save` or the state holds. The players
   * keep their seats. @default whatever was saved is restored
   */
  readonly version?: string | number;
  /** Ends the wait for a server that does not answer. Once the room is open it has no effect. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which it rejects where no room came about, with the cause. @default it goes on trying, and tells `onConnecting` */
  readonly timeoutMs?: number;
}

const OPTIONS: KnownOptions<CreateRoomOptions> = {
  ...CONNECTION_OPTIONS,
  game: true,
  maxPlayers: true,
  audience: true,
  overflow: true,
  queue: true,
  server: true,
  joinUrl: true,
  pin: true,
  meta: true,
  acceptPlayerState: true,
  version: true,
  signal: true,
  timeoutMs: true,
};

/** A timer that is set to more, such as `Infinity`, ends at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const CONNECTION_DEFAULTS = { outboxBytes: 8_388_608, maxFrameBytes: 4_194_304 };

/**
 * Opens a room, and resolves once phones can join it. A page that is loaded again gets its room back, with all players in
 * it: see `isRestored` and `restored`; with `?fresh` in its address it opens a new one. `close` ends that: the next load opens a new one. A server that cannot be reached, restarts or has no connection
 * left is tried again and again: `onConnecting` and a warning on the console say why, and `signal` or `timeoutMs` ends it.
 * @throws {CouchwireError} (by rejecting) with the server's code where it refused for good, `unreachable`, `websockets_blocked` or
 * `no_token` after `timeoutMs`, and `invalid_argument` at options that make no sense.
 */
export async function createRoom<Game extends GameShape = GameShape>(
  options: CreateRoomOptions<Game> = {},
): Promise<HostRoom<Game>> {
  checkOptions(options, OPTIONS, "createRoom");
  const { game = gameOfPage(), maxPlayers = 8, signal, timeoutMs } = options;
  checkText("game", options.game);
  checkText("pin", options.pin);
  if (timeoutMs !== undefined && !(typeof timeoutMs === "number" && timeoutMs > 0)) {
    throw invalid(`\`timeoutMs\` has to be more than 0; this is ${quote(timeoutMs)}.`);
  }
  if (signal !== undefined && typeof signal.addEventListener !== "function") {
    throw invalid(`\`signal\` has to be an AbortSignal; this is ${quote(signal)}.`);
  }
  const { acceptPlayerState } = options;
  if (acceptPlayerState !== undefined && typeof acceptPlayerState !== "function") {
    throw invalid(`\`acceptPlayerState\` has to be a function; this is ${quote(acceptPlayerState)}.`);
  }
  if (Object.prototype.toString.call(acceptPlayerState) === "[object AsyncFunction]") throw invalid(ANSWERS_LATE);
  const { version } = options;
  if (version !== undefined && typeof version !== "string" && !Number.isFinite(version)) {
    throw invalid(`\`version\` has to be text or a number; this is ${quote(version)}.`);
  }
  if (!Number.isInteger(maxPlayers) || maxPlayers < 0) {
    throw invalid(`\`maxPlayers\` has to be a whole number such as 8; this is ${quote(maxPlayers)}.`);
  }
  const crowd = crowdOf(options);
  const server = parseServer(options.server);
  const foreignJoinUrl = options.joinUrl === undefined ? undefined : parseJoinUrl(options.joinUrl);
  const connection = connectionOptions(options, CONNECTION_DEFAULTS);
  const meta =
    options.meta === undefined ? undefined : plainJson(options.meta, "`meta` has to be something that JSON can hold.");
  if (signal?.aborted) throw abortReason(signal);
  const { storage = isInPlayground() ? "frame" : undefined } = options;
  const sessions = new HostSessions(storage, server.http);
  if (forgetFreshOfPage()) sessions.claim(game).forget(); // the room of before is not this page's any more
  const session = sessions.claim(game);

  const joinAddress = new JoinAddress(server);
  const asked = foreignJoinUrl === undefined ? joinAddress.ask() : Promise.resolve();

  return await new Promise((resolve, reject) => {
    let lastFailure: ConnectFailure | undefined;
    const stopWaiting = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    };
    const abort = (): void => {
      if (signal) reject(abortReason(signal));
      room.close();
    };
    const giveUp = async (waitedMs: number): Promise<void> => {
      stopWaiting();
      isGivenUp = true;
      room.close();
      const { cause, reason } = lastFailure ?? (isTokenDue ? TOKEN_IS_DUE : await causeOfSilence(server.http));
      const code = cause === "refused" ? (lastFailure?.code ?? cause) : cause;
      reject(new CouchwireError(code, `There is no room after ${waitedMs} ms. ${reason}`));
    };
    const settle = async (): Promise<void> => {
      clearTimeout(timer);
      await asked;
      stopWaiting();
      if (foreignJoinUrl === undefined) joinAddress.watch(() => room.moved());
      resolve(room);
    };
    let isGivenUp = false;
    /** An attempt waits for the program's token. */
    let isTokenDue = false;
    const plan: HostRoomPlan<Game> = {
      ...connection,
      server: server.http,
      target: () => {
        isTokenDue = true;
        return withToken(options.token, (token) => {
          isTokenDue = false;
          return {
            address: `${server.ws}/CREATE`,
            query: { bytes: "string", state: "delta" },
            secrets: secretSubprotocols({ session: session.secret, token }),
          };
        });
      },
      session,
      handOver: (next, notes) => sessions.handOver(session, next, notes),
      pin: options.pin,
      meta,
      ...(acceptPlayerState !== undefined && { acceptPlayerState }),
      version,
      game,
      maxPlayers,
      crowd,
      foreignJoinUrl: foreignJoinUrl?.href,
      joinUrl: (code) => (foreignJoinUrl === undefined ? `${joinAddress.url}/${code}` : withRoom(foreignJoinUrl, code)),
      opened: () => void settle(),
      closed: ({ code, reason }, refusal) => {
        joinAddress.stop();
        stopWaiting();
        if (isGivenUp) return; // the cause is being found out
        reject(new CouchwireError(refusal?.code ?? code, reason || `The connection was closed with code ${code}.`));
      },
    };
    const room = new HostRoom<Game>(plan, environmentOf(options));
    showPlayground(server.http, room);
    room.on("connecting", (failure) => {
      lastFailure = failure;
      options.onConnecting?.(failure);
    });
    const timer =
      timeoutMs === undefined || timeoutMs > MAX_TIMER_MS
        ? undefined
        : setTimeout(() => void giveUp(timeoutMs), timeoutMs);
    signal?.addEventListener("abort", abort);
  });
}

const OVERFLOWS: readonly unknown[] = ["refuse", "queue", "audience"] satisfies readonly Overflow[];

/** @throws {CouchwireError} `invalid_argument` */
function crowdOf({
  audience,
  overflow,
  queue,
}: Pick<CreateRoomOptions, "audience" | "overflow" | "queue">): HostRoomPlan["crowd"] {
  for (const [name, count] of Object.entries({ audience, queue })) {
    if (count !== undefined && (!Number.isInteger(count) || count < 0)) {
      throw invalid(`\`${name}\` has to be a whole number such as 50; this is ${quote(count)}.`);
    }
  }
  if (overflow !== undefined && !OVERFLOWS.includes(overflow)) {
    throw invalid(`\`overflow\` has to be "refuse", "queue" or "audience"; this is ${quote(overflow)}.`);
  }
  return {
    ...(overflow !== undefined && { overflow }),
    ...(audience !== undefined && { audience }),
    ...(queue !== undefined && { queue }),
  };
}

const TOKEN_IS_DUE = { cause: "no_token", reason: "The function `token` has given no token yet." } as const;

/** Why the first attempt has not even failed yet. */
async function causeOfSilence(address: string): ReturnType<typeof findCause> {
  const found = await findCause(address);
  if (found.cause !== "websockets_blocked") return found;
  const reason = `The server answers at ${address}, but no WebSocket is open yet: the network is slow, or a proxy on the way holds it back.`;
  return { ...found, reason };
}

/** The oldest browsers have neither `signal.reason` nor `throwIfAborted`. */
function abortReason(signal: AbortSignal): unknown {
  return signal.reason ?? new DOMException("The page gave the room up before it was open.", "AbortError");
}

function parseJoinUrl(joinUrl: string | URL): URL {
  const text = String(joinUrl);
  const url = /^https?:\/\//i.test(text) ? parseUrl(text) : undefined;
  if (url !== undefined) return url;
  throw invalid(
    `\`joinUrl\` has to be a full address such as "https://example.org/player.html"; this is ${quote(text)}.`,
  );
}

function withRoom(page: URL, code: string): string {
  const url = new URL(page);
  url.searchParams.set("room", code);
  return url.href;
}
