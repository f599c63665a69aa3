/** The kind of room that plays Big Two. The server deals and judges; phones have seats, TVs and other watchers have none. */
import { defineRoom } from "couchwire";
import { z } from "zod";
import { MAX_PLAYERS } from "./game.js";
import { readOptions } from "./options.js";
import { createTable } from "./table.js";

/**
 * What a phone or the TV may say. Which cards are legal is for the rules to say, in words for players.
 * @typedef {z.infer<typeof MESSAGE>} TableMessage
 */
const MESSAGE = z.discriminatedUnion("type", [
  z.object({ type: z.literal("play"), cards: z.unknown(), move: z.number().optional() }),
  z.object({ type: z.literal("pass"), move: z.number().optional() }),
  z.object({ type: z.literal("look") }),
  z.object({ type: z.literal("bot") }),
  z.object({ type: z.literal("unbot"), id: z.string() }),
  z.object({ type: z.literal("start") }),
  z.object({ type: z.literal("next") }),
  z.object({ type: z.literal("lobby") }),
]);

export const bigTwo = defineRoom({
  kind: "big-two",
  maxPlayers: MAX_PLAYERS,
  overflow: "refuse", // a fifth is told that the table is full, and may come back to watch
  spectatorsSpeak: true, // the TV is one
  message: MESSAGE,
  createState: () => ({ table: undefined }),

  onCreate(room) {
    const { options, reason } = readOptions(room.meta);
    if (options === undefined) throw new TypeError(reason);
    room.state.table = createTable(room);
    room.state.table.setOptions(options);
  },

  onJoin(room, member, { data }) {
    const { table } = room.state;
    const wanted = data && data.table;
    if (wanted !== undefined && table.isFresh) {
      const { options, reason } = readOptions(wanted);
      if (options === undefined) return reason;
      table.setOptions(options);
    }
    return table.join(member);
  },

  onMessage: (room, member, message) => room.state.table.hear(member, message),
  onAway: (room, member) => room.state.table.away(member),
  onBack: (room, member) => room.state.table.back(member),
  onLeave: (room, member) => room.state.table.left(member),
});
