/** The kind of room `chat`: lines with names and avatars, who is typing, and dice that add up in a pot. */
import { defineRoom } from "couchwire";
import { z } from "zod";
import { AVATARS } from "./avatars.js";
import { diceText, parseRoll, roll } from "./dice.js";

const MAX_CHARACTERS = 500;
const KEPT_LINES = 200;

/** What people say. What does not fit is refused by the server, and its sender is told why. */
const MESSAGE = z.discriminatedUnion("type", [
  z.object({ type: z.literal("say"), text: z.string().trim().min(1).max(MAX_CHARACTERS) }),
  z.object({ type: z.literal("typing") }),
  z.object({ type: z.literal("look") }),
]);

/** What a phone may bring as `data`. */
const PROFILE = z.object({ avatar: z.enum(Object.keys(AVATARS)) });

/**
 * The kind of room, for `createServer({}, { rooms: [defineChat()] })`.
 * @param {{ random?: () => number }} [surroundings]
 */
export function defineChat({ random = Math.random } = {}) {
  return defineRoom({
    kind: "chat",
    maxPlayers: 50,
    // What is said to all is kept, and newcomers hear the last of it.
    history: { frames: KEPT_LINES },
    // All that the TV says is "look".
    spectatorsSpeak: true,
    message: MESSAGE,
    createState: () => ({ pot: 0, rolls: {} }),

    onJoin(room, member, { data }) {
      if (member.role === "member") {
        const profile = PROFILE.safeParse(data);
        member.setMeta({ avatar: profile.success ? profile.data.avatar : Object.keys(AVATARS)[0] });
      }
      // The newcomer gets its seat when this is done.
      showTable(room, [...room.members, member]);
    },

    async onMessage(room, member, message) {
      if (message.type === "look") look(room, member);
      else if (member.role === "spectator") room.send(member, { type: "refused", reason: "You are only watching." });
      else if (message.type === "typing")
        room.sendWhere((other) => other !== member, { type: "typing", id: member.id, name: member.name });
      else if (message.text.startsWith("/")) await command(room, member, message.text, random);
      else room.broadcast({ ...lineOf(member), type: "say", text: message.text }, { from: member });
    },

    onAway: (room) => showTable(room),
    onBack: (room) => showTable(room),
    onLeave: (room) => showTable(room),
  });
}

/** A line carries its author's name and picture: it is read when the author may be gone. */
function lineOf({ name, meta }) {
  return { name, avatar: meta.avatar };
}

async function command(room, member, text, random) {
  const dice = parseRoll(text);
  if (typeof dice === "string") {
    room.send(member, { type: "refused", reason: dice });
    return;
  }
  const { faces, total } = roll(dice, random);
  // Updates happen one after another, so no roll is lost however many people roll at once.
  const { pot } = await room.update((state) => {
    const mine = (state.rolls[member.id] ??= { ...lineOf(member), total: 0, count: 0 });
    mine.total += total;
    mine.count += 1;
    state.pot += total;
  });
  room.broadcast({ ...lineOf(member), type: "roll", dice: diceText(dice), faces, total, pot }, { from: member });
  showTable(room);
}

/** Tells all who is here and what the dice have come to. This is no line of the chat, so history does not keep it. */
function showTable(room, members = room.members) {
  room.send(members, tableOf(room, members));
}

function tableOf({ state }, members) {
  const people = members
    .filter(({ role }) => role === "member")
    .map(({ id, name, meta, isAway }) => ({ id, name, avatar: meta.avatar, isAway }));
  const rolls = Object.values(state.rolls).sort((one, other) => other.total - one.total);
  return { type: "table", people, pot: state.pot, rolls };
}

/** A page that begins, or was reloaded and has lost what it showed, gets the whole past. */
function look(room, member) {
  room.send(member, { type: "past", lines: room.history() });
  room.send(member, tableOf(room, room.members));
}
