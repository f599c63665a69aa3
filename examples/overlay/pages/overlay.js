/** A scoreboard that lies over the picture of a stream. It follows the channel `score` of its room, and has no seat there. */
import { follow } from "./follow.js";

const code = new URLSearchParams(location.search).get("room") || "";
const score = document.querySelector("#score");

async function token() {
  const response = await fetch(`token/${encodeURIComponent(code)}`);
  return response.text();
}

function show(players) {
  const best = [...players].sort((one, other) => other.taps - one.taps);
  const lines = best.map(({ name, color, taps }) => {
    const line = document.createElement("li");
    line.style.setProperty("--color", color);
    for (const text of [name, String(taps)]) {
      const span = document.createElement("span");
      span.textContent = text;
      line.append(span);
    }
    return line;
  });
  score.replaceChildren(...lines);
}

const url = new URL("/ws", location.href);
url.protocol = url.protocol.replace("http", "ws");
follow(url, token, `room:${code}:score`, show);
