/**
 * Shows one element at a time, as tests and people look at it: `?show=lobby&players=5&lang=ar&scheme=dark`. The TV's page opens a real room,
 * the phone's page joins one.
 */
import { createRoom, joinRoom } from "../../sdk/couchwire.js";
import { avatarSvg, AVATARS } from "../../sdk/ui.js";

const query = new URLSearchParams(location.search);
const number = (name, unset) => Number(query.get(name) ?? unset);
const main = document.querySelector("main");

const root = document.documentElement;
root.lang = query.get("lang") ?? "en";
if (root.lang === "ar") root.dir = "rtl";
root.dataset.scheme = query.get("scheme") ?? "light";

const NAMES = ["Ada", "Grace Hopper", "Linus", "Margaret", "Ken", "Barbara", "Dennis", "Radia the Great"];

/** Phones in this very page, each with a session of its own. */
async function roomWithPlayers(count) {
  const room = await createRoom({ maxPlayers: number("max", 8), storage: nowhere() });
  const phones = [];
  for (const name of NAMES.slice(0, count)) {
    const phone = joinRoom({
      code: room.code,
      name,
      storage: nowhere(),
      keepAwake: false,
    });
    phones.push(phone);
    await new Promise((resolve) => phone.once("open", resolve));
  }
  return { room, phones };
}

/** A storage that forgets with the page. */
function nowhere() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
}

const SHOWS = {
  avatars() {
    const box = document.createElement("div");
    box.className = "avatars";
    for (const size of [32, 64, 200]) {
      for (const index of AVATARS.keys()) {
        const drawn = document.createElement("span");
        drawn.style.width = `${size}px`;
        drawn.innerHTML = avatarSvg(index);
        box.append(drawn);
      }
    }
    main.append(box);
  },
  async lobby() {
    const lobby = document.createElement("cw-lobby");
    main.append(lobby);
    const { room, phones } = await roomWithPlayers(number("players", 5));
    lobby.bind(room, { min: number("min", 2) });
    lobby.addEventListener("start", () => (document.title = "started"));
    Object.assign(window, { room, phones, lobby });
  },
  async qr() {
    const qr = document.createElement("cw-qr");
    qr.value = "http://192.168.1.7:8081/BCDF";
    main.append(qr);
    main.className = "card";
  },
  async join() {
    const join = document.createElement("cw-join");
    main.append(join);
    const me = await join.join();
    document.title = `in as ${me.code}`;
    Object.assign(window, { me, join });
  },
  countdown() {
    const countdown = document.createElement("cw-countdown");
    countdown.deadline = Date.now() + number("seconds", 20) * 1000;
    countdown.addEventListener("end", () => (document.title = "ended"));
    main.append(countdown);
    main.className = "card";
    Object.assign(window, { countdown });
  },
  leaderboard() {
    const board = document.createElement("cw-leaderboard");
    const scores = [340, 1210, 80, 340, 0, 760, 505, 90];
    board.entries = NAMES.slice(0, number("players", 5)).map((name, index) => ({
      name,
      score: scores[index],
      avatar: index * 3 + 1,
      color: ["#d6336c", "#1971c2", "#2f9e44", "#7048e8", "#0c8599"][index % 5],
    }));
    main.append(board);
    main.className = "card";
    Object.assign(window, { board });
  },
  async connection() {
    const notice = document.createElement("cw-connection");
    main.append(notice);
    const { room, phones } = await roomWithPlayers(1);
    notice.bind(query.has("tv") ? room : phones[0]);
    Object.assign(window, { room, phones, notice });
    document.title = "bound";
  },
};

await SHOWS[query.get("show") ?? (location.pathname.endsWith("player.html") ? "join" : "lobby")]();
