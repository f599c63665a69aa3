/**
 * Shows one element at a time, as tests and people look at it: `?show=lobby&lang=ar&scheme=dark`. The TV's page opens a real room, the phone's
 * page joins one.
 */
import { createRoom, joinRoom } from "../../sdk/couchwire.js";
import { avatarSvg, AVATARS } from "../../sdk/ui.js";

const query = new URLSearchParams(location.search);
const number = (name, unset) => Number(query.get(name) ?? unset);
const main = document.querySelector("main");

const root = document.documentElement;
root.lang = query.get("lang") ?? "en";
if (query.has("rtl")) root.dir = "rtl";
root.dataset.scheme = query.get("scheme") ?? "light";

const COLORS = ["#d6336c", "#1971c2", "#2f9e44", "#7048e8", "#0c8599"];
const NAMES = ["Ada", "Grace Hopper", "Linus", "Margaret", "Ken", "Barbara", "Dennis", "Radia the Great"];
const SCORES = [340, 1210, 80, 340, 0, 760, 505, 90];

/** A storage that forgets with the page. */
function nowhere() {
  const kept = new Map();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => kept.set(key, value),
    removeItem: (key) => kept.delete(key),
  };
}

function openRoom() {
  return createRoom({
    maxPlayers: number("max", 8),
    audience: number("audience", 0),
    overflow: query.get("overflow") ?? "refuse",
    ...(query.has("pin") && { pin: query.get("pin") }),
  });
}

/** A phone has its place, or one in the line. */
const arrival = (phone) => new Promise((resolve) => ["open", "queue"].map((event) => phone.once(event, resolve)));

/** Adds phones without a seat: some that watch, and some that find the room full and wait. */
async function addCrowd(room) {
  const quiet = { code: room.code, keepAwake: false };
  const phones = [
    ...Array.from({ length: number("watchers", 0) }, () => joinRoom({ ...quiet, role: "audience" })),
    ...Array.from({ length: number("waiting", 0) }, () => joinRoom({ ...quiet, storage: nowhere() })),
  ];
  await Promise.all(phones.map(arrival));
  return phones;
}

/** Adds phones that are in this very page, each with a session of its own. */
async function addPhones(room, count) {
  const phones = [];
  for (const [index, name] of NAMES.slice(0, count).entries()) {
    const phone = joinRoom({
      code: room.code,
      name,
      meta: { avatar: (index * 5) % 24 },
      storage: nowhere(),
      keepAwake: false,
    });
    phones.push(phone);
    await new Promise((resolve) => phone.once("open", resolve));
    if (index >= number("here", count)) phone.detach();
  }
  return phones;
}

function show(tag, isCard = true) {
  const element = document.createElement(tag);
  main.className = isCard ? "card" : "";
  main.append(element);
  Object.assign(window, { element });
  return element;
}

const SHOWS = {
  avatars() {
    main.className = "avatars";
    for (const size of [32, 64, 200]) {
      for (const index of AVATARS.keys()) {
        const drawn = document.createElement("span");
        drawn.style.width = `${size}px`;
        drawn.innerHTML = avatarSvg(index);
        main.append(drawn);
      }
    }
  },
  async lobby() {
    const lobby = show("cw-lobby", false);
    if (query.has("top")) {
      lobby.innerHTML =
        '<div slot="top"><h1 style="margin: 0; font-size: 9vh">Duck Hunt</h1>Point your phone, shout, miss.</div>';
    }
    const room = await openRoom();
    if (query.has("follow")) {
      lobby.bind(room, { min: number("min", 2), hideWhile: ({ phase }) => phase === "play" });
      lobby.addEventListener("start", () => room.state.set("phase", "play"));
    } else {
      lobby.bind(room, { min: number("min", 2) });
      lobby.addEventListener("start", () => {
        lobby.hidden = true;
        room.lock();
      });
    }
    lobby.toggleAttribute("streamer", query.has("streamer"));
    const phones = await addPhones(room, number("players", 0));
    if (query.get("streamer") === "shown")
      lobby.shadowRoot.querySelector("cw-qr").shadowRoot.querySelector("button").click();
    Object.assign(window, { room, phones, crowd: await addCrowd(room) });
  },
  qr() {
    const qr = show("cw-qr");
    qr.value = "http://192.168.1.7:8081/BCDF";
    qr.toggleAttribute("caption", query.has("caption"));
    qr.toggleAttribute("streamer", query.has("streamer"));
  },
  async "room-qr"() {
    const room = await openRoom();
    const qr = show("cw-qr");
    qr.setAttribute("caption", "");
    qr.bind(room);
    Object.assign(window, { room });
  },
  async join() {
    const join = show("cw-join", false);
    if (query.has("watch")) join.setAttribute("watch", query.get("watch"));
    for (;;) {
      const me = await join.join();
      Object.assign(window, { me });
      document.title = `${me.role === "audience" ? "watching" : "in"} ${me.code}`;
      const { name } = await new Promise((resolve) => me.once("close", resolve));
      document.title = `closed: ${name}`;
      if (!query.has("again")) return;
    }
  },
  /** A phone that finds the room full, and waits. */
  async line() {
    const room = await openRoom();
    await addPhones(room, number("max", 8));
    const join = show("cw-join", false);
    join.setAttribute("watch", "late");
    void join.join({ code: room.code, name: "Ada" });
    join.shadowRoot.querySelector("[type=submit]").click();
    Object.assign(window, { room });
  },
  countdown() {
    const countdown = show("cw-countdown");
    countdown.addEventListener("end", () => (document.title = "ended"));
    countdown.deadline = Date.now() + number("seconds", 20) * 1000;
  },
  leaderboard() {
    show("cw-leaderboard").entries = NAMES.slice(0, number("players", 5)).map((name, index) => ({
      name,
      score: SCORES[index],
      avatar: index * 3 + 1,
      color: COLORS[index % COLORS.length],
    }));
  },
  /** A countdown and a leaderboard that follow the state of a room, or on the phone's page the countdown alone. */
  async state() {
    const countdown = show("cw-countdown");
    const code = query.get("room");
    if (code !== null) {
      countdown.bind(joinRoom({ code, name: "Ada" }), "endsAt");
      return;
    }
    const room = await openRoom();
    countdown.bind(room, "endsAt");
    show("cw-leaderboard").bind(room, "score");
    Object.assign(window, { room, countdown });
    document.title = room.code;
  },
  async connection() {
    const notice = show("cw-connection", false);
    if (query.has("place")) notice.setAttribute("place", query.get("place"));
    const room = await openRoom();
    const [phone] = await addPhones(room, 1);
    notice.bind(query.has("phone") ? phone : room);
    Object.assign(window, { room, phone });
    document.title = "bound";
  },
};

await SHOWS[query.get("show") ?? (location.pathname.endsWith("player.html") ? "join" : "lobby")]();
