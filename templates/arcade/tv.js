/** The TV: moves the ships in each picture, and tells the state 20 times a second, so that a reload loses nothing. */
import { createRoom } from "/sdk/couchwire.js";
import "/sdk/ui.js";

const [WIDTH, HEIGHT, SPEED, REACH, STARS] = [1920, 1080, 700, 75, 6]; // in pixels, and pixels a second
const SHIP = new Path2D("M50 0L-35 32L-20 0L-35-32Z");
const STAR = new Path2D("M0-36L10-11 36-9 16 8 22 34 0 20-22 34-16 8-36-9-10-11Z");
const find = (selector) => document.querySelector(selector);
const number = (value) => (typeof value === "number" ? value : 0); // phones may lie
const somewhere = () => ({ x: Math.random() * WIDTH, y: Math.random() * HEIGHT });

async function main() {
  const room = await createRoom({ acceptPlayerState: () => "The TV alone keeps the scores." });
  const { state } = room;
  const paint = find("canvas").getContext("2d");
  const sticks = new Map(); // what each thumb does now
  const { ships = {}, stars = Array.from({ length: STARS }, somewhere) } = state.all();
  const isPlaying = () => room.now() < (state.get("deadline") ?? 0);

  function move(player, ship, seconds) {
    const { x, y } = sticks.get(player) ?? { x: 0, y: 0 };
    ship.x = (ship.x + x * SPEED * seconds + WIDTH) % WIDTH;
    ship.y = (ship.y + y * SPEED * seconds + HEIGHT) % HEIGHT;
    if (x !== 0 || y !== 0) ship.angle = Math.atan2(y, x);
    const caught = stars.findIndex((star) => Math.hypot(star.x - ship.x, star.y - ship.y) < REACH);
    if (caught < 0) return;
    stars[caught] = somewhere();
    player.state.update("score", (score = 0) => score + 1);
    player.emit("star");
  }

  function draw(shape, { x, y, angle }, color) {
    paint.setTransform(1, 0, 0, 1, x, y);
    paint.rotate(angle);
    paint.shadowBlur = 40;
    paint.shadowColor = "#fff";
    paint.fillStyle = color;
    paint.fill(shape);
  }

  let before = performance.now();
  function frame(now) {
    const seconds = Math.min(0.05, (now - before) / 1000);
    before = now;
    paint.resetTransform();
    paint.clearRect(0, 0, WIDTH, HEIGHT);
    for (const star of stars) draw(STAR, { ...star, angle: now / 900 }, "#ffe066");
    for (const player of room.players) {
      const ship = (ships[player.id] ??= { ...somewhere(), angle: 0 });
      if (isPlaying()) move(player, ship, seconds);
      draw(SHIP, ship, player.color);
    }
    requestAnimationFrame(frame);
  }

  room.on("stick", (player, stick) => {
    const [x, y] = [number(stick?.x), number(stick?.y)];
    const length = Math.max(1, Math.hypot(x, y)); // no stick is longer
    sticks.set(player, { x: x / length, y: y / length });
  });
  room.on("away", (player) => sticks.delete(player)); // a lost phone cannot let go
  find("cw-leaderboard").bind(room, "score");
  find("cw-countdown").bind(room, "deadline");
  find("cw-countdown").addEventListener("end", () => state.set("deadline", null));
  find("b").textContent = room.code; // for late comers
  find("cw-lobby").bind(room, { hideWhile: isPlaying });
  find("cw-lobby").addEventListener("start", () => {
    for (const player of room.players) player.state.set("score", 0);
    state.set("deadline", room.countdown(60_000));
  });
  setInterval(() => isPlaying() && state.set({ ships, stars }), 50);
  frame(before);
}

main();
