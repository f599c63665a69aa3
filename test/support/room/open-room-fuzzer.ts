/**
 * An open room under random operations. Each message has a number of its own. After each step the fuzzer compares what every member has heard, over all of
 * its lines, with what was said while it was here, in that order, and whom each member believes to be here with who is.
 */
import { isDeepStrictEqual } from "node:util";
import { defineRoom } from "../../../src/games/define-room.ts";
import type { GameRoom, JoinAnswer, Member } from "../../../src/games/game-room.ts";
import { plainEncoder } from "../../../src/session/member-encoder.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { FakeOpenRooms, type FakeMember } from "./fake-open-rooms.ts";

const MAX_PLAYERS = 4;
const MAX_SPECTATORS = 2;
const IDS = ["ann", "ben", "cid", "dan", "eve", "fay"] as const;
const NAME = "fuzz";

/** What the fuzzer knows of one member, from its seat on. */
interface Known {
  /** Numbers that it has to hear, and has heard. */
  readonly owed: number[];
  readonly heard: number[];
  /** Who is here, as far as it was told; a line without events is not told. */
  view: Set<string> | undefined;
  line: FakeMember | undefined;
  /** Its last line was replaced while it was up: what that did not confirm comes again (P5.4). */
  mayRepeat: boolean;
}

export class OpenRoomFuzzer {
  readonly #random: SeededRandom;
  readonly #fake: FakeOpenRooms;
  readonly #room: GameRoom;
  readonly #members = new Map<string, Known>();
  /** Answers of `onJoin` that are to come. */
  readonly #answers: (() => void)[] = [];
  /** What newcomers will hear, if they come in. */
  readonly #early = new Map<string, number[]>();
  /** Members that have asked, and have no answer yet. */
  readonly #joining = new Set<string>();
  #said = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    const onJoin = (room: GameRoom, member: Member): JoinAnswer | Promise<JoinAnswer> => this.#asked(room, member);
    const onMessage = (room: GameRoom, member: Member, message: unknown): void => {
      if (message === "echo") this.#say((number) => room.send(member, number), [member.id]);
    };
    const kind = defineRoom({
      kind: "fuzz",
      maxPlayers: MAX_PLAYERS,
      maxSpectators: MAX_SPECTATORS,
      overflow: "spectator",
      emptyRoomMs: Infinity,
      onJoin,
      onMessage,
    });
    this.#fake = new FakeOpenRooms([kind]);
    this.#room = this.#fake.rooms.create("fuzz", { name: NAME });
  }

  /** One operation, and what comes of it. */
  async step(): Promise<void> {
    const operations = [
      () => this.#join(),
      () => this.#join(),
      () => this.#leave(),
      () => this.#answer(),
      () => this.#say((number) => this.#room.broadcast(number), this.#here),
      () => this.#sayToSome(),
      () => this.#echo(),
      () => this.#kick(),
      () => this.#pass(),
      () => (this.#random.chance(0.5) ? this.#room.lock() : this.#room.open()),
    ];
    this.#random.pick(operations)?.();
    await settle();
    this.#compare();
  }

  /** All answers are given, and all that may come back do. */
  async end(): Promise<void> {
    this.#room.open();
    while (this.#answers.length > 0) this.#answer();
    await settle();
    this.#compare();
  }

  get #here(): readonly string[] {
    return this.#room.members.map(({ id }) => id);
  }

  #next(): number {
    this.#said += 1;
    return this.#said;
  }

  #say(say: (number: number) => unknown, to: readonly string[]): void {
    const number = this.#next();
    for (const id of to) this.#owe(id, number);
    say(number);
  }

  /** The member is to hear this. One that has just come in is known after the step. */
  #owe(id: string, number: number): void {
    (this.#members.get(id)?.owed ?? this.#early.get(id))?.push(number);
  }

  /** Time goes by, but none that `onJoin` may not take. */
  #pass(): void {
    if (this.#answers.length === 0) this.#fake.clock.pass(this.#random.pick([10, 3_000, 60_000]) ?? 0);
  }

  #sayToSome(): void {
    const some = this.#here.filter(() => this.#random.chance(0.5));
    if (this.#random.chance(0.5)) this.#say((number) => this.#room.send([...some, "nobody"], number), some);
    else this.#say((number) => this.#room.sendWhere(({ id }) => some.includes(id), number), some);
  }

  #echo(): void {
    const member = this.#room.members.find(({ role }) => role === "member");
    this.#members.get(member?.id ?? "")?.line?.say("echo");
  }

  /** `onJoin`: welcomes, and answers at once or later. */
  #asked(room: GameRoom, member: Member): JoinAnswer | Promise<JoinAnswer> {
    const early: number[] = [];
    this.#early.set(member.id, early);
    const welcome = (): void => {
      const number = this.#next();
      early.push(number);
      room.send(member, number);
    };
    welcome();
    if (this.#random.chance(0.3)) {
      const number = this.#next();
      for (const id of this.#here) this.#owe(id, number);
      if (this.#random.chance(0.5)) {
        early.push(number);
        room.broadcast(number);
        return undefined;
      }
      room.broadcast(number);
      early.splice(0);
      return "Not you.";
    }
    if (this.#random.chance(0.5)) return this.#random.chance(0.2) ? { role: "spectator" } : undefined;
    const isLetIn = this.#random.chance(0.7);
    return new Promise((resolve) => {
      this.#answers.push(() => {
        welcome();
        resolve(isLetIn ? undefined : "Not you.");
      });
    });
  }

  #answer(): void {
    this.#answers.splice(this.#random.below(this.#answers.length), 1)[0]?.();
  }

  #join(): void {
    const id = this.#random.pick(IDS) ?? "ann";
    const isPlain = this.#random.chance(0.3);
    const role = this.#random.chance(0.2) ? "spectator" : undefined;
    if (this.#joining.has(id)) return;
    this.#joining.add(id);
    this.#fake
      .join(NAME, id, { role, ...(isPlain && { encoder: plainEncoder }) })
      .then((line) => this.#seated(id, line, isPlain))
      .catch(() => {}) // refused
      .finally(() => this.#joining.delete(id));
  }

  #seated(id: string, line: FakeMember, isPlain: boolean): void {
    const known = this.#members.get(id);
    if (known === undefined) {
      const view = isPlain ? undefined : new Set<string>();
      this.#members.set(id, { owed: [], heard: [], view, line, mayRepeat: false });
      return;
    }
    this.#listen(known);
    known.mayRepeat ||= known.line !== undefined;
    known.line = line;
    if (isPlain) known.view = undefined;
  }

  #leave(): void {
    const [id, known] = this.#random.pick([...this.#members]) ?? [];
    if (id === undefined || known?.line === undefined) return;
    this.#listen(known);
    const { line } = known;
    known.line = undefined;
    line.leave(this.#random.pick(["left", "cut", "cut"] as const) ?? "cut");
  }

  #kick(): void {
    const member = this.#random.pick(this.#room.members);
    if (member !== undefined && this.#random.chance(0.3)) this.#room.kick(member);
  }

  #listen(known: Known): void {
    for (const frame of known.line?.heard() ?? []) {
      if (typeof frame !== "object" || frame === null) continue;
      if ("data" in frame) this.#hear(known, Number(frame.data));
      else if ("event" in frame && known.view !== undefined) known.view = told(known.view, frame);
    }
  }

  /** Numbers ascend for each member. */
  #hear({ heard, mayRepeat }: Known, number: number): void {
    if (!mayRepeat || number > (heard.at(-1) ?? 0)) heard.push(number);
  }

  #compare(): void {
    const here = new Set(this.#here);
    for (const id of this.#members.keys()) if (!here.has(id)) this.#members.delete(id);
    for (const id of here) if (!this.#members.has(id)) throw new Error(`${id} is here, and was never let in`);
    const members = this.#room.members.filter(({ role }) => role === "member");
    if (members.length > MAX_PLAYERS || here.size - members.length > MAX_SPECTATORS)
      throw new Error("too many are here");
    for (const [id, known] of this.#members) {
      this.#listen(known);
      const early = this.#early.get(id);
      if (early !== undefined) {
        known.owed.unshift(...early);
        this.#early.delete(id);
      }
      if (known.line === undefined) continue;
      if (!isDeepStrictEqual(known.heard, known.owed))
        throw new Error(`${id} heard ${known.heard.join(" ")}, but was to hear ${known.owed.join(" ")}`);
      if (known.view !== undefined && !isDeepStrictEqual([...known.view].toSorted(), [...here].toSorted()))
        throw new Error(`${id} believes that ${[...known.view].join(" ")} are here, but ${[...here].join(" ")} are`);
    }
    if (this.#fake.faults.length > 0) throw new Error("a function failed", { cause: this.#fake.faults[0]?.error });
  }
}

/** Lets promises that are settled go on. */
function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Who is here after this event. */
function told(view: ReadonlySet<string>, frame: object): Set<string> {
  const { event, members, member }: { event?: unknown; members?: unknown; member?: { readonly id: string } } = frame;
  const next = new Set(view);
  if (event === "joined" && Array.isArray(members)) return new Set(members.map(({ id }: { id: string }) => id));
  if (event === "join" && member !== undefined) next.add(member.id);
  if (event === "leave" && member !== undefined) next.delete(member.id);
  return next;
}
