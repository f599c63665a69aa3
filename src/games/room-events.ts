/**
 * What happens to rooms and their members, told to the listeners of `server.on` and to the hooks that are only told something. Rooms with a host page
 * report through `HostRoomWatch`, open rooms report here themselves.
 */
import { nearestName } from "../nearest-name.ts";
import type { LeaveReason } from "./game-room.ts";
import type { HookRunner } from "./hook-runner.ts";
import type { MemberInfo, RoomInfo } from "./hooks.ts";

/** The events of `server.on`, and the fields of each. */
export interface RoomEventFields {
  /** A room is open: it has its code, its name or both. */
  readonly roomCreated: { readonly room: RoomInfo };
  /** A room is over. Its members have left before (`room_closed`, `restarting`). */
  readonly roomClosed: { readonly room: RoomInfo; readonly reason: string };
  /** A member got a seat, or a spectator its place. */
  readonly join: { readonly room: RoomInfo; readonly member: MemberInfo };
  /** A member has no seat any more. */
  readonly leave: { readonly room: RoomInfo; readonly member: MemberInfo; readonly reason: LeaveReason };
  /** A member's line is down for longer than `awayMs`, and its seat is kept. */
  readonly away: { readonly room: RoomInfo; readonly member: MemberInfo };
  /** A member that was away has its seat again. */
  readonly back: { readonly room: RoomInfo; readonly member: MemberInfo };
}

/** The name of an event of `server.on`. */
export type RoomEventName = keyof RoomEventFields;

/** A function that listens. If it throws or its promise is rejected, the server goes on and logs its first error. */
export type RoomEventListener<Name extends RoomEventName> = (event: RoomEventFields[Name]) => void | Promise<void>;

type Listeners = { readonly [Name in RoomEventName]: Set<RoomEventListener<Name>> };

export interface RoomEventsOptions {
  readonly runner: HookRunner;
  /** Told of the first error of each listener. */
  readonly onBug: (error: unknown, event: RoomEventName) => void;
}

export class RoomEvents {
  readonly #runner: HookRunner;
  readonly #onBug: RoomEventsOptions["onBug"];
  readonly #listeners: Listeners = {
    roomCreated: new Set(),
    roomClosed: new Set(),
    join: new Set(),
    leave: new Set(),
    away: new Set(),
    back: new Set(),
  };
  /** Listeners whose first error was told. */
  readonly #broken = new WeakSet<object>();

  constructor({ runner, onBug }: RoomEventsOptions) {
    this.#runner = runner;
    this.#onBug = onBug;
  }

  /** Calls `listener` at each event of that name from now on. Once, however often it is given. */
  on<Name extends RoomEventName>(name: Name, listener: RoomEventListener<Name>): void {
    const listeners = this.#of(name);
    if (typeof listener !== "function") {
      throw new TypeError(`The listener of "${name}" has to be a function, not ${typeof listener}.`);
    }
    listeners.add(listener);
  }

  /** Safe for a function that does not listen. */
  off<Name extends RoomEventName>(name: Name, listener: RoomEventListener<Name>): void {
    this.#of(name).delete(listener);
  }

  created(room: RoomInfo): void {
    this.#emit("roomCreated", { room });
  }

  closed(room: RoomInfo, reason: string): void {
    this.#emit("roomClosed", { room, reason });
    const { onRoomClose } = this.#runner.hooks;
    if (onRoomClose !== undefined)
      this.#later(() => this.#runner.tell("onRoomClose", room, () => onRoomClose({ room, reason })));
  }

  joined(room: RoomInfo, member: MemberInfo): void {
    this.#emit("join", { room, member });
  }

  left(room: RoomInfo, member: MemberInfo, reason: LeaveReason): void {
    this.#emit("leave", { room, member, reason });
    const { onLeave } = this.#runner.hooks;
    if (onLeave !== undefined)
      this.#later(() => this.#runner.tell("onLeave", room, () => onLeave({ room, member, reason })));
  }

  away(room: RoomInfo, member: MemberInfo): void {
    this.#emit("away", { room, member });
  }

  back(room: RoomInfo, member: MemberInfo): void {
    this.#emit("back", { room, member });
  }

  /** The last seat was taken. */
  full(room: RoomInfo): void {
    const { onRoomFull } = this.#runner.hooks;
    if (onRoomFull !== undefined) this.#later(() => this.#runner.tell("onRoomFull", room, () => onRoomFull({ room })));
  }

  /** The last seat was given up. */
  empty(room: RoomInfo): void {
    const { onRoomEmpty } = this.#runner.hooks;
    if (onRoomEmpty !== undefined)
      this.#later(() => this.#runner.tell("onRoomEmpty", room, () => onRoomEmpty({ room })));
  }

  /** So many bytes wait for a member that has begun to be behind. */
  behind(room: RoomInfo, member: MemberInfo, queued: number): void {
    const { onBackpressure } = this.#runner.hooks;
    if (onBackpressure === undefined) return;
    this.#later(() => this.#runner.tell("onBackpressure", room, () => onBackpressure({ room, member, queued })));
  }

  #emit<Name extends RoomEventName>(name: Name, event: RoomEventFields[Name]): void {
    this.#later(() => {
      const listeners = Array.from(this.#of(name)); // one that adds another does not call it now
      for (const listener of listeners) this.#call(name, listener, event);
    });
  }

  #call<Name extends RoomEventName>(name: Name, listener: RoomEventListener<Name>, event: RoomEventFields[Name]): void {
    const met = (error: unknown): void => {
      if (!this.#broken.has(listener)) this.#onBug(error, name);
      this.#broken.add(listener);
    };
    try {
      const answer: unknown = listener(event);
      if (answer instanceof Promise) answer.catch(met);
    } catch (error) {
      met(error);
    }
  }

  /** The room that reports is in the middle of its work, so what may call the room has to run later. */
  #later(action: () => void): void {
    queueMicrotask(action);
  }

  #of<Name extends RoomEventName>(name: Name): Listeners[Name] {
    if (Object.hasOwn(this.#listeners, name)) return this.#listeners[name];
    const known = Object.keys(this.#listeners);
    const near = nearestName(name, known);
    const hint = near === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${near}?`;
    throw new TypeError(`There is no event ${JSON.stringify(name)}. ${hint}`);
  }
}
