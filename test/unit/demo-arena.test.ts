/** The battle of the second demo game, without a page. It is plain JavaScript, so what is used of it is typed here. */
import { describe, expect, test } from "@jest/globals";
import { SeededRandom } from "../support/seeded-random.ts";

interface Tank {
  x: number;
  y: number;
  angle: number;
  heading: number;
  health: number;
  shield: number;
  power: string | undefined;
}
interface Wall {
  x: number;
  y: number;
  width: number;
  height: number;
}
interface BattleEvent {
  type: string;
  id?: number;
  by?: number;
}
interface Battle {
  readonly tanks: ReadonlyMap<number, Tank>;
  shells: { owner: number }[];
  pickups: { x: number; y: number; power: string }[];
  begin(walls: readonly Wall[]): void;
  add(id: number): void;
  remove(id: number): void;
  steer(id: number, stick: unknown): void;
  trigger(id: number, isDown: unknown): void;
  step(seconds: number): void;
}

// In variables, so that the compiler does not look into the pages' scripts.
const [worldFile, mapsFile] = ["../../demo-arena/world.js", "../../demo-arena/maps.js"];
const { World, FULL_HEALTH, TANK_RADIUS }: WorldModule = await import(worldFile);
const { MAPS, WIDTH, HEIGHT }: MapsModule = await import(mapsFile);

interface WorldModule {
  World: new (tell: (event: BattleEvent) => void, random?: () => number) => Battle;
  FULL_HEALTH: number;
  TANK_RADIUS: number;
}
interface MapsModule {
  MAPS: readonly { name: string; walls: readonly Wall[] }[];
  WIDTH: number;
  HEIGHT: number;
}

function battle(ids: readonly number[], walls: readonly Wall[] = []) {
  const events: BattleEvent[] = [];
  const world = new World(
    (event) => events.push(event),
    () => 0.5,
  );
  for (const id of ids) world.add(id);
  world.begin(walls);
  for (const tank of world.tanks.values()) tank.shield = 0;
  return { world, events };
}

function place(world: Battle, id: number, x: number, y: number, angle = 0): Tank {
  const tank = world.tanks.get(id);
  if (tank === undefined) throw new Error(`There is no tank ${id}.`);
  return Object.assign(tank, { x, y, angle, heading: angle });
}

function seconds(world: Battle, count: number): void {
  for (let frame = 0; frame < count * 60; frame++) world.step(1 / 60);
}

describe("demo-arena", () => {
  test("a tank drives where the stick points, and stands when it is let go", () => {
    const { world } = battle([1]);
    const tank = place(world, 1, 300, 480);
    world.steer(1, { x: 1, y: 0 });
    seconds(world, 1);
    expect(tank.x).toBeGreaterThan(500);
    expect(Math.abs(tank.y - 480)).toBeLessThan(1);
    world.steer(1, { x: 0, y: 0 });
    seconds(world, 1);
    const { x } = tank;
    seconds(world, 1);
    expect(tank.x - x).toBeLessThan(0.1);
  });

  test.each([undefined, null, "north", {}, { x: NaN, y: Infinity }, { x: "1", y: [] }])(
    "the stick %j does nothing",
    (stick) => {
      const { world } = battle([1]);
      const tank = place(world, 1, 300, 480);
      world.steer(1, stick);
      world.trigger(1, "yes");
      seconds(world, 0.5);
      expect([tank.x, tank.y, world.shells.length]).toEqual([300, 480, 0]);
    },
  );

  test("a stick that is pushed too far drives no faster", () => {
    const { world } = battle([1, 2]);
    const one = place(world, 1, 300, 200);
    const other = place(world, 2, 300, 700);
    world.steer(1, { x: 1, y: 0 });
    world.steer(2, { x: 1_000, y: 0 });
    seconds(world, 1);
    expect(other.x).toBe(one.x);
  });

  test("three hits wreck a tank: each is told, the wreck once and by whom; then it comes back", () => {
    const { world, events } = battle([1, 2]);
    place(world, 1, 300, 480);
    const target = place(world, 2, 700, 480);
    world.trigger(1, true);
    while (target.health > 0) seconds(world, 0.1);
    world.trigger(1, false);
    expect(events.filter(({ type }) => type === "hit")).toHaveLength(FULL_HEALTH - 1);
    expect(events.filter(({ type }) => type === "wreck")).toEqual([expect.objectContaining({ id: 2, by: 1 })]);
    seconds(world, 3);
    expect(target.health).toBe(FULL_HEALTH);
  });

  test("a shell bounces off a wall once, does its own tank no harm, and others harm all the same", () => {
    const { world, events } = battle([1, 2], [{ x: 600, y: 300, width: 40, height: 360 }]);
    const tank = place(world, 1, 300, 480);
    const other = place(world, 2, 100, 480);
    world.trigger(1, true);
    world.step(1 / 60);
    world.trigger(1, false);
    seconds(world, 2);
    expect(events.map(({ type }) => type).slice(0, 3)).toEqual(["fire", "bounce", "hit"]);
    expect([tank.health, other.health]).toEqual([FULL_HEALTH, FULL_HEALTH - 1]);
  });

  test("a button that is held when the match begins fires in it", () => {
    const { world, events } = battle([1]);
    world.trigger(1, true);
    world.begin([]);
    world.step(1 / 60);
    expect(events.map(({ type }) => type)).toContain("fire");
  });

  test("a tank that leaves takes its shells along", () => {
    const { world } = battle([1, 2]);
    world.trigger(1, true);
    world.step(1 / 60);
    world.remove(1);
    expect(world.shells).toEqual([]);
    world.steer(1, { x: 1, y: 0 });
    world.trigger(1, true);
    seconds(world, 0.5);
    expect([...world.tanks.keys()]).toEqual([2]);
  });

  test("a repair box mends, others give their power for a while", () => {
    const { world } = battle([1]);
    const tank = place(world, 1, 300, 480);
    tank.health = 1;
    world.pickups = [
      { x: 300, y: 480, power: "repair" },
      { x: 300, y: 480, power: "triple" },
    ];
    seconds(world, 0.1);
    expect([tank.health, tank.power]).toEqual([FULL_HEALTH, "triple"]);
    expect(world.pickups).toEqual([]);
    seconds(world, 9);
    expect(tank.power).toBeUndefined();
  });

  test.each(MAPS)(
    "$name: in a minute of eight wild tanks none leaves the arena, stands in a wall, or is stuck",
    ({ walls }) => {
      const random = new SeededRandom(7);
      const { world, events } = battle([1, 2, 3, 4, 5, 6, 7, 8], walls);
      for (let frame = 0; frame < 60 * 60; frame++) {
        for (const id of world.tanks.keys()) {
          if (random.next() < 0.03) world.steer(id, { x: random.next() * 2 - 1, y: random.next() * 2 - 1 });
          world.trigger(id, random.next() < 0.5);
        }
        world.step(1 / 60);
        for (const { x, y } of world.tanks.values()) {
          const isOutside = x < TANK_RADIUS || y < TANK_RADIUS || x > WIDTH - TANK_RADIUS || y > HEIGHT - TANK_RADIUS;
          const isInWall = walls.some((w) => x > w.x && y > w.y && x < w.x + w.width && y < w.y + w.height);
          if (isOutside || isInWall) throw new Error(`A tank is at ${x}, ${y}.`);
        }
      }
      const wrecked = new Set(events.filter(({ type }) => type === "wreck").map(({ id }) => id));
      expect(wrecked.size).toBe(8);
    },
  );
});
