/** Bots that join a room from outside through the SDK: as phones of a host's room, or as members of an open one. */
import { BotPlayer, type BotSeat } from "../games/bot-player.ts";
import type { Bot } from "../games/bot.ts";
import type { Json } from "../games/game-room.ts";
import { HandlerCalls } from "../games/handler-calls.ts";
import { failure, success, type Result } from "../protocol/result.ts";
import { joinMember, joinRoom } from "../sdk/node.ts";

/** What is known of the room that bots go to. */
export interface RoomToPlay {
  readonly name: string;
  /** Its host is code in the server, not a page. */
  readonly isOpen: boolean;
}

export interface OutsideBotsOptions {
  readonly server: string;
  readonly code: string;
  readonly pin: string | undefined;
  readonly room: RoomToPlay;
  readonly bots: readonly Bot[];
  /** Is told a line for people, of what happens. */
  readonly say: (line: string) => void;
  /** Ends it: all bots leave. */
  readonly signal: AbortSignal;
}

const LOOK_UP_TIMEOUT_MS = 10_000;

/** Asks the server for the room of this code. The failure is a sentence. */
export async function findRoom(server: string, code: string): Promise<Result<RoomToPlay, string>> {
  let response: Response;
  try {
    response = await fetch(`${server}/${code}`, {
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(LOOK_UP_TIMEOUT_MS),
    });
  } catch {
    return failure(`Nothing answers at ${server}.`);
  }
  const answer: unknown = await response.json().catch(() => undefined);
  const read = (name: string): unknown =>
    typeof answer === "object" && answer !== null ? Reflect.get(answer, name) : undefined;
  const name = read("name");
  if (response.status === 404) return failure(`There is no room ${code} at ${server}.`);
  if (response.status === 429) return failure(`${server} was asked for too many wrong codes. Try again in a minute.`);
  if (typeof name !== "string") return failure(`There is no Couchwire server at ${server}.`);
  return success({ name, isOpen: typeof read("kind") === "string" });
}

/** Lets all bots in and plays them until each is out. Tells how many got in. */
export async function playBots(options: OutsideBotsOptions): Promise<{ readonly joined: number }> {
  const { bots, code, room, say, signal } = options;
  const calls = new HandlerCalls({
    kind: room.name,
    room: () => code,
    clock: CLOCK,
    onFault: ({ handler, error }) => say(`${handler}: ${error instanceof Error ? error.message : String(error)}`),
  });
  let joined = 0;
  const seats: BotSeat[] = [];
  // One listener for all: Node warns of many.
  signal.addEventListener("abort", () => seats.forEach((seat) => seat.leave()), { once: true });
  await Promise.all(
    bots.map(
      (bot) =>
        new Promise<void>((resolve) => {
          const line = room.isOpen ? openMember(options, bot) : openPhone(options, bot);
          const player = new BotPlayer(bot, line.seat, { calls, clock: CLOCK, random: Math.random });
          line.connect(player, {
            joined: () => {
              joined += 1;
              say(`${bot.name} is in the room ${code}.`);
            },
            closed: (reason) => {
              if (!signal.aborted) say(`${bot.name} is out: ${reason}`);
              // What it does as it leaves is done in the next turn.
              setTimeout(resolve, 0);
            },
            trouble: (reason) => say(`${bot.name}: ${reason}`),
          });
          if (signal.aborted) line.seat.leave();
          else seats.push(line.seat);
        }),
    ),
  );
  return { joined };
}

const CLOCK = {
  now: () => performance.now(),
  after(delayMs: number, action: () => void): () => void {
    const timer = setTimeout(action, delayMs);
    return () => clearTimeout(timer);
  },
};

/** What the caller hears of one bot. */
interface LineListener {
  readonly joined: () => void;
  readonly closed: (reason: string) => void;
  readonly trouble: (reason: string) => void;
}

/** One bot's connection. */
interface BotLine {
  readonly seat: BotSeat;
  connect(player: BotPlayer, listener: LineListener): void;
}

function openMember({ server, code, pin }: OutsideBotsOptions, { name }: Bot): BotLine {
  const me = joinMember(code, { server, name, keepAwake: false, warn() {}, ...(pin !== undefined && { pin }) });
  return {
    seat: {
      get id() {
        return me.id;
      },
      name,
      send: (data, to) => void me.send(data, to === undefined ? {} : { to }),
      leave: () => me.close(),
    },
    connect(player, { joined, closed, trouble }) {
      me.once("open", () => {
        joined();
        player.join();
      });
      me.on("message", (from, data, past) => {
        if (past === undefined) player.tell(data, from);
      });
      me.on("binary", (bytes) => player.tell(bytes, ""));
      me.on("error", (refused) => player.refuse(refused.code, refused.message));
      me.on("connecting", ({ reason }) => trouble(reason));
      me.on("closed", ({ reason }) => {
        player.end();
        closed(reason);
      });
    },
  };
}

function openPhone({ server, code, pin }: OutsideBotsOptions, { name }: Bot): BotLine {
  const me = joinRoom({ server, code, name, keepAwake: false, warn() {}, ...(pin !== undefined && { pin }) });
  return {
    seat: {
      id: name, // a phone is not told its number
      name,
      send(data, to) {
        if (to !== undefined) throw new TypeError("A phone speaks to its host alone: there is no `to`.");
        me.send(data);
      },
      leave: () => me.close(),
    },
    connect(player, { joined, closed, trouble }) {
      me.once("open", () => {
        joined();
        player.join();
      });
      me.on("text", (text) => player.tell(jsonIn(text), ""));
      me.on("binary", (bytes) => player.tell(bytes, ""));
      me.on("connecting", ({ reason }) => trouble(reason));
      me.on("close", ({ reason }) => {
        player.end();
        closed(reason);
      });
    },
  };
}

/** Objects and lists are parsed; other text stays text, as in the SDK's `json`. */
function jsonIn(text: string): Json {
  if (!/^\s*[{[]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
