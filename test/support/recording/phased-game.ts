/**
 * A host that is deterministic where what it hears is: a round of it ends by a timer of its own, and what comes outside of a round is refused. It asks its
 * phones, is asked by them, and keeps states, so that all that travels between a host and its phones is in a recording of it.
 */
import { createRoom, type HostRoom } from "../../../src/sdk/node.ts";
import { onTestEnd } from "../clean-up.ts";
import { Inbox } from "../inbox.ts";

export interface PhasedGame {
  readonly room: HostRoom;
  /** All that it heard and decided, in order. */
  readonly transcript: readonly string[];
  /** Is told each line of it. */
  readonly told: Inbox<string>;
}

/** What a round's players have to say before it ends. */
const ROUNDS = 3;

/** `breathMs`: how long a round takes to end once all have answered. */
export async function openPhasedGame(server: string, breathMs: number): Promise<PhasedGame> {
  const room = await createRoom({ server, game: "phased", warn() {} });
  onTestEnd(() => room.close());
  const transcript: string[] = [];
  const told = new Inbox<string>("the game");
  const note = (line: string): void => {
    transcript.push(line);
    told.push(line);
  };
  let round = 0;
  let isOpen = false;
  const answers = new Map<number, string>();
  const begin = (): void => {
    round += 1;
    answers.clear();
    isOpen = round <= ROUNDS;
    note(isOpen ? `round ${round}` : "podium");
    room.state.set("scene", isOpen ? `round ${round}` : "podium");
  };
  room.on("join", ({ id }) => note(`${id} joined as ${room.nameOf(id) ?? "?"}`));
  room.on("leave", ({ id }) => note(`${id} left`));
  room.on("away", ({ id }) => note(`${id} away`));
  room.on("back", ({ id }) => note(`${id} back`));
  room.on("text", ({ id }, text) => note(`${id} text ${text}`));
  room.on("binary", ({ id }, bytes) => {
    note(`${id} bytes ${bytes.length} of ${bytes[0] ?? ""}`);
    room.send(id, bytes.slice(0, 4));
  });
  room.on("kick", ({ id }, other) => {
    note(`${id} kicks ${String(other)}`);
    room.kick(Number(other));
  });
  room.on("start", ({ id }) => {
    note(`${id} starts`);
    begin();
  });
  room.on("answer", (player, data) => {
    const { id } = player;
    if (!isOpen || answers.has(id)) {
      note(`${id} too late with ${String(data)}`);
      return "too late";
    }
    note(`${id} answers ${String(data)}`);
    answers.set(id, String(data));
    player.state.set("mine", String(data));
    if (answers.size === room.players.length) {
      isOpen = false;
      setTimeout(begin, breathMs);
    }
    return `${answers.size} of ${room.players.length}`;
  });
  room.on("ask me", async (player) => {
    note(`${player.id} said ${String(await player.ask("colour", round))}`);
    return true;
  });
  return { room, transcript, told };
}
