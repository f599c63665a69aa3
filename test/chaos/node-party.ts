/** A room under play over nodes that are lost: each side numbers what it says, and each loss has to have been told. */
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
  #last = 0;
  #lastAt = performance.now();
  /** When a side was told of a loss. */
  #toldAt = -Infinity;
  #unexplained: { readonly what: string; readonly since: number }[] = [];

  constructor(name: string, faults: string[]) {
    this.#name = name;
    this.#faults = faults;
  }

  next(): string {
    this.sent += 1;
    return `${this.sent} ${performance.now()}`;
  }

  take(frame: Frame): void {
    const [number = 0, sentAt = 0] = String(frame).split(" ").map(Number);
    if (number <= this.#last) this.#faults.push(`${this.#name}: ${number} came after ${this.#last}`);
    else if (number > this.#last + 1)
      this.#unexplained.push({ what: `${this.#last + 1} to ${number - 1} are missing`, since: this.#lastAt });
    this.#last = number;
    this.#lastAt = performance.now();
    this.arrivedSentAt = Math.max(this.arrivedSentAt, sentAt);
    this.#explain();
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
}

export class NodeParty {
  readonly faults: string[] = [];
  readonly code: string;
  readonly #host: HostRoom;
  readonly #phones: readonly PartyPhone[];

  private constructor(host: HostRoom, server: string, phones: number) {
    this.#host = host;
    this.code = host.code;
    const { faults, code } = this;
    this.#phones = Array.from({ length: phones }, (_, index) => {
      const name = `room ${code}, phone ${index + 1}`;
      const storage = createPhoneStorage().page();
      const room = joinRoom({ server, code, name: `Phone ${index + 1}`, storage, warn: () => undefined });
      const phone: PartyPhone = {
        room,
        up: new Way(`${name} to TV`, faults),
        down: new Way(`TV to ${name}`, faults),
        id: undefined,
      };
      const heard = (frame: Frame): void => phone.down.take(frame);
      room.on("text", heard);
      room.on("open", () => {
        if (phone.id !== undefined && room.id !== phone.id)
          faults.push(`${name}: its id was ${phone.id} and is ${room.id}`);
        phone.id = room.id;
      });
      room.on("gap", () => told([phone]));
      room.on("close", ({ code: why, reason }) => faults.push(`${name}: closed for good with ${why} ${reason}`));
      return phone;
    });
    host.on("text", ({ id }, frame) => this.#phones.find((phone) => phone.id === id)?.up.take(frame));
    host.on("gap", ({ player }) =>
      told(player === undefined ? this.#phones : this.#phones.filter(({ id }) => id === player.id)),
    );
    host.on("back", () => undefined);
    host.on("close", ({ code: why, reason }) => faults.push(`room ${code}: closed for good with ${why} ${reason}`));
    onTestEnd(() => this.close());
  }

  /** Opens a room at this address, and lets the phones in. */
  static async open(server: string, phones: number): Promise<NodeParty> {
    const host = await createRoom({ server, game: "nodes", maxPlayers: 8, warn: () => undefined });
    return new NodeParty(host, server, phones);
  }

  /** All have a seat. */
  get isComplete(): boolean {
    return this.#phones.every(({ id }) => id !== undefined) && this.#host.players.length === this.#phones.length;
  }

  /** Each side says its next number. */
  play(): void {
    if (this.#host.code !== this.code) this.faults.push(`room ${this.code}: its code is ${this.#host.code} now`);
    for (const { room, id, up, down } of this.#phones) {
      if (id === undefined) continue;
      this.#host.send(id, down.next());
      room.send(up.next());
    }
  }

  /** Whether something that was said after this moment has arrived on every way. */
  hasPlayedSince(moment: number): boolean {
    return this.#phones.every(({ up, down }) => up.arrivedSentAt > moment && down.arrivedSentAt > moment);
  }

  get silentLosses(): readonly string[] {
    return this.#phones.flatMap(({ up, down }) => [...up.silentLosses, ...down.silentLosses]);
  }

  close(): void {
    for (const { room } of this.#phones) room.close();
    this.#host.close();
  }
}

/** A side was told that something on the ways of these phones was lost. */
function told(phones: readonly PartyPhone[]): void {
  for (const { up, down } of phones) {
    up.told();
    down.told();
  }
}
