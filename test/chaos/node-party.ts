/**
 * A room under play over nodes that are lost: each side numbers what it says, and each loss has to have been told. It says too which life of the room it is in, so
 * that a side that hears two lives mixed notices.
 */
import { createRoom, joinRoom, type HostRoom, type PlayerRoom } from "../../src/sdk/node.ts";
import { createPhoneStorage } from "../../src/chaos/page-storage.ts";
import { onTestEnd } from "../support/clean-up.ts";

type Frame = string | Uint8Array<ArrayBuffer>;

/** One direction between the TV and one phone. */
class Way {
  readonly #name: string;
  readonly #faults: string[];
  sent = 0;
  /** When the newest frame that has arrived was sent. */
  arrivedSentAt = -Infinity;
  /** The number that arrived last; `undefined`: any may be the next. */
  #last: number | undefined = 0;
  /** The life of the room that the newest frame is of. */
  #life = 0;
  #lastAt = performance.now();
  /** When a side was told of a loss. */
  #toldAt = -Infinity;
  #unexplained: { readonly what: string; readonly since: number }[] = [];

  constructor(name: string, faults: string[]) {
    this.#name = name;
    this.#faults = faults;
  }

  /** `life`: which life of the room its sender is in. */
  next(life: number): string {
    this.sent += 1;
    return `${this.sent} ${performance.now()} ${life}`;
  }

  take(frame: Frame): void {
    const [number = 0, sentAt = 0, life = 0] = String(frame).split(" ").map(Number);
    if (life < this.#life) this.#faults.push(`${this.#name}: life ${life} of the room came after life ${this.#life}`);
    this.#life = life;
    const last = this.#last ?? number - 1;
    if (number <= last) this.#faults.push(`${this.#name}: ${number} came after ${last}`);
    else if (number > last + 1)
      this.#unexplained.push({ what: `${last + 1} to ${number - 1} are missing`, since: this.#lastAt });
    this.#last = number;
    this.#lastAt = performance.now();
    this.arrivedSentAt = Math.max(this.arrivedSentAt, sentAt);
    this.#explain();
  }

  /** Its receiver begins from nothing, and may hear again what was said since its last checkpoint. */
  beginAnew(): void {
    this.#last = undefined;
    this.#life = 0;
  }

  told(): void {
    this.#toldAt = performance.now();
    this.#explain();
  }

  /** What is missing, and was told to neither side. */
  get silentLosses(): readonly string[] {
    return this.#unexplained.map(({ what }) => `${this.#name}: ${what}`);
  }

  #explain(): void {
    this.#unexplained = this.#unexplained.filter(({ since }) => since > this.#toldAt);
  }
}

interface PartyPhone {
  readonly room: PlayerRoom;
  readonly up: Way;
  readonly down: Way;
  id: number | undefined;
  /** How often it was let in without going on where it had ended. */
  renewals: number;
}

/** The nodes, or what is in front of them, that the TV and each phone connect to. */
export interface PartyPlaces {
  readonly tv: string;
  readonly phones: readonly string[];
}

/** A side that lost its connection, or did not get it back yet. */
export interface PartyLoss {
  /** "TV", or "phone 1" and so on. */
  readonly side: string;
  readonly code: number;
}

const TV = "TV";

export class NodeParty {
  readonly faults: string[] = [];
  readonly losses: PartyLoss[] = [];
  readonly code: string;
  readonly #tv: string;
  readonly #storage: ReturnType<typeof createPhoneStorage>;
  #host: HostRoom;
  readonly #phones: PartyPhone[] = [];
  /** Grows whenever the TV is told that it is in another life of the room. */
  #life = 1;
  /** Losses that a side was told of. */
  gaps = 0;

  private constructor(host: HostRoom, tv: string, storage: ReturnType<typeof createPhoneStorage>) {
    this.#host = host;
    this.#tv = tv;
    this.#storage = storage;
    this.code = host.code;
    this.#listen(host);
    onTestEnd(() => this.close());
  }

  /** Opens a room, and lets the phones in. */
  static async over({ tv, phones }: PartyPlaces): Promise<NodeParty> {
    const storage = createPhoneStorage();
    const party = new NodeParty(await openRoom(tv, storage), tv, storage);
    for (const server of phones) party.admit(server);
    return party;
  }

  /** One more phone joins, at this address. */
  admit(server: string): void {
    const { code, faults } = this;
    const side = `phone ${this.#phones.length + 1}`;
    const name = `room ${code}, ${side}`;
    const storage = createPhoneStorage().page();
    const room = joinRoom({ server, code, name: side, storage, warn: () => undefined });
    const phone: PartyPhone = {
      room,
      up: new Way(`${name} to TV`, faults),
      down: new Way(`TV to ${name}`, faults),
      id: undefined,
      renewals: 0,
    };
    this.#phones.push(phone);
    room.on("text", (frame) => phone.down.take(frame));
    room.on("open", ({ isReconnect, isResumed }) => {
      if (phone.id !== undefined && room.id !== phone.id)
        faults.push(`${name}: its id was ${phone.id} and is ${room.id}`);
      phone.id = room.id;
      if (isReconnect && !isResumed) phone.renewals += 1;
    });
    room.on("gap", () => this.#told([phone]));
    room.on("reconnecting", ({ code: why }) => this.losses.push({ side, code: why }));
    room.on("close", ({ code: why, reason }) => faults.push(`${name}: closed for good with ${why} ${reason}`));
  }

  /** All have a seat. */
  get isComplete(): boolean {
    return this.#phones.every(({ id }) => id !== undefined) && this.#host.players.length === this.#phones.length;
  }

  /** Each side says its next number. */
  play(): void {
    if (this.#host.code !== this.code) this.faults.push(`room ${this.code}: its code is ${this.#host.code} now`);
    const known = this.#knownIds;
    for (const { room, id, up, down, renewals } of this.#phones) {
      if (id === undefined) continue;
      if (known.includes(id)) this.#host.send(id, down.next(this.#life)); // a newcomer may be in a life that the TV does not know
      room.send(up.next(renewals));
    }
  }

  /** Whether something that was said after this moment has arrived on every way, or on those of these phones. */
  hasPlayedSince(moment: number, phones: readonly number[] = [...this.#phones.keys()]): boolean {
    return phones
      .map((index) => this.#phones[index])
      .every((phone) => phone !== undefined && phone.up.arrivedSentAt > moment && phone.down.arrivedSentAt > moment);
  }

  /** Each phone has had a seat, also where the TV does not know it. */
  get haveSeats(): boolean {
    return this.#phones.every(({ id }) => id !== undefined);
  }

  /** How often each phone was let in without going on where it had ended. */
  get renewals(): readonly number[] {
    return this.#phones.map(({ renewals }) => renewals);
  }

  /** The TV knows these phones, no other ones, and none of them as away. */
  get isWhole(): boolean {
    const ids = this.#phones.map(({ id }) => id);
    const isKnown = ids.every((id) => id !== undefined && this.#knownIds.includes(id));
    return isKnown && this.#host.players.length === ids.length && this.#host.away.size === 0;
  }

  /** What the TV says of its room, for a test that fails. */
  get roster(): string {
    const ids = this.#phones.map(({ id }) => id);
    const away = [...this.#host.away].map(({ id }) => id);
    return `phones ${ids.join()}, players ${this.#knownIds.join()}, away ${away.join()}`;
  }

  /** The code that each side lost its connection with first; `undefined` where it lost none. */
  get firstLosses(): readonly (number | undefined)[] {
    const sides = [TV, ...this.#phones.map((_, index) => `phone ${index + 1}`)];
    return sides.map((one) => this.losses.find(({ side }) => side === one)?.code);
  }

  save(value: unknown): void {
    this.#host.save(value);
  }

  /** The TV's page is loaded again. Returns what was saved last, as the new page finds it. */
  async reload(): Promise<unknown> {
    this.#host.detach();
    for (const { up } of this.#phones) up.beginAnew();
    const host = await openRoom(this.#tv, this.#storage);
    this.#host = host;
    this.#listen(host);
    if (host.code !== this.code)
      this.faults.push(`room ${this.code}: its code is ${host.code} after it was loaded again`);
    return host.restored;
  }

  get silentLosses(): readonly string[] {
    return this.#phones.flatMap(({ up, down }) => [...up.silentLosses, ...down.silentLosses]);
  }

  close(): void {
    for (const { room } of this.#phones) room.close();
    this.#host.close();
  }

  get #knownIds(): readonly number[] {
    return this.#host.players.map(({ id }) => id);
  }

  #listen(host: HostRoom): void {
    host.on("text", ({ id }, frame) => this.#phones.find((phone) => phone.id === id)?.up.take(frame));
    host.on("gap", ({ player }) => {
      if (player === undefined) this.#life += 1;
      this.#told(player === undefined ? this.#phones : this.#phones.filter(({ id }) => id === player.id));
    });
    host.on("back", () => undefined);
    host.on("reconnecting", ({ code }) => this.losses.push({ side: TV, code }));
    host.on("close", ({ code, reason }) =>
      this.faults.push(`room ${this.code}: closed for good with ${code} ${reason}`),
    );
  }

  /** A side was told that something on the ways of these phones was lost. */
  #told(phones: readonly PartyPhone[]): void {
    this.gaps += 1;
    for (const { up, down } of phones) {
      up.told();
      down.told();
    }
  }
}

/** A page of the TV that keeps its room in this storage. */
function openRoom(server: string, storage: ReturnType<typeof createPhoneStorage>): Promise<HostRoom> {
  return createRoom({ server, game: "nodes", maxPlayers: 8, storage: storage.page(), warn: () => undefined });
}
