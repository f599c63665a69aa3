/** The kind of room `chess`: seats, watchers and timers around a match. What a move means is in match.js and game.js. */
import { defineRoom } from "couchwire";
import { z } from "zod";
import { createMatch } from "./match.js";

const MAX_CHAT_CHARACTERS = 200;
const DESERTED_AFTER_MS = 600_000;
const TEN_MINUTES_AND_FIVE_SECONDS = { baseMs: 600_000, incrementMs: 5_000 };
const SQUARE = z.string().regex(/^[a-h][1-8]$/);

/** What players say. What does not fit is refused by the server, and its sender is told why. */
const MESSAGE = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("move"),
    from: SQUARE,
    to: SQUARE,
    promotion: z.enum(["q", "r", "b", "n"]).optional(),
    offersDraw: z.boolean().optional(),
  }),
  z.object({
    type: z.enum([
      "resign",
      "offer-draw",
      "accept-draw",
      "decline-draw",
      "claim-draw",
      "claim-win",
      "offer-undo",
      "accept-undo",
      "decline-undo",
      "rematch",
      "look",
      "record",
    ]),
  }),
  z.object({ type: z.literal("chat"), text: z.string().trim().min(1).max(MAX_CHAT_CHARACTERS) }),
]);

/** What the TV page says when it opens the room: `/CREATE?kind=chess&data=…`. */
const SETTINGS = z.object({
  timeControl: z
    .object({
      baseMs: z.number().int().min(1_000).max(10_800_000),
      incrementMs: z.number().int().min(0).max(180_000),
    })
    .nullable()
    .default(TEN_MINUTES_AND_FIVE_SECONDS),
  sides: z.enum(["first", "draw"]).default("first"),
});

/** What a player may bring as `data`: the side that it would like to play. */
const WISH = z.object({ side: z.enum(["white", "black"]).optional() });

/** Tells all how the game stands, and looks again when a clock runs out. */
function show(room) {
  const { match } = room.state;
  room.broadcast(match.view());
  const ms = match.msUntilFlag();
  if (ms === undefined) room.cancel("flag");
  else room.after("flag", Math.ceil(ms), () => showAndGuard(room));
}

/**
 * While a game runs the room is locked: an away player's seat is kept for as long as the game takes, and newcomers watch. A game that both have left alone does
 * not hold the room for ever: it is opened, and then the seats are free after the server's usual time.
 */
function guard(room) {
  const { isPlaying, isDeserted } = room.state.match;
  if (isDeserted) room.after("deserted", DESERTED_AFTER_MS, () => room.open());
  else room.cancel("deserted");
  if (isPlaying === room.isLocked) return;
  if (isPlaying) room.lock();
  else room.open();
}

function showAndGuard(room) {
  show(room);
  guard(room);
}

function look(room, member) {
  const { match } = room.state;
  room.send(member, match.view());
  room.send(member, { type: "chat", lines: match.chat });
}

/**
 * The kind of room, for `createServer({}, { rooms: [defineChess()] })`.
 * @param {{ now?: () => number, random?: () => number, today?: () => Date, claimAfterMs?: number }} [surroundings]
 */
export function defineChess({
  now = () => performance.now(),
  random = Math.random,
  today = () => new Date(),
  claimAfterMs = 60_000,
} = {}) {
  function matchFor(room, wanted) {
    const settings = SETTINGS.safeParse(wanted ?? {});
    const { timeControl, sides } = settings.success ? settings.data : SETTINGS.parse({});
    const lagOf = (id) => room.member(id)?.rtt ?? 0;
    return createMatch({ now, random, today, timeControl, sides, claimAfterMs, lagOf });
  }

  return defineRoom({
    kind: "chess",
    maxPlayers: 2,
    overflow: "spectator",
    // All that watchers may say is "look"; the match refuses the rest.
    spectatorsSpeak: true,
    message: MESSAGE,
    createState: () => ({ match: undefined, isFresh: true }),

    onCreate(room) {
      room.state.match = matchFor(room, room.meta);
    },

    onJoin(room, member, { data }) {
      const { state } = room;
      // The TV's page that has opened the room is the first in it, and says what is played.
      if (state.isFresh && member.role === "spectator" && data !== undefined) state.match = matchFor(room, data);
      state.isFresh = false;
      if (member.role === "spectator") return;
      const wish = WISH.safeParse(data ?? {});
      state.match.join(member.id, member.name, wish.success ? wish.data.side : undefined);
      show(room);
    },

    onFull: guard,

    onMessage(room, member, message) {
      const { match } = room.state;
      // A page that has come back asks how things stand now: the clocks have run meanwhile, and one that was reloaded has nothing.
      if (message.type === "look") return look(room, member);
      if (message.type === "record") return void room.send(member, { type: "record", pgn: match.pgn });
      const refused = match.act(member.id, message);
      if (refused !== undefined) room.send(member, { type: "refused", ...refused });
      else if (message.type === "chat") room.broadcast({ type: "chat", lines: match.chat });
      // A move that came after the time was up has ended the game.
      if (message.type !== "chat" && (refused === undefined || refused.code === "game_over")) showAndGuard(room);
    },

    onAway(room, member) {
      room.state.match.setAway(member.id, true);
      showAndGuard(room);
    },

    onBack(room, member) {
      room.state.match.setAway(member.id, false);
      showAndGuard(room);
    },

    onLeave(room, member) {
      if (member.role !== "member") return;
      room.state.match.leave(member.id);
      showAndGuard(room);
    },
  });
}
