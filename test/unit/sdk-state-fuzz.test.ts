/** The states of a room through cuts, reloads, losses and late comers, step by step and without a socket. */
import { describe, expect, test } from "@jest/globals";
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constantFrom,
  nat,
  record,
  subarray,
  type Arbitrary,
} from "../support/property-testing.ts";
import { StateWorld } from "../support/state-world.ts";

const STEPS = [
  "set",
  "set both",
  "delete",
  "set player",
  "write",
  "write what is refused",
  "write one key",
  "join",
  "leave",
  "carry from TV",
  "carry to TV",
  "carry from phone",
  "carry to phone",
  "cut TV",
  "cut phone",
  "reload TV",
  "reload phone",
  "lose for phone",
  "lose of phone",
  "lose of TV",
  "end turn",
] as const;

interface Step {
  readonly step: (typeof STEPS)[number];
  readonly player: number;
  readonly value: number;
  readonly isYes: boolean;
}

type Kind = (typeof STEPS)[number];

const stepsOf = (kinds: readonly Kind[]): Arbitrary<Step[]> =>
  array(record({ step: constantFrom(...kinds), player: nat(4), value: nat(12), isYes: boolean() }), {
    minLength: 5,
    maxLength: 120,
  });

/** Each run takes some kinds of steps and not others, so that what is rare among all of them happens often in some runs. */
const steps = (kinds: readonly Kind[]): Arbitrary<Step[]> => subarray([...kinds], { minLength: 5 }).chain(stepsOf);

/** Buffers that do not hold, again and again. */
const LOSSES: readonly Kind[] = [
  "set both",
  "set player",
  "write",
  "carry from TV",
  "carry to TV",
  "carry from phone",
  "carry to phone",
  "lose for phone",
  "lose of phone",
  "lose of TV",
  "end turn",
];

const endTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

async function take(world: StateWorld, { step, player: index, value, isYes }: Step): Promise<void> {
  const player = world.roster[index % Math.max(1, world.roster.length)] ?? 1;
  const pair = isYes ? { x: value, y: value } : { x: { deep: [value] }, y: { deep: [value] } };
  switch (step) {
    case "set":
      return world.teller.shared.set(`k${index}`, isYes ? value : { list: [value], nothing: null });
    case "set both":
      return world.teller.shared.set({ a: value, b: value });
    case "delete":
      return isYes ? world.teller.shared.delete(`k${index}`) : world.teller.shared.set({ a: null, b: null });
    case "set player":
      return world.teller.of(player).game.set(pair);
    case "write":
      return world.phone(player)?.reader.mine.set(pair);
    case "write what is refused":
      return world.phone(player)?.reader.mine.set({ x: "refused", y: "refused" });
    case "write one key":
      return world.phone(player)?.reader.mine.set(`own${index}`, isYes ? value : null);
    case "join":
      return void (world.phones.size < 5 && world.join());
    case "leave":
      return isYes && value < 4 ? world.leave(player) : undefined;
    case "carry from TV":
      return world.carryFromTv(value);
    case "carry to TV":
      return world.carryToTv(value);
    case "carry from phone":
      return world.carryFromPhone(player, value);
    case "carry to phone":
      return world.carryToPhone(player, value, isYes);
    case "cut TV":
      return world.setTvUp(isYes);
    case "cut phone":
      return world.setPhoneUp(player, isYes);
    case "reload TV":
      return world.reloadTv();
    case "reload phone":
      return world.reloadPhone(player);
    case "lose for phone":
      return world.loseForPhone(player);
    case "lose of phone":
      return world.loseOfPhone(player);
    case "lose of TV":
      return world.loseOfTv();
    case "end turn":
      return await endTurn();
    default:
      step satisfies never;
  }
}

/** Every line is up, and carries all there is. Returns how many rounds that took. */
async function settle(world: StateWorld): Promise<number> {
  world.setTvUp(true);
  for (const player of world.phones.keys()) world.setPhoneUp(player, true);
  for (let round = 1; round <= 50; round++) {
    await endTurn();
    if (world.isQuiet) return round;
    world.carryFromTv(Infinity);
    world.carryToTv(Infinity);
    for (const player of world.phones.keys()) {
      world.carryFromPhone(player, Infinity);
      world.carryToPhone(player, Infinity, true);
    }
  }
  throw new Error("It never becomes quiet");
}

function expectSame(world: StateWorld): void {
  const shared = world.teller.shared.all();
  for (const player of world.roster) {
    const { reader } = world.phone(player) ?? {};
    expect({ player, ...reader?.shared.all() }).toEqual({ player, ...shared });
    expect({ player, ...reader?.mine.all() }).toEqual({ player, ...shared, ...world.teller.of(player).game.all() });
  }
}

async function play(world: StateWorld, taken: readonly Step[]): Promise<void> {
  world.join();
  world.join();
  world.teller.shared.set("game", "uses state");
  await endTurn();
  world.carryFromTv(Infinity);
  for (const step of taken) await take(world, step);
  await settle(world);
}

describe("P5.10.2 whatever happens to the lines and pages", () => {
  test.each([
    ["all that may happen", steps(STEPS)],
    ["buffers that do not hold", stepsOf(LOSSES)],
  ])(
    "P5.10.2 every page ends with the same state, and so do pages that are loaded again: %s",
    async (_what, taking) => {
      await assert(
        asyncProperty(taking, async (taken) => {
          const world = new StateWorld();
          await play(world, taken);
          expectSame(world);
          for (const player of world.roster) world.teller.of(player).game.set({ x: "end", y: "end" });
          world.teller.shared.set({ a: "end", b: "end" });
          await settle(world);
          expectSame(world);
          for (const player of world.roster) {
            world.reloadPhone(player);
            expect(world.phone(player)?.reader.shared.all()).toEqual(world.teller.shared.all());
          }
          await settle(world);
          expectSame(world);
          const shared = world.teller.shared.all();
          const players = world.roster.map((player) => world.teller.of(player).game.all());
          world.reloadTv();
          expect(world.teller.shared.all()).toEqual(shared);
          await settle(world);
          expect(world.roster.map((player) => world.teller.of(player).game.all())).toEqual(players);
          expectSame(world);
        }),
      );
    },
  );

  test("P5.10.2 what is set together is seen together, on every page and at every moment", async () => {
    await assert(
      asyncProperty(steps(STEPS), async (taken) => {
        const world = new StateWorld();
        await play(world, taken);
        for (const { who, values } of world.seen) expect({ who, value: values[0] }).toEqual({ who, value: values[1] });
      }),
    );
  });

  test("P5.10.2 a listener finds in the other state what was set before", async () => {
    const kinds = array(record({ owner: nat(3), ends: boolean(), carried: nat(3), to: nat(2) }), { maxLength: 60 });
    await assert(
      asyncProperty(kinds, async (taken) => {
        const world = new StateWorld();
        for (let player = 0; player < 3; player++) world.join();
        world.carryToTv(Infinity);
        await settle(world);
        const seen: { player: number; room: number; own: number }[] = [];
        for (const [player, { reader }] of world.phones) {
          const note = (): void => {
            const [room, own] = [reader.shared.get("n"), reader.mine.get("m")];
            seen.push({ player, room: Number(room ?? 0), own: Number(own ?? 0) });
          };
          reader.shared.on(note);
          reader.mine.on(note);
        }
        const setAt: number[][] = [[], [], [], []];
        for (const [index, { owner, ends, carried, to }] of taken.entries()) {
          setAt[owner]?.push(index + 1);
          if (owner === 0) world.teller.shared.set("n", index + 1);
          else world.teller.of(owner).game.set("m", index + 1);
          if (ends) await endTurn();
          world.carryFromTv(carried);
          world.carryToPhone(to + 1, carried, true);
        }
        await settle(world);
        const lastBefore = (owner: number, limit: number): number =>
          Math.max(0, ...(setAt[owner] ?? []).filter((at) => at < limit));
        for (const { player, room, own } of seen) {
          expect(own).toBeGreaterThanOrEqual(lastBefore(player, room));
          expect(room).toBeGreaterThanOrEqual(lastBefore(0, own));
        }
      }),
    );
  });

  test("P5.10.2 a room that is quiet stays quiet: no page answers what it was told", async () => {
    await assert(
      asyncProperty(steps(STEPS), async (taken) => {
        const world = new StateWorld();
        await play(world, taken);
        const bytes = new Map(world.bytesTo);
        expect(await settle(world)).toBe(1);
        expect(world.bytesTo).toEqual(bytes);
      }),
    );
  });

  test("P5.10.2 no refusal is told twice, whichever page is loaded again", async () => {
    await assert(
      asyncProperty(steps(STEPS), async (taken) => {
        const world = new StateWorld();
        await play(world, taken);
        const written = taken.filter(({ step }) => step === "write what is refused").length;
        const told = [...world.phones.values()].flatMap(({ refusals }) => refusals);
        expect(told.length).toBeLessThanOrEqual(written);
      }),
    );
  });

  test("P5.10.2 what a phone that loses nothing wrote last, and the TV did not change, is what the TV has", async () => {
    const lossless = STEPS.filter((step) => !step.startsWith("lose") && step !== "leave" && step !== "set player");
    const withoutReload = lossless.filter((step) => step !== "reload phone" && step !== "write what is refused");
    await assert(
      asyncProperty(steps(withoutReload), async (taken) => {
        const world = new StateWorld();
        await play(world, taken);
        world.phone(1)?.reader.mine.set({ x: "last", y: "last" });
        expect(world.phone(1)?.reader.mine.get("x")).toBe("last");
        await settle(world);
        expect(world.teller.of(1).game.get("x")).toBe("last");
      }),
    );
  });
});
