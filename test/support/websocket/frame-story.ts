/** What a client might say, good and broken, and how the network might cut it. The same seed says the same. */
import { makeFrame, OPCODE, type FrameOptions } from "../raw-client.ts";
import { SeededRandom } from "../seeded-random.ts";
import { BREAKERS, CLOSE_CODES_THAT_TRAVEL, closing } from "./broken-frames.ts";

export interface FrameStory {
  readonly maxPayload: number;
  /** The bytes as they arrive. No other part has them. */
  readonly chunks: Buffer[];
  /** What was said, for a test that fails. */
  readonly words: readonly string[];
}

/** Around every border: of the three ways to write a length, of words, of what is unmasked byte by byte. */
const SIZES = [
  0, 1, 2, 3, 4, 5, 7, 8, 9, 62, 63, 64, 65, 66, 67, 68, 95, 96, 97, 98, 99, 124, 125, 126, 127, 128, 129, 255, 256,
  1000, 4095,
];
const LARGE_SIZES = [16_383, 16_384, 65_534, 65_535, 65_536, 65_537, 100_000];
const LARGE = 0.04;
const LIMITS = [1_000, 70_000, 200_000];
const LETTERS = [
  Buffer.from("a"),
  ...["~", "\0", "\u{7f}", "é", "\u{7ff}", "\u{800}", "€", "\u{d7ff}", "\u{e000}", "\u{ffff}", "😀", "\u{10ffff}"].map(
    (letter) => Buffer.from(letter),
  ),
] as const;
/** One byte at a time only up to here: `ws` gets slow by the square. */
const MAX_BYTES_ONE_BY_ONE = 6_000;

export function tellStory(seed: number): FrameStory {
  const random = new SeededRandom(seed);
  const teller = new Teller(random);
  const length = 1 + random.below(12);
  for (let step = 0; step < length; step++) teller.step();
  if (random.chance(0.6)) {
    teller.break();
    for (let step = 0; step < 2; step++) teller.step();
  }
  const said = Buffer.concat(teller.frames);
  const heard = random.chance(0.2) ? said.subarray(0, random.below(said.length + 1)) : said;
  return { maxPayload: teller.maxPayload, words: teller.words, chunks: cut(heard, teller.frames, random) };
}

class Teller {
  readonly maxPayload: number;
  readonly frames: Buffer[] = [];
  readonly words: string[] = [];
  readonly #random: SeededRandom;
  /** What is left of a message that has begun: its bytes, to be cut anywhere, in the middle of a character too. */
  #rest: Buffer | undefined;
  #isFirstFragment = false;
  #isText = false;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.maxPayload = random.pick(LIMITS) ?? 0;
    this.words.push(`at most ${this.maxPayload} bytes`);
  }

  step(): void {
    const random = this.#random;
    if (random.chance(0.2)) this.#say(random.chance(0.5) ? OPCODE.ping : OPCODE.pong, this.#bytes(random.below(126)));
    else if (random.chance(0.01)) this.#say(OPCODE.close, this.#goodbye());
    else if (this.#rest !== undefined) this.#fragment(this.#rest);
    else this.#message();
  }

  break(): void {
    const [name, breakOne] = this.#random.pick(Object.entries(BREAKERS)) ?? [];
    const isInMessage = this.#rest !== undefined;
    const place = { isInMessage, maxPayload: this.maxPayload, options: this.#options() };
    this.words.push(`${name}${isInMessage ? ", in the middle of a message" : ""}`);
    this.frames.push(...(breakOne?.(this.#random, place) ?? []));
  }

  #message(): void {
    const random = this.#random;
    this.#isText = random.chance(0.5);
    const size = Math.min(this.#size(), this.maxPayload);
    const data = this.#isText ? this.#text(size) : this.#bytes(size);
    if (random.chance(0.5)) {
      this.#say(this.#isText ? OPCODE.text : OPCODE.binary, data);
      return;
    }
    this.#rest = data;
    this.#isFirstFragment = true;
    this.#fragment(data);
  }

  #fragment(rest: Buffer): void {
    const isLast = this.#random.chance(0.3);
    const size = isLast ? rest.length : this.#random.below(rest.length + 1);
    const opcode = !this.#isFirstFragment ? OPCODE.continuation : this.#isText ? OPCODE.text : OPCODE.binary;
    this.#say(opcode, rest.subarray(0, size), { isFinal: isLast });
    this.#isFirstFragment = false;
    this.#rest = isLast ? undefined : rest.subarray(size);
  }

  #say(opcode: number, payload: Buffer, options: FrameOptions = {}): void {
    const isControl = opcode >= OPCODE.close;
    const isLong = !isControl && this.#random.chance(0.1);
    const lengthBytes = payload.length < 0x10000 && this.#random.chance(0.5) ? 2 : 8;
    const all: FrameOptions = { ...this.#options(), ...options, ...(isLong && { lengthBytes }) };
    this.frames.push(makeFrame(opcode, payload, all));
    this.words.push(`opcode ${opcode}, ${payload.length} bytes${options.isFinal === false ? ", more to come" : ""}`);
  }

  #options(): FrameOptions {
    const random = this.#random;
    if (random.chance(0.2)) return {}; // a mask of zeros
    if (random.chance(0.2)) return { mask: Buffer.from([0, 0, 0, 1 + random.below(255)]) };
    return { mask: this.#bytes(4) };
  }

  #goodbye(): Buffer {
    if (this.#random.chance(0.3)) return Buffer.alloc(0);
    return closing(this.#random.pick(CLOSE_CODES_THAT_TRAVEL) ?? 1000, this.#text(this.#random.below(124)));
  }

  #size(): number {
    const random = this.#random;
    if (random.chance(LARGE)) return random.pick(LARGE_SIZES) ?? 0;
    return random.chance(0.5) ? (random.pick(SIZES) ?? 0) : random.below(300);
  }

  #bytes(size: number): Buffer {
    const next = this.#quick();
    const bytes = Buffer.alloc(size);
    for (let at = 0; at < size; at++) bytes[at] = next();
    return bytes;
  }

  /** So many bytes of letters of all lengths. */
  #text(size: number): Buffer {
    const next = this.#quick();
    const text = Buffer.alloc(size, "x");
    for (let at = 0; at < size;) {
      const letter = LETTERS[next() % LETTERS.length] ?? LETTERS[0];
      if (at + letter.length <= size) letter.copy(text, at);
      at += letter.length;
    }
    return text;
  }

  /** Bytes that are random enough for a payload, and cheap: a throw of the dice for each would take most of the time. */
  #quick(): () => number {
    let state = this.#random.below(2 ** 31);
    return () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      return state >>> 24;
    };
  }
}

/** In one piece, byte by byte, in small or large pieces, or with the heads in crumbs and the payloads in one. */
function cut(bytes: Buffer, frames: readonly Buffer[], random: SeededRandom): Buffer[] {
  const way = random.below(5);
  if (way === 0) return pieces(bytes, random, () => bytes.length);
  if (way === 1 && bytes.length <= MAX_BYTES_ONE_BY_ONE) return pieces(bytes, random, () => 1);
  if (way === 2 && bytes.length <= 10 * MAX_BYTES_ONE_BY_ONE) return pieces(bytes, random, () => 1 + random.below(20));
  if (way === 3) return pieces(bytes, random, () => 1 + random.below(random.chance(0.5) ? 3_000 : 65_536));
  const crumbs = new Set<number>();
  let at = 0;
  for (const frame of frames) {
    for (let byte = 0; byte < 16; byte++) crumbs.add(at + byte);
    at += frame.length;
    crumbs.add(at - 1);
  }
  const borders = [...crumbs].toSorted((one, other) => one - other);
  let border = 0;
  return pieces(bytes, random, (from) => {
    while (border < borders.length && (borders[border] ?? 0) <= from) border += 1;
    return (borders[border] ?? bytes.length) - from;
  });
}

/** Copies, since a reader may write into what it reads; each begins somewhere else in its memory, as what a socket reads does. */
function pieces(bytes: Buffer, random: SeededRandom, size: (from: number) => number): Buffer[] {
  const cuts: Buffer[] = [];
  for (let from = 0; from < bytes.length;) {
    const to = from + Math.max(1, size(from));
    const place = random.below(8);
    const memory = Buffer.alloc(place + to - from);
    bytes.copy(memory, place, from, to);
    cuts.push(memory.subarray(place, place + Math.min(to, bytes.length) - from));
    from = to;
  }
  return cuts;
}
