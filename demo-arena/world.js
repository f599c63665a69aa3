/**
 * The tank battle itself: what moves, what hits what, who scores. It knows no page, no network and no clock: `step` takes the seconds
 * that have passed. What happens is told to `tell`, so that pictures, sounds and phones can follow.
 */
import { HEIGHT, STARTS, WIDTH } from "./maps.js";

export const TANK_RADIUS = 30;
export const SHELL_RADIUS = 8;
export const FULL_HEALTH = 3;

const SPEED = 330;
/** Radians a second: a tank turns fast, since a thumb does. */
const TURN = 7;
const SHELL_SPEED = 760;
const SHELL_SECONDS = 2.4;
const RELOAD_SECONDS = 0.45;
const RAPID_SECONDS = 0.16;
const RESPAWN_SECONDS = 2;
const SHIELD_SECONDS = 1.6;
const POWER_SECONDS = 8;
const PICKUP_EVERY = 6;
const MAX_PICKUPS = 3;
const MAX_SHELLS = 160;
/** A step is never longer, or shells would pass through walls. */
const LONGEST_STEP = 1 / 90;

/** @typedef {"repair" | "triple" | "rapid" | "shield"} Power */
/** @type {readonly Power[]} */
const POWERS = ["repair", "triple", "rapid", "shield"];

export class World {
  #tell;
  #random;
  #untilPickup = PICKUP_EVERY;

  /**
   * @param {(event: { type: string, [detail: string]: unknown }) => void} tell
   * @param {() => number} random from 0 up to 1
   */
  constructor(tell, random = Math.random) {
    this.#tell = tell;
    this.#random = random;
    /** @type {Map<number, ReturnType<typeof newTank>>} */
    this.tanks = new Map();
    this.shells = [];
    this.pickups = [];
    this.walls = [];
  }

  /** Clears the arena for a new match; the tanks stay, and begin anew. */
  begin(walls) {
    this.walls = walls;
    this.shells = [];
    this.pickups = [];
    this.#untilPickup = PICKUP_EVERY / 2;
    for (const tank of this.tanks.values()) this.renew(tank);
  }

  add(id) {
    if (!this.tanks.has(id)) this.tanks.set(id, newTank(id, this.freeStart()));
  }

  remove(id) {
    this.tanks.delete(id);
    this.shells = this.shells.filter(({ owner }) => owner !== id);
  }

  /** What the thumb says: x and y from -1 to 1. Anything else is no push. */
  steer(id, stick) {
    const tank = this.tanks.get(id);
    if (tank === undefined) return;
    const [x, y] = [stick?.x, stick?.y].map((value) => (Number.isFinite(value) ? value : 0));
    const length = Math.hypot(x, y);
    tank.push = Math.min(1, length);
    if (length > 0.15) tank.heading = Math.atan2(y, x);
    else tank.push = 0;
  }

  /** The fire button is held, or let go. */
  trigger(id, isDown) {
    const tank = this.tanks.get(id);
    if (tank !== undefined) tank.isFiring = isDown === true;
  }

  step(seconds) {
    for (let left = Math.min(seconds, 0.25); left > 0; left -= LONGEST_STEP) this.advance(Math.min(left, LONGEST_STEP));
  }

  advance(dt) {
    for (const tank of this.tanks.values()) this.drive(tank, dt);
    this.partTanks();
    for (const shell of this.shells) this.fly(shell, dt);
    this.shells = this.shells.filter(({ seconds }) => seconds > 0);
    this.#untilPickup -= dt;
    if (this.#untilPickup <= 0) this.dropPickup();
  }

  drive(tank, dt) {
    if (tank.health <= 0) {
      tank.respawn -= dt;
      if (tank.respawn <= 0) this.respawn(tank);
      return;
    }
    tank.shield = Math.max(0, tank.shield - dt);
    tank.reload = Math.max(0, tank.reload - dt);
    tank.powerSeconds = Math.max(0, tank.powerSeconds - dt);
    if (tank.powerSeconds === 0) tank.power = undefined;
    const turn = turnBetween(tank.angle, tank.heading);
    tank.angle += Math.sign(turn) * Math.min(Math.abs(turn), TURN * dt);
    // A tank that has to turn round drives little meanwhile.
    const target = tank.push * SPEED * Math.max(0, Math.cos(turn));
    tank.speed += (target - tank.speed) * Math.min(1, 10 * dt);
    tank.x += Math.cos(tank.angle) * tank.speed * dt;
    tank.y += Math.sin(tank.angle) * tank.speed * dt;
    tank.travelled += tank.speed * dt;
    this.keepOut(tank, TANK_RADIUS);
    this.pickUp(tank);
    if (tank.isFiring && tank.reload === 0) this.fire(tank);
  }

  /** Pushes a circle out of the walls, and into the arena. */
  keepOut(tank, radius) {
    for (const { x, y, width, height } of this.walls) {
      const dx = tank.x - clamp(tank.x, x, x + width);
      const dy = tank.y - clamp(tank.y, y, y + height);
      const distance = Math.hypot(dx, dy);
      if (distance >= radius) continue;
      if (distance > 0) {
        tank.x += (dx / distance) * (radius - distance);
        tank.y += (dy / distance) * (radius - distance);
      } else tank.y = y - radius; // its middle is in the wall: out at the top
    }
    tank.x = clamp(tank.x, radius, WIDTH - radius);
    tank.y = clamp(tank.y, radius, HEIGHT - radius);
  }

  partTanks() {
    const tanks = [...this.tanks.values()].filter(({ health }) => health > 0);
    for (const [index, one] of tanks.entries()) {
      for (const other of tanks.slice(index + 1)) {
        const dx = other.x - one.x;
        const dy = other.y - one.y;
        const distance = Math.hypot(dx, dy) || 1;
        const overlap = (2 * TANK_RADIUS - distance) / 2;
        if (overlap <= 0) continue;
        one.x -= (dx / distance) * overlap;
        one.y -= (dy / distance) * overlap;
        other.x += (dx / distance) * overlap;
        other.y += (dy / distance) * overlap;
        this.keepOut(one, TANK_RADIUS);
        this.keepOut(other, TANK_RADIUS);
      }
    }
  }

  fire(tank) {
    tank.reload = tank.power === "rapid" ? RAPID_SECONDS : RELOAD_SECONDS;
    const spread = tank.power === "triple" ? [-0.2, 0, 0.2] : [0];
    for (const offset of spread) {
      if (this.shells.length >= MAX_SHELLS) break;
      const angle = tank.angle + offset;
      const [dx, dy] = [Math.cos(angle), Math.sin(angle)];
      // From the middle of the tank, not from the muzzle: that may be behind a wall.
      this.shells.push({
        owner: tank.id,
        x: tank.x,
        y: tank.y,
        dx: dx * SHELL_SPEED,
        dy: dy * SHELL_SPEED,
        seconds: SHELL_SECONDS,
        bounces: 1,
      });
    }
    tank.speed -= 60;
    this.#tell({ type: "fire", id: tank.id, x: tank.x, y: tank.y, angle: tank.angle });
  }

  fly(shell, dt) {
    shell.seconds -= dt;
    shell.x += shell.dx * dt;
    this.bounce(shell, "x", "dx", dt);
    shell.y += shell.dy * dt;
    this.bounce(shell, "y", "dy", dt);
    if (shell.seconds <= 0) return;
    for (const tank of this.tanks.values()) {
      // A shell does no harm to its own tank: a beginner who fires at a wall should not pay for it.
      if (tank.health <= 0 || tank.id === shell.owner) continue;
      if (Math.hypot(tank.x - shell.x, tank.y - shell.y) >= TANK_RADIUS + SHELL_RADIUS) continue;
      shell.seconds = 0;
      this.hit(tank, shell);
      return;
    }
  }

  bounce(shell, along, speed, dt) {
    if (!this.isBlocked(shell)) return;
    shell[along] -= shell[speed] * dt;
    shell[speed] = -shell[speed];
    shell.bounces -= 1;
    if (shell.bounces < 0) shell.seconds = 0;
    this.#tell({ type: shell.bounces < 0 ? "puff" : "bounce", x: shell.x, y: shell.y });
  }

  isBlocked({ x, y }) {
    if (x < SHELL_RADIUS || y < SHELL_RADIUS || x > WIDTH - SHELL_RADIUS || y > HEIGHT - SHELL_RADIUS) return true;
    return this.walls.some(
      (wall) =>
        x > wall.x - SHELL_RADIUS &&
        x < wall.x + wall.width + SHELL_RADIUS &&
        y > wall.y - SHELL_RADIUS &&
        y < wall.y + wall.height + SHELL_RADIUS,
    );
  }

  hit(tank, { owner, x, y }) {
    if (tank.shield > 0) {
      this.#tell({ type: "deflect", id: tank.id, x, y });
      return;
    }
    tank.health -= 1;
    const angle = Math.atan2(tank.y - y, tank.x - x);
    tank.x += Math.cos(angle) * 8;
    tank.y += Math.sin(angle) * 8;
    this.keepOut(tank, TANK_RADIUS);
    if (tank.health > 0) {
      this.#tell({ type: "hit", id: tank.id, by: owner, x, y, health: tank.health });
      return;
    }
    tank.respawn = RESPAWN_SECONDS;
    tank.power = undefined;
    tank.powerSeconds = 0;
    tank.speed = 0;
    this.#tell({ type: "wreck", id: tank.id, by: owner, x: tank.x, y: tank.y });
  }

  respawn(tank) {
    this.renew(tank);
    this.#tell({ type: "spawn", id: tank.id, x: tank.x, y: tank.y, health: tank.health });
  }

  /** The tank is as new at another start. What its player's thumbs hold down goes on. */
  renew(tank) {
    const { push, heading, isFiring } = tank;
    Object.assign(tank, newTank(tank.id, this.freeStart()), { push, heading, isFiring });
  }

  /** The start that is farthest from every tank. */
  freeStart() {
    const tanks = [...this.tanks.values()].filter(({ health }) => health > 0);
    const roomAt = ({ x, y }) => Math.min(9_999, ...tanks.map((tank) => Math.hypot(tank.x - x, tank.y - y)));
    const rooms = STARTS.map((start) => roomAt(start) + this.#random());
    return STARTS[rooms.indexOf(Math.max(...rooms))];
  }

  dropPickup() {
    this.#untilPickup = PICKUP_EVERY;
    if (this.pickups.length >= MAX_PICKUPS) return;
    const spot = { x: 120 + this.#random() * (WIDTH - 240), y: 120 + this.#random() * (HEIGHT - 240) };
    this.keepOut(spot, 44);
    const power = POWERS[Math.floor(this.#random() * POWERS.length)];
    this.pickups.push({ ...spot, power });
    this.#tell({ type: "drop", ...spot, power });
  }

  pickUp(tank) {
    const found = this.pickups.find(({ x, y }) => Math.hypot(tank.x - x, tank.y - y) < TANK_RADIUS + 26);
    if (found === undefined) return;
    this.pickups = this.pickups.filter((pickup) => pickup !== found);
    const { power } = found;
    if (power === "repair") tank.health = FULL_HEALTH;
    else if (power === "shield") tank.shield = POWER_SECONDS;
    else Object.assign(tank, { power, powerSeconds: POWER_SECONDS });
    this.#tell({ type: "pickup", id: tank.id, power, x: found.x, y: found.y, health: tank.health });
  }
}

function newTank(id, { x, y, angle }) {
  return {
    id,
    x,
    y,
    angle,
    heading: angle,
    push: 0,
    speed: 0,
    travelled: 0,
    isFiring: false,
    health: FULL_HEALTH,
    respawn: 0,
    reload: 0,
    shield: SHIELD_SECONDS,
    power: undefined,
    powerSeconds: 0,
  };
}

/** The smallest turn from one angle to another. */
function turnBetween(from, to) {
  return Math.atan2(Math.sin(to - from), Math.cos(to - from));
}

function clamp(value, low, high) {
  return Math.min(high, Math.max(low, value));
}
