/**
 * A game with types of its own, as its author writes it, in TypeScript and in plain JavaScript: `sdk` is where it has the SDK from. Every
 * line has to compile, and every `@ts-expect-error` has to be one.
 */
const GAME = `
export interface Game {
  events: {
    answer: number;
    buzz: void;
    place: { x: number; y: number } | null;
    question: (data: { n: number }) => string;
    ready: () => boolean;
    word: string;
    fire: { down: boolean };
    turn: "left" | "right";
    ink: { id: number; points: number[]; color: string; width: number };
  };
  state: { round: number; phase: "lobby" | "play" };
  playerState: { score: number };
}
`;

const tv = (sdk: string): string => `
import { createRoom, type EventData, type HostRoom, type Player } from "${sdk}";
import type { Game } from "./game.ts";

export async function tv(): Promise<HostRoom<Game>> {
  const room = await createRoom<Game>({ game: "duck" });
  const scores = new Map<Player<Game>, number>();
  room.on("answer", (player, choice) => void scores.set(player, choice));
  room.on("answer", (player: Player<Game>, choice: number) => [player, choice]);
  room.on("buzz", (player) => player.emit("answer", 1));
  room.on("place", (player, at) => room.emit("place", at && { x: at.x, y: at.y }, { volatile: true, except: player }));
  room.once("question", (_player, { n }) => n.toFixed());
  room.on("question", async (player, { n }) => \`\${player.name} \${n.toFixed()}\`);
  room.on("ready", () => undefined);
  room.on("ready", () => true);
  room.on("join", (player) => player.name.length);
  room.on("json", (player, value: unknown) => [player.id, value]);
  room.emit("buzz");
  room.emit("buzz", undefined, { retain: "buzz" });
  room.emit("answer", 3);
  for (const player of room.players) {
    const text: string = await player.ask("question", { n: 1 }, { timeoutMs: 5 });
    const isReady: boolean = await player.ask("ready");
    player.emit("place", null, { ttl: 5 });
    room.send([player, 3], text + String(isReady));
  }
  const data: EventData<Game, "answer"> = 3;
  room.emit("answer", data);

  room.state.set({ round: 1, phase: "play" });
  const round: number | undefined = room.state.get("round");
  room.on("profile", (player) => [player.color, player.meta["avatar"], player.state.set("score", round ?? 0)]);
  room.player(1)?.setProfile({ name: "Ada", avatar: 3 });
  const anyRoom: HostRoom = room; // for what takes rooms of all games

  // @ts-expect-error There is no such key.
  room.state.set("rund", 1);
  // @ts-expect-error It is a number.
  anyPlayer(room.players[0])?.state.set("score", "1");
  // @ts-expect-error There is no such event.
  room.on("anser", () => 1);
  // @ts-expect-error There is no such event.
  room.emit("anser", 1);
  // @ts-expect-error It carries a number.
  room.emit("answer", "three");
  // @ts-expect-error It carries something.
  room.emit("answer");
  // @ts-expect-error It carries nothing.
  room.emit("buzz", 1);
  // @ts-expect-error It is a number.
  room.on("answer", (_player, choice: string) => choice);
  // @ts-expect-error A request is asked.
  room.emit("question", { n: 1 });
  // @ts-expect-error It is no request.
  await room.players[0]?.ask("answer", 1);
  // @ts-expect-error The answer is a text.
  const wrong: number = await room.players[0].ask("question", { n: 1 });
  // @ts-expect-error The answer has to be a text.
  room.on("question", () => 7);
  // @ts-expect-error The answer has to be a truth value, also later.
  room.on("ready", async () => "yes");
  // @ts-expect-error The SDK's own events are told by the SDK alone.
  room.emit("join", 1);
  // @ts-expect-error \`except\` is for all players.
  room.players[0]?.emit("buzz", undefined, { except: 1 });
  void [wrong, anyRoom];
  return room;
}

const anyPlayer = (player: Player<Game> | undefined) => player;

/** Nothing is said of the events. */
export async function untyped(): Promise<HostRoom> {
  const room = await createRoom();
  room.on("anything", (player, data: unknown) => [player.id, data]);
  room.emit("anything", [1]);
  const answer: unknown = await room.players[0]?.ask("anything");
  void answer;
  const stateOnly = await createRoom<{ state: { round: number } }>();
  stateOnly.emit("anything", 1);
  return room;
}
`;

const phone = (sdk: string): string => `
import { joinRoom, type PlayerRoom } from "${sdk}";
import type { Game } from "./game.ts";

export async function phone(): Promise<PlayerRoom<Game>> {
  const me = joinRoom<Game>();
  me.on("answer", (choice) => choice.toFixed());
  me.on("question", ({ n }) => n.toFixed());
  me.on("ready", async () => true);
  me.on("open", ({ isReconnect }) => me.emit(isReconnect ? "buzz" : "buzz"));
  me.emit("answer", 3, { ttl: 5 });
  me.emit("place", { x: 1, y: 2 }, { volatile: true });
  const text: string = await me.ask("question", { n: 1 });
  const isReady: boolean = await me.ask("ready", undefined, { timeoutMs: 5 });
  const score: number | undefined = me.state.get("score");
  const phase: "lobby" | "play" | undefined = me.room.state.get("phase");
  const anyPhone: PlayerRoom = me;
  me.setProfile({ name: "Ada", avatar: 3 });

  // @ts-expect-error There is no such event.
  me.on("anser", () => 1);
  // @ts-expect-error It carries a number.
  me.emit("answer", text);
  // @ts-expect-error It carries two numbers.
  me.emit("place", { x: 1 });
  // @ts-expect-error The request carries a number.
  await me.ask("question", { n: "one" });
  // @ts-expect-error The request carries something.
  await me.ask("question");
  // @ts-expect-error It is no request.
  await me.ask("buzz");
  // @ts-expect-error The answer has to be a text.
  me.on("question", ({ n }) => n);
  void [isReady, score, phase, anyPhone];
  return me;
}
`;

const plain = (sdk: string): string => `
import { createRoom, joinRoom } from "${sdk}";

/** @typedef {import("./game.ts").Game} Game */

export async function tv() {
  /** @type {import("${sdk}").HostRoom<Game>} */
  const room = await createRoom({ maxPlayers: 4 });
  room.on("answer", (player, choice) => player.emit("answer", choice.toFixed().length));
  room.on("question", (player, { n }) => player.name + n.toFixed());
  room.emit("place", { x: 1, y: 2 });
  // @ts-expect-error There is no such event.
  room.on("anser", () => 1);
  // @ts-expect-error It carries a number.
  room.emit("answer", "three");
  // @ts-expect-error The answer has to be a text.
  room.on("question", () => 7);
}

export async function phone() {
  /** @type {import("${sdk}").PlayerRoom<Game>} */
  const me = joinRoom();
  me.on("place", (at) => at?.x.toFixed());
  me.emit("answer", 3);
  /** @type {string} */
  const text = await me.ask("question", { n: 1 });
  // @ts-expect-error It carries a number.
  me.emit("answer", text);
  // @ts-expect-error It is no request.
  await me.ask("buzz");
}
`;

const buttons = (sdk: string, controls: string): string => `
import { joinRoom, type PlayerRoom } from "${sdk}";
import "${controls}";
import type { Game } from "./game.ts";

export function bindAll(me: PlayerRoom<Game>, anyPhone: PlayerRoom): void {
  const stick = document.createElement("cw-joystick");
  const button = document.createElement("cw-button");
  const text = document.createElement("cw-text");
  const choice = document.createElement("cw-choice");
  const swipe = document.createElement("cw-swipe");
  const release: () => void = stick.bind(me, "place");
  document.createElement("cw-tilt").bind(me, "place");
  document.createElement("cw-dpad").bind(me, "place");
  document.createElement("cw-draw").bind(me, "ink");
  button.bind(me, "fire");
  text.bind(me, "word");
  choice.bind(me, "answer");
  for (const control of [choice, text]) control.bind(me, "word");
  stick.bind(anyPhone, "anything");
  stick.bind(joinRoom(), "anything");
  stick.bind({ emit: (name: string, data: unknown) => [name, data] }, "anything");

  // @ts-expect-error There is no such event.
  stick.bind(me, "palce");
  // @ts-expect-error It carries a number.
  stick.bind(me, "answer");
  // @ts-expect-error It carries nothing.
  button.bind(me, "buzz");
  // @ts-expect-error It carries a text.
  button.bind(me, "word");
  // @ts-expect-error It carries a number.
  text.bind(me, "answer");
  // @ts-expect-error A request is asked.
  text.bind(me, "ready");
  // @ts-expect-error It carries two of the five that are sent.
  swipe.bind(me, "turn");
  // @ts-expect-error There is no such event.
  choice.bind(me, "anser");
  // @ts-expect-error The SDK tells that itself.
  choice.bind(me, "join");
  release();
}
`;

const plainButtons = (sdk: string, controls: string): string => `
import { joinRoom } from "${sdk}";
import "${controls}";

/** @type {import("${sdk}").PlayerRoom<import("./game.ts").Game>} */
const me = joinRoom();
const button = document.createElement("cw-button");
button.bind(me, "fire");
// @ts-expect-error There is no such event.
button.bind(me, "fier");
// @ts-expect-error It carries a number.
button.bind(me, "answer");
`;

/** The files of the game, by name; those that are to be compiled are all but `game.ts`, which the others import. */
export function typedGame(sdk: string): Readonly<Record<string, string>> {
  return { "game.ts": GAME, "tv.ts": tv(sdk), "phone.ts": phone(sdk), "plain.js": plain(sdk) };
}

/** The same with the controls of the kit, which come from `controls`. */
export function typedControls(sdk: string, controls: string): Readonly<Record<string, string>> {
  return { "game.ts": GAME, "controls.ts": buttons(sdk, controls), "plain-controls.js": plainButtons(sdk, controls) };
}
