/** Gamepads at the TV: each is a player like a phone, with a seat of its own, and sends the same events. */
import { CENTER, deflect, isSame, type StickPosition } from "./base.ts";
import { joinRoom, type JoinRoomOptions, type PlayerRoom, type SessionStorage } from "../index.ts";

/** Options of `gamepads`. */
export interface GamepadsOptions {
  /** The display name of the gamepad of this number, from 1. @default "Gamepad 1", "Gamepad 2", … */
  readonly name?: (number: number) => string;
  /** The event of the left stick and the arrows: `{ x, y }`, as a joystick's. @default "stick" */
  readonly stick?: string;
  /** The event of the right stick. @default none */
  readonly aim?: string;
  /**
   * The event of the buttons, `{ down, index }`; or an event for each that counts, by its number: `{ 0: "jump", 1: "fire" }`.
   * @default "button"
   */
  readonly button?: string | Readonly<Record<number, string>>;
  /** The event by which the TV makes the gamepad rumble: `player.emit("vibrate", 200)`. @default "vibrate" */
  readonly vibrate?: string;
  /** What does not count around the middle of a stick, from 0 to 0.9. @default 0.15 */
  readonly deadZone?: number;
  /** Milliseconds after which a gamepad that is gone leaves the room; until then it has its seat. @default 60000 */
  readonly leaveAfterMs?: number;
  /** More for `joinRoom`, such as `pin`, `token` and `server`. */
  readonly join?: Omit<JoinRoomOptions, "code" | "name" | "storage">;
}

/** What `gamepads` needs of the room on the TV. */
export interface GamepadRoom {
  readonly code: string;
  kick(player: number, options: { readonly reason: string }): void;
}

/** The gamepads of a TV, until `close`. */
export interface Gamepads {
  /** Those that play now, by their number from 1. */
  readonly players: ReadonlyMap<number, PlayerRoom>;
  /** All of them leave. */
  close(): void;
}

interface Seat {
  readonly me: PlayerRoom;
  stick: StickPosition;
  aim: StickPosition;
  readonly down: Set<number>;
}

const DEFAULT_DEAD_ZONE = 0.15;
const DEFAULT_LEAVE_AFTER_MS = 60_000;
/** The four arrows of the standard gamepad. */
const ARROWS = { up: 12, down: 13, left: 14, right: 15 } as const;
const DEFAULT_RUMBLE_MS = 150;
const MAX_RUMBLE_MS = 5_000;

/**
 * Lets every gamepad that is plugged into the TV join the room, once a button is pressed on it: before that the browser does not show it
 * to the page. A gamepad that is unplugged is away, and gets its seat back. Browsers tell pages of gamepads over https and on localhost;
 * some tell them nowhere else, and then no gamepad joins.
 */
export function gamepads(room: GamepadRoom, options: GamepadsOptions = {}): Gamepads {
  const seats = new Map<number, Seat>();
  const leaving = new Map<number, ReturnType<typeof setTimeout>>();
  /** Those that have to let go of their buttons before they try again. */
  const refused = new Set<number>();
  let request = 0;

  const sit = (gamepad: Gamepad): void => {
    const number = gamepad.index + 1;
    clearTimeout(leaving.get(number));
    leaving.delete(number);
    const { name = (count: number) => `Gamepad ${count}` } = options;
    const storage = storageOf(gamepad);
    const me = joinRoom({ keepAwake: false, ...options.join, code: room.code, name: name(number), storage });
    const seat = { me, stick: CENTER, aim: CENTER, down: new Set<number>() };
    seats.set(number, seat);
    // The room is over, or full, or locked: the next press of a button tries again.
    me.on("close", () => {
      if (seats.get(number) === seat) seats.delete(number);
      refused.add(number);
    });
    me.on(options.vibrate ?? "vibrate", (ms: unknown) => rumble(gamepad.index, ms));
  };

  const unplugged = ({ gamepad }: GamepadEvent): void => {
    const number = gamepad.index + 1;
    const seat = seats.get(number);
    if (seat === undefined) return;
    release(seat, options);
    seat.me.detach();
    seats.delete(number);
    const { id } = seat.me;
    const leave = (): void => {
      leaving.delete(number);
      if (id !== undefined) room.kick(id, { reason: "The gamepad was unplugged." });
    };
    leaving.set(number, setTimeout(leave, options.leaveAfterMs ?? DEFAULT_LEAVE_AFTER_MS));
  };

  const look = (): void => {
    request = requestAnimationFrame(look);
    for (const gamepad of connected()) {
      const seat = seats.get(gamepad.index + 1);
      if (seat !== undefined) play(gamepad, seat, options);
      else if (!gamepad.buttons.some(({ pressed }) => pressed)) refused.delete(gamepad.index + 1);
      else if (!refused.has(gamepad.index + 1)) sit(gamepad);
    }
  };
  /** A hidden page is told nothing of its gamepads. */
  const hidden = (): void => {
    if (document.visibilityState === "hidden") for (const seat of seats.values()) release(seat, options);
  };

  window.addEventListener("gamepaddisconnected", unplugged);
  document.addEventListener("visibilitychange", hidden);
  look();
  return {
    get players() {
      return new Map([...seats].map(([number, { me }]) => [number, me]));
    },
    close() {
      cancelAnimationFrame(request);
      window.removeEventListener("gamepaddisconnected", unplugged);
      document.removeEventListener("visibilitychange", hidden);
      for (const timer of leaving.values()) clearTimeout(timer);
      for (const { me } of seats.values()) me.close();
    },
  };
}

function connected(): Gamepad[] {
  if (typeof navigator.getGamepads !== "function") return [];
  return [...navigator.getGamepads()].filter((gamepad): gamepad is Gamepad => gamepad?.connected === true);
}

/** Sends what has changed on the gamepad since the last look. */
function play(gamepad: Gamepad, seat: Seat, options: GamepadsOptions): void {
  const { deadZone = DEFAULT_DEAD_ZONE } = options;
  const { axes, buttons } = gamepad;
  const isDown = (index: number): boolean => buttons[index]?.pressed === true;
  const isStandard = gamepad.mapping === "standard";
  const arrows = isStandard
    ? {
        x: Number(isDown(ARROWS.right)) - Number(isDown(ARROWS.left)),
        y: Number(isDown(ARROWS.down)) - Number(isDown(ARROWS.up)),
      }
    : CENTER;
  const isByArrows = !isSame(arrows, CENTER);
  const stick = isByArrows ? deflect(arrows.x, arrows.y, 0) : deflect(axes[0] ?? 0, axes[1] ?? 0, deadZone);
  point(seat, "stick", stick, options);
  if (options.aim !== undefined) point(seat, "aim", deflect(axes[2] ?? 0, axes[3] ?? 0, deadZone), options);
  for (const index of buttons.keys()) {
    if (isStandard && index >= ARROWS.up && index <= ARROWS.right) continue;
    if (isDown(index) !== seat.down.has(index)) press(seat, index, isDown(index), options);
  }
}

function point(seat: Seat, which: "stick" | "aim", position: StickPosition, options: GamepadsOptions): void {
  if (isSame(position, seat[which])) return;
  seat[which] = position;
  const name = which === "stick" ? (options.stick ?? "stick") : options.aim;
  if (name !== undefined) seat.me.emit(name, position, isSame(position, CENTER) ? {} : { volatile: true });
}

function press(seat: Seat, index: number, down: boolean, { button = "button" }: GamepadsOptions): void {
  if (down) seat.down.add(index);
  else seat.down.delete(index);
  const name = typeof button === "string" ? button : button[index];
  if (name !== undefined) seat.me.emit(name, { down, index });
}

/** Nothing stays pressed. */
function release(seat: Seat, options: GamepadsOptions): void {
  point(seat, "stick", CENTER, options);
  point(seat, "aim", CENTER, options);
  for (const index of seat.down) press(seat, index, false, options);
}

function rumble(index: number, length: unknown): void {
  const gamepad = connected().find((one) => one.index === index);
  const duration = typeof length === "number" && length > 0 ? Math.min(MAX_RUMBLE_MS, length) : DEFAULT_RUMBLE_MS;
  const effect = { duration, strongMagnitude: 0.7, weakMagnitude: 0.7 };
  gamepad?.vibrationActuator?.playEffect?.("dual-rumble", effect).catch(() => undefined); // it was unplugged meanwhile
}

/** A session for each gamepad of this page, so that a TV that is loaded again finds its players. */
function storageOf({ index, id }: Gamepad): SessionStorage {
  const prefix = `couchwire:gamepad:${index}:${id}:`;
  return {
    getItem: (key) => sessionStorage.getItem(prefix + key),
    setItem: (key, value) => sessionStorage.setItem(prefix + key, value),
    removeItem: (key) => sessionStorage.removeItem(prefix + key),
  };
}
