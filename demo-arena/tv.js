/** The TV's page: the battle, the scores, and three phases — lobby, play, over. Phones only steer. */
// oxlint-disable import/no-absolute-path -- the server serves the SDK there
import { createRoom } from "/sdk/couchwire.js";
import "/sdk/ui.js";
import { MAPS } from "./maps.js";
import { createSound } from "./sound.js";
import { createView } from "./view.js";
import { FULL_HEALTH, World } from "./world.js";

/** `?seconds=60` makes matches shorter or longer. */
const SECONDS = Number(new URLSearchParams(location.search).get("seconds"));
const MATCH_MS = SECONDS >= 5 && SECONDS <= 3_600 ? SECONDS * 1_000 : 180_000;
const MIN_PLAYERS = 2;

const find = (selector) => document.querySelector(selector);
const scoreOf = (player) => player.state.get("score") ?? 0;

async function main() {
  const room = await createRoom({ maxPlayers: 8, acceptPlayerState: () => "The TV alone keeps the scores." });
  const sound = createSound();
  const view = createView(find("#arena"));
  const world = new World(happened);

  find("cw-lobby").bind(room, { min: MIN_PLAYERS, hideWhile: ({ phase = "lobby" }) => phase !== "lobby" });
  find("cw-connection").bind(room);

  /** What the pictures need to know of a player. Renewed when something changes, not for each frame. */
  let looks = new Map();
  function renew() {
    const ranking = room.players.map((player) => ({ player, score: scoreOf(player) }));
    ranking.sort((one, other) => other.score - one.score);
    const best = ranking.length === 0 ? 0 : ranking[0].score;
    looks = new Map(
      ranking.map(({ player: { id, color, name, isAway }, score }) => [
        id,
        { color, name, isAway, isLeader: best > 0 && score === best },
      ]),
    );
    find("#scores").replaceChildren(...ranking.map(chip));
    find("#ranking").replaceChildren(...ranking.map(chip));
    find("#code b").textContent = room.joinUrl.replace(/^https?:\/\//, "");
    const winners = ranking.filter(({ score }) => score === best).map(({ player }) => player.name);
    find("#over h2").textContent = winners.length === 1 ? `${winners[0]} wins!` : "A draw!";
  }

  const GREY = { color: "#8aa0a8", name: "", isAway: false, isLeader: false };
  const lookOf = (id) => looks.get(id) ?? GREY;

  function show() {
    const phase = room.state.get("phase") ?? "lobby";
    document.body.dataset.phase = phase;
    find("#over").hidden = phase !== "over";
    if (phase === "over") find("#again").focus();
    renew();
  }

  function begin() {
    const { map } = start((room.state.get("round") ?? 0) + 1);
    for (const player of room.players) player.state.set({ score: 0, health: FULL_HEALTH });
    room.state.set({ phase: "play", until: room.countdown(MATCH_MS), map: map.name });
    sound.play("begin");
  }

  /** Puts the tanks onto the map of this round. */
  function start(round) {
    room.state.set("round", round);
    const map = MAPS[round % MAPS.length];
    view.show(map);
    world.begin(map.walls);
    return { map };
  }

  function end() {
    room.state.set({ phase: "over", until: null });
    sound.play("end");
  }

  /** The battle says what happens; pictures, sounds, scores and phones follow. */
  function happened(event) {
    const { type, id, x, y } = event;
    const { effects } = view;
    const player = id === undefined ? undefined : room.player(id);
    const { color } = lookOf(id);
    if (type === "fire") effects.muzzle(x + Math.cos(event.angle) * 46, y + Math.sin(event.angle) * 46);
    else if (type === "bounce" || type === "puff" || type === "deflect") effects.spark(x, y);
    else if (type === "hit") effects.hit(x, y, color);
    else if (type === "wreck") wrecked(event, color);
    else if (type === "pickup") effects.shine(x, y, color);
    else if (type === "spawn") effects.shine(x, y, color);
    sound.play(type);
    if (type === "hit" || type === "wreck") player?.emit("buzz", type);
    if (event.health !== undefined) player?.state.set("health", event.health);
  }

  function wrecked({ id, by, x, y }, color) {
    view.effects.wreck(x, y, color);
    view.scorch(x, y);
    room.player(id)?.state.set("health", 0);
    if (room.state.get("phase") !== "play") return;
    const shooter = room.player(by);
    if (shooter === undefined) return;
    shooter.state.set("score", scoreOf(shooter) + 1);
    view.effects.say(x, y - 40, "+1", lookOf(by).color);
    renew();
  }

  function seat(player) {
    world.add(player.id);
    if (!player.state.has("score")) player.state.set({ score: 0, health: FULL_HEALTH });
    renew();
  }

  room.on("join", seat);
  room.on("leave", (player) => {
    world.remove(player.id);
    renew();
  });
  room.on("away", (player) => {
    world.steer(player.id, undefined);
    world.trigger(player.id, false);
    renew();
  });
  room.on("back", renew);
  room.on("profile", renew);
  room.on("moved", renew);
  room.on("reopened", show);
  room.on("stick", (player, stick) => world.steer(player.id, stick));
  room.on("fire", (player, button) => world.trigger(player.id, button?.down));
  room.on("again", () => room.state.get("phase") === "over" && begin());
  room.state.on("phase", show);
  find("cw-lobby").addEventListener("start", begin);
  find("#again").addEventListener("click", begin);
  find("#sound").addEventListener("click", ({ target }) => {
    const isOn = sound.toggle();
    target.setAttribute("aria-pressed", String(isOn));
    target.textContent = isOn ? "Sound is on" : "Sound is off";
    sound.play("pickup");
  });

  // A page that was loaded again goes on with the match: scores and time are in the state, tanks begin at their starts.
  for (const player of room.players) seat(player);
  start(room.state.get("round") ?? 0);
  show();

  let before = performance.now();
  let shown = "";
  function frame(now) {
    const seconds = Math.min(0.1, (now - before) / 1000);
    before = now;
    world.step(seconds);
    view.draw(world, lookOf, seconds);
    const until = room.state.get("until");
    if (room.state.get("phase") === "play") {
      const left = Math.max(0, Math.ceil((until - room.now()) / 1000));
      const text = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (text !== shown) {
        shown = text;
        find("#clock").textContent = text;
        find("#clock").classList.toggle("soon", left <= 10);
        if (left <= 5 && left > 0) sound.play("tick");
      }
      if (left === 0) end();
    }
    requestAnimationFrame(frame);
  }
  requestAnimationFrame(frame);
}

function chip({ player: { name, color, isAway }, score }) {
  const item = document.createElement("li");
  item.style.setProperty("--color", color);
  item.classList.toggle("away", isAway);
  const label = document.createElement("span");
  label.textContent = name;
  const points = document.createElement("b");
  points.textContent = String(score);
  item.append(label, points);
  return item;
}

main().catch((error) => {
  document.body.dataset.phase = "failed";
  find(".title p").textContent = error.message;
});
