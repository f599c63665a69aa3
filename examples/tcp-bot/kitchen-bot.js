/**
 * Rob, who cannot cook but helps. He is a program that joined the room over TCP: what people say reaches him as JSON, and what he says reaches them as a binary
 * frame with JSON in it.
 */
const DISHES = [
  "Pancakes, with whatever is in the fridge.",
  "Tomato soup and toast.",
  "Fried rice from yesterday's rice.",
  "Pasta with garlic and oil. It is always pasta.",
  "A curry. You have chickpeas.",
  "Breakfast, but at night.",
  "Let somebody else cook: order in.",
  "Shakshuka. Count the eggs first.",
];
const HELP = "/dinner says what to cook, /timer 3m eggs minds a pot, /flip throws a coin.";
/** `/timer 90s tea` */
const TIMER = /^\/timer\s+(\d{1,3})\s*([sm])(?:\s+(.{1,40}))?$/i;
const MAX_TIMERS = 8;

/** @typedef {{ name: string, text: string }} Line What people and bots of this room say. */
/** @typedef {import("couchwire/tcp").TcpClient} TcpClient */
/** @typedef {Pick<TcpClient, "room" | "broadcast"> & AsyncIterable<import("couchwire/tcp").TcpEvent>} Talk */

/**
 * Listens and answers until the client is closed.
 * @param {Talk} client in its room @param {() => number} [random]
 */
export async function runKitchenBot(client, random = Math.random) {
  let lastDish = -1;
  const timers = new Set();

  /** @param {string} text */
  function say(text) {
    if (client.room !== undefined) client.broadcast(JSON.stringify({ name: "Rob", text }));
  }

  /** Never the same dish twice in a row. */
  function dish() {
    const step = 1 + Math.floor(random() * (DISHES.length - 1));
    lastDish = (lastDish + step + DISHES.length) % DISHES.length;
    return DISHES[lastDish];
  }

  /** @param {string} said @param {string} name */
  function startTimer(said, name) {
    const [, count, unit = "", what = "Your pot"] = TIMER.exec(said) || [];
    if (count === undefined) return "Like this: /timer 3m eggs, or /timer 90s tea.";
    if (timers.size >= MAX_TIMERS) return `I mind ${MAX_TIMERS} pots already.`;
    const isMinutes = unit.toLowerCase() === "m";
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        say(`Ding! ${what} is done, ${name}.`);
      },
      Number(count) * (isMinutes ? 60_000 : 1_000),
    );
    timers.add(timer);
    return `I will tell you in ${count} ${isMinutes ? "min" : "s"}, ${name}.`;
  }

  /** @param {Line} line @returns {string | undefined} nothing for what was not said to Rob */
  function answerTo({ name, text }) {
    const said = text.trim();
    if (/^\/dinner\b/i.test(said)) return dish();
    if (/^\/flip\b/i.test(said)) return random() < 0.5 ? "Heads." : "Tails.";
    if (/^\/timer\b/i.test(said)) return startTimer(said, name);
    if (/^\/help\b/i.test(said)) return HELP;
    if (said.startsWith("/")) return `I do not know that one. ${HELP}`;
    if (/\b(?:thanks|thank you)\b.*\brob\b/i.test(said)) return `Any time, ${name}.`;
    return /\brob\b/i.test(said) ? `Yes, ${name}? ${HELP}` : undefined;
  }

  say("Hi, I am Rob. I came over TCP. Try /dinner, or /help.");
  for await (const event of client) {
    if (event.type === "message") {
      const line = lineOf(event.text);
      const answer = line === undefined ? undefined : answerTo(line);
      if (answer !== undefined) say(answer);
    }
    if (event.type === "join") say("Welcome to the kitchen! I know /dinner, /timer and /flip.");
    if (event.type === "reconnected") say("I am back. Did I miss dinner?");
  }
  for (const timer of timers) clearTimeout(timer);
}

/** @param {string} json @returns {Line | undefined} nothing for what is no line of this room */
function lineOf(json) {
  try {
    const { name, text } = JSON.parse(json);
    return typeof name === "string" && typeof text === "string" ? { name, text } : undefined;
  } catch {
    return undefined; // other programs may say other things
  }
}
