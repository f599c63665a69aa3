/** The kind of room `chess`: seats, watchers and timers around a match. What a move means is in match.js and game.js. */
import { defineRoom } from "couchwire";
import { z } from "zod";
import { createMatch } from "./match.js";

const MAX_CHAT_CHARACTERS = 200;
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
  else room.after("flag", Math.ceil(ms), () => show(room));
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
  return defineRoom({
    kind: "chess",
    maxPlayers: 2,
    overflow: "spectator",
    message: MESSAGE,
    createState: () => ({ match: undefined }),

    onCreate(room) {
      const settings = SETTINGS.safeParse(room.meta ?? {});
      const { timeControl, sides } = settings.success ? settings.data : SETTINGS.parse({});
      const lagOf = (id) => room.member(id)?.rtt ?? 0;
      room.state.match = createMatch({ now, random, today, timeControl, sides, claimAfterMs, lagOf });
    },

    onJoin(room, member, { data }) {
      if (member.role === "spectator") return look(room, member);
      const wish = WISH.safeParse(data ?? {});
      room.state.match.join(member.id, member.name, wish.success ? wish.data.side : undefined);
      show(room);
    },

    onMessage(room, member, message) {
      const { match } = room.state;
      // A page that has come back asks how things stand now: the clocks have run meanwhile.
      if (message.type === "look") return look(room, member);
      if (message.type === "record") return void room.send(member, { type: "record", pgn: match.pgn });
      const refused = match.act(member.id, message);
      if (refused !== undefined) room.send(member, { type: "refused", ...refused });
      else if (message.type === "chat") room.broadcast({ type: "chat", lines: match.chat });
      // A move that came after the time was up has ended the game.
      if (message.type !== "chat" && (refused === undefined || refused.code === "game_over")) show(room);
    },

    onAway(room, member) {
      room.state.match.setAway(member.id, true);
      show(room);
    },

    onBack(room, member) {
      room.state.match.setAway(member.id, false);
      show(room);
    },

    onLeave(room, member) {
      if (member.role !== "member") return;
      room.state.match.leave(member.id);
      show(room);
    },
  });
}
