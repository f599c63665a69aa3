/** Writes commands in every shape that RFC 8949 allows for them, by the choices of a fast-check generator. */
import * as fc from "../../support/property-testing.ts";
import type { HostCommand } from "../../../src/protocol/commands.ts";

export const BREAK = 0xff;

const utf8 = new TextEncoder();

/** A head whose argument takes `width` bytes after the first; 0 puts it into the first one. */
export function head(major: number, argument: number | bigint, width: 0 | 1 | 2 | 4 | 8): number[] {
  if (width === 0) return [(major << 5) | Number(argument)];
  const bytes = [(major << 5) | (24 + Math.log2(width))];
  for (let index = width - 1; index >= 0; index--) {
    bytes.push(Number((BigInt(argument) >> BigInt(8 * index)) & 0xffn));
  }
  return bytes;
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** Commands as players' lives bring them, and at the borders. */
export const commands: fc.Arbitrary<HostCommand> = fc.oneof(
  fc.constantFrom<HostCommand>({ cmd: "start" }, { cmd: "open" }, { cmd: "stop" }),
  fc.record({ cmd: fc.constant("kick" as const), player: uint32() }),
  fc.record({ cmd: fc.constant("kick" as const), player: uint32(), reason: textUpTo(40) }),
  fc.record({ cmd: fc.constant("prepare" as const), max_players: uint32(), name: textUpTo(60) }),
  fc.record({
    cmd: fc.constant("prepare" as const),
    max_players: uint32(),
    name: textUpTo(60),
    join_url: fc.webUrl(),
  }),
  fc.record({ cmd: fc.constant("to" as const), to: recipients(), data: fc.uint8Array({ maxLength: 300 }) }),
  fc.record({
    cmd: fc.constant("to_str" as const),
    to: recipients(),
    data: textUpTo(300).map((value) => new Uint8Array(utf8.encode(value))),
  }),
  fc.record({
    cmd: fc.constant("to_str" as const),
    to: recipients(),
    data: textUpTo(20).map((value) => new Uint8Array(utf8.encode(value))),
    ttl: fc.integer({ min: 1, max: 3_600_000 }),
    volatile: fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 64 }),
  }),
);

export function uint32(): fc.Arbitrary<number> {
  return fc.oneof(fc.nat({ max: 300 }), fc.constantFrom(23, 24, 255, 256, 65_535, 65_536, 0xffff_ffff));
}

/** Any text that is valid Unicode, byte order marks and characters of four bytes among it. */
export function textUpTo(maxLength: number): fc.Arbitrary<string> {
  return fc.oneof(
    fc.string({ maxLength }),
    fc.string({ unit: "binary", maxLength }),
    fc.string({
      unit: fc.constantFrom("\u{feff}", "é", "畫", "🎲", '"', "\\", "\0", "[object Object]"),
      maxLength: 40,
    }),
  );
}

function recipients(): fc.Arbitrary<"everybody" | number[]> {
  return fc.oneof(fc.constant("everybody" as const), fc.array(uint32(), { minLength: 1, maxLength: 12 }));
}

/** One way of many to write `command`; what stands behind the item is the caller's business. */
export function writeInSomeShape(choose: fc.GeneratorValue, command: HostCommand): Uint8Array {
  return Uint8Array.from(new ShapeWriter(choose).command(command));
}

class ShapeWriter {
  readonly #choose: fc.GeneratorValue;

  constructor(choose: fc.GeneratorValue) {
    this.#choose = choose;
  }

  command(command: HostCommand): number[] {
    const entries = Object.entries(command).map(([key, value]) => [key, this.#field(key, command, value)] as const);
    const extra = this.#choose(fc.array, fc.constantFrom("x", "players", "__proto__", "constructor", "toString"), {
      maxLength: 3,
    });
    const others = [...new Set(extra)].map((key) => [key, this.#anything(2)] as const);
    const all = this.#choose(shuffled, [...entries, ...others]);
    const items = all.flatMap(([key, value]) => [this.#text(key), value]);
    return this.#group(5, items, items.length / 2);
  }

  #field(key: string, command: HostCommand, value: unknown): number[] {
    if (key === "to" && "to" in command) return this.#recipients(command.to === "everybody" ? [] : command.to);
    if (command.cmd === "to_str" && key === "data")
      return this.#text(new TextDecoder("utf-8", { ignoreBOM: true }).decode(command.data));
    if (command.cmd === "to" && key === "data") return this.#data(command.data);
    return typeof value === "number" ? this.#integer(value) : this.#text(String(value));
  }

  /** Ids, and between them the holes that just-party leaves (WMBP K4). */
  #recipients(ids: readonly number[]): number[] {
    const items: number[][] = [];
    for (const id of ids) {
      if (this.#choose(fc.nat, { max: 5 }) === 0) items.push(this.#choose(fc.constantFrom, [0xf6], [0xf7]));
      items.push(this.#integer(id));
    }
    return this.#group(4, items, items.length);
  }

  #data(data: Uint8Array): number[] {
    switch (this.#choose(fc.constantFrom, "array", "string", "tag")) {
      case "array":
        return this.#group(
          4,
          [...data].map((byte) => this.#integer(byte)),
          data.length,
        );
      case "string":
        return this.#string(2, [...data], () => true);
      default: {
        const tag = this.#choose(fc.constantFrom, 64, 68, 72);
        return [...this.#head(6, tag), ...this.#head(2, data.length), ...data];
      }
    }
  }

  #text(value: string): number[] {
    return this.#string(3, [...utf8.encode(value)], (byte) => (byte & 0xc0) !== 0x80);
  }

  /** In one piece, or in chunks that begin where `mayBegin` allows it. */
  #string(major: number, content: readonly number[], mayBegin: (byte: number) => boolean): number[] {
    if (this.#choose(fc.nat, { max: 3 }) > 0) return [...this.#head(major, content.length), ...content];
    const bytes = [(major << 5) | 31];
    let from = 0;
    while (from < content.length) {
      let to = Math.min(content.length, from + this.#choose(fc.integer, { min: 1, max: 90 }));
      while (to < content.length && !mayBegin(content[to] ?? 0)) to += 1;
      bytes.push(...this.#head(major, to - from), ...content.slice(from, to));
      from = to;
    }
    return [...bytes, BREAK];
  }

  #group(major: number, items: readonly number[][], count: number): number[] {
    return this.#choose(fc.boolean)
      ? [...this.#head(major, count), ...items.flat()]
      : [(major << 5) | 31, ...items.flat(), BREAK];
  }

  /** As an integer of any width, or as the float of the same value. */
  #integer(value: number): number[] {
    if (this.#choose(fc.nat, { max: 12 }) > 0) return this.#head(0, value);
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value);
    return [0xfb, ...new Uint8Array(view.buffer)];
  }

  #head(major: number, argument: number): number[] {
    const widths = ([0, 1, 2, 4, 8] as const).filter((width) => argument < (width === 0 ? 24 : 2 ** (8 * width)));
    // The shortest one most of the time, as most writers do.
    return head(major, argument, this.#choose(fc.constantFrom, widths[0] ?? 8, widths[0] ?? 8, ...widths));
  }

  /** A field nobody asked for. */
  #anything(depth: number): number[] {
    switch (this.#choose(fc.nat, { max: depth > 0 ? 5 : 3 })) {
      case 0:
        return this.#integer(this.#choose(uint32));
      case 1:
        return this.#text(this.#choose(textUpTo, 20));
      case 2:
        return this.#head(1, this.#choose(uint32));
      case 3:
        return [this.#choose(fc.constantFrom, 0xf4, 0xf5, 0xf6, 0xf7)];
      case 4:
        return this.#group(4, [this.#anything(depth - 1), this.#anything(depth - 1)], 2);
      default:
        return this.#group(5, [this.#text("__proto__"), this.#anything(depth - 1)], 1);
    }
  }
}

function shuffled<Item>(items: Item[]): fc.Arbitrary<Item[]> {
  return fc.shuffledSubarray(items, { minLength: items.length, maxLength: items.length });
}
