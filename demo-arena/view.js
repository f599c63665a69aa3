/** Draws the battle on a canvas, in the arena's own units. The floor and the walls are drawn once for each map. */
import { createEffects } from "./effects.js";
import { HEIGHT, WIDTH } from "./maps.js";
import { FULL_HEALTH, SHELL_RADIUS, TANK_RADIUS } from "./world.js";

const POWER_LOOKS = {
  repair: { color: "#ff6b81", sign: "+" },
  triple: { color: "#ffd166", sign: "⁂" },
  rapid: { color: "#5ee0a0", sign: "»" },
  shield: { color: "#6cc8ff", sign: "◈" },
};

/** @param {HTMLCanvasElement} canvas */
export function createView(canvas) {
  const context = canvas.getContext("2d", { alpha: false });
  const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const effects = createEffects();
  const floor = document.createElement("canvas");
  const marks = document.createElement("canvas");
  let map;
  let scale = 1;

  function fit() {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    if (canvas.width === width && map?.isDrawn) return;
    scale = width / WIDTH;
    for (const each of [canvas, floor, marks]) {
      each.width = width;
      each.height = Math.round(HEIGHT * scale);
    }
    if (map === undefined) return;
    paintFloor(floor.getContext("2d"), scale, map);
    map.isDrawn = true;
  }

  /** @param {{ tanks: Map<number, any>, shells: any[], pickups: any[] }} world */
  function draw(world, lookOf, seconds) {
    fit();
    effects.step(seconds);
    const { x, y } = isCalm ? { x: 0, y: 0 } : effects.offset;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(floor, 0, 0);
    leaveTracks(world.tanks, seconds);
    context.drawImage(marks, 0, 0);
    context.setTransform(scale, 0, 0, scale, x * scale, y * scale);
    for (const pickup of world.pickups) drawPickup(context, pickup);
    for (const tank of world.tanks.values()) drawTank(context, tank, lookOf(tank.id));
    for (const shell of world.shells) drawShell(context, shell, lookOf(shell.owner).color);
    effects.draw(context);
    for (const tank of world.tanks.values()) drawName(context, tank, lookOf(tank.id));
  }

  let sinceFade = 0;
  function leaveTracks(tanks, seconds) {
    const ink = marks.getContext("2d");
    sinceFade += seconds;
    if (sinceFade > 0.5) {
      sinceFade = 0;
      ink.setTransform(1, 0, 0, 1, 0, 0);
      ink.globalCompositeOperation = "destination-out";
      ink.fillStyle = "rgba(0, 0, 0, 0.06)";
      ink.fillRect(0, 0, marks.width, marks.height);
      ink.globalCompositeOperation = "source-over";
    }
    ink.fillStyle = "rgba(4, 14, 18, 0.22)";
    for (const tank of tanks.values()) {
      if (tank.health <= 0 || tank.travelled - (tank.markedAt ?? 0) < 12) continue;
      tank.markedAt = tank.travelled;
      ink.setTransform(scale, 0, 0, scale, tank.x * scale, tank.y * scale);
      ink.rotate(tank.angle);
      ink.fillRect(-4, -26, 7, 12);
      ink.fillRect(-4, 14, 7, 12);
    }
  }

  return {
    effects,
    draw,
    /** @param {{ name: string, walls: readonly { x: number, y: number, width: number, height: number }[] }} next */
    show(next) {
      map = { ...next, isDrawn: false };
      canvas.width = 0;
      fit();
    },
    /** A burn mark that stays. */
    scorch(x, y) {
      const ink = marks.getContext("2d");
      ink.setTransform(scale, 0, 0, scale, x * scale, y * scale);
      const burn = ink.createRadialGradient(0, 0, 4, 0, 0, 70);
      burn.addColorStop(0, "rgba(3, 8, 10, 0.75)");
      burn.addColorStop(1, "rgba(3, 8, 10, 0)");
      ink.fillStyle = burn;
      ink.fillRect(-70, -70, 140, 140);
    },
  };
}

function paintFloor(context, scale, { walls, name }) {
  context.setTransform(scale, 0, 0, scale, 0, 0);
  const ground = context.createRadialGradient(WIDTH / 2, HEIGHT / 2, 100, WIDTH / 2, HEIGHT / 2, WIDTH * 0.62);
  ground.addColorStop(0, "#2b5566");
  ground.addColorStop(1, "#173440");
  context.fillStyle = ground;
  context.fillRect(0, 0, WIDTH, HEIGHT);
  // Slabs, each a little lighter or darker than its neighbours.
  for (let row = 0; row * 96 < HEIGHT; row++) {
    for (let column = 0; column * 96 < WIDTH; column++) {
      const shade = ((row * 7 + column * 13 + row * column) % 5) - 2;
      context.fillStyle = shade > 0 ? `rgba(255, 255, 255, ${shade * 0.012})` : `rgba(0, 0, 0, ${-shade * 0.025})`;
      context.fillRect(column * 96 + 2, row * 96 + 2, 92, 92);
    }
  }
  context.fillStyle = "rgba(255, 255, 255, 0.05)";
  context.font = "900 190px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(name.toUpperCase(), WIDTH / 2, HEIGHT / 2);
  context.textBaseline = "alphabetic";
  context.fillStyle = "rgba(4, 14, 18, 0.4)";
  for (const { x, y, width, height } of walls) box(context, x + 10, y + 14, width, height, 12);
  for (const { x, y, width, height } of walls) {
    context.fillStyle = "#b98545";
    box(context, x, y + 4, width, height, 12);
    context.fillStyle = "#f0bf74";
    box(context, x, y - 4, width, height - 2, 12);
    context.fillStyle = "#ffd999";
    box(context, x + 6, y + 1, width - 12, 6, 3);
  }
  context.strokeStyle = "rgba(4, 14, 18, 0.5)";
  context.lineWidth = 12;
  context.strokeRect(0, 0, WIDTH, HEIGHT);
}

function drawTank(context, tank, { color, isAway }) {
  if (tank.health <= 0) return;
  const { x, y, angle, travelled, shield, reload } = tank;
  context.save();
  context.translate(x, y);
  context.globalAlpha = isAway ? 0.45 : 1;
  context.fillStyle = "rgba(4, 14, 18, 0.35)";
  context.beginPath();
  context.ellipse(5, 9, 36, 32, 0, 0, 2 * Math.PI);
  context.fill();
  context.rotate(angle);
  for (const side of [-30, 16]) {
    context.fillStyle = "#0d1c22";
    box(context, -34, side, 68, 14, 6);
    context.fillStyle = "#3b525c";
    const turn = ((travelled % 12) + 12) % 12;
    for (let at = -32 + turn; at < 30; at += 12) context.fillRect(at, side + 2, 4, 10);
  }
  context.fillStyle = "#0d1c22";
  box(context, -31, -23, 62, 46, 12);
  context.fillStyle = color;
  box(context, -28, -20, 56, 40, 10);
  context.fillStyle = "rgba(255, 255, 255, 0.22)";
  box(context, -28, -20, 56, 12, 8);
  const kick = reload > 0.3 ? -7 : 0; // the barrel jumps back at a shot
  context.fillStyle = "#0d1c22";
  box(context, 4 + kick, -9, 44, 18, 6);
  context.fillStyle = color;
  box(context, 6 + kick, -6, 39, 12, 4);
  context.fillStyle = "#0d1c22";
  context.beginPath();
  context.arc(-2, 0, 17, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = color;
  context.beginPath();
  context.arc(-2, 0, 14, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "rgba(255, 255, 255, 0.35)";
  context.beginPath();
  context.arc(-5, -4, 6, 0, 2 * Math.PI);
  context.fill();
  context.restore();
  if (shield <= 0) return;
  context.globalAlpha = Math.min(1, shield) * 0.8;
  context.strokeStyle = POWER_LOOKS.shield.color;
  context.lineWidth = 5;
  context.beginPath();
  context.arc(x, y, TANK_RADIUS + 16, 0, 2 * Math.PI);
  context.stroke();
  context.globalAlpha = 1;
}

/** The name, and the health while some is missing. */
function drawName(context, { x, y, health }, { name, isLeader }) {
  if (health <= 0) return;
  context.textAlign = "center";
  context.font = "700 24px system-ui, sans-serif";
  context.lineWidth = 6;
  context.lineJoin = "round";
  context.strokeStyle = "rgba(11, 27, 34, 0.85)";
  const label = isLeader ? `♛ ${name}` : name;
  const top = y < 90 ? y + 70 : y - 46;
  context.strokeText(label, x, top);
  context.fillStyle = isLeader ? "#ffd166" : "#ffffff";
  context.fillText(label, x, top);
  if (health === FULL_HEALTH) return;
  for (let index = 0; index < FULL_HEALTH; index++) {
    context.fillStyle = index < health ? "#5ee0a0" : "rgba(11, 27, 34, 0.8)";
    box(context, x - 32 + index * 23, y + 42, 18, 7, 3);
  }
}

function drawShell(context, { x, y, dx, dy }, color) {
  const angle = Math.atan2(dy, dx);
  context.lineCap = "round";
  context.strokeStyle = color;
  context.globalAlpha = 0.5;
  context.lineWidth = 10;
  context.beginPath();
  context.moveTo(x, y);
  context.lineTo(x - Math.cos(angle) * 34, y - Math.sin(angle) * 34);
  context.stroke();
  context.globalAlpha = 1;
  context.fillStyle = "#fff7dd";
  context.beginPath();
  context.arc(x, y, SHELL_RADIUS, 0, 2 * Math.PI);
  context.fill();
}

function drawPickup(context, { x, y, power }) {
  const { color, sign } = POWER_LOOKS[power];
  const lift = Math.sin(performance.now() / 260 + x) * 4;
  context.fillStyle = "rgba(4, 14, 18, 0.35)";
  context.beginPath();
  context.ellipse(x, y + 24, 22, 8, 0, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = "#0d1c22";
  box(context, x - 26, y - 26 + lift, 52, 52, 16);
  context.fillStyle = color;
  box(context, x - 22, y - 22 + lift, 44, 44, 13);
  context.fillStyle = "#0d1c22";
  context.font = "900 34px system-ui, sans-serif";
  context.textAlign = "center";
  context.fillText(sign, x, y + 12 + lift);
}

function box(context, x, y, width, height, radius) {
  const round = Math.min(radius, width / 2, height / 2);
  context.beginPath();
  context.moveTo(x + round, y);
  context.arcTo(x + width, y, x + width, y + height, round);
  context.arcTo(x + width, y + height, x, y + height, round);
  context.arcTo(x, y + height, x, y, round);
  context.arcTo(x, y, x + width, y, round);
  context.fill();
}
