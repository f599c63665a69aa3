/** `/overlay/CODE`: what the page for a stream is told, and what it is not. */
import { describe, expect, test } from "@jest/globals";
import { createRoom, joinRoom } from "../../src/sdk/node.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { openRoom } from "../support/host-client.ts";
import { startServer } from "../support/server.ts";

const PAGE = { Accept: "text/html" };
const JSON_ONLY = { Accept: "application/json" };

async function factsAt(url: string): Promise<Record<string, unknown>> {
  const answer = await fetch(url, { headers: JSON_ONLY });
  expect(answer.status).toBe(200);
  return Object(await answer.json());
}

describe("issue 22.2: the overlay of a room", () => {
  test("its page holds neither code nor session, and shows the code only where its address asks for it", async () => {
    const server = await startServer();
    const { code } = await openRoom(server);
    const answer = await fetch(`${server.url}/overlay/${code}`, { headers: PAGE });
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    const page = await answer.text();
    expect(page).not.toContain(code);
    expect(page).not.toContain("shows-code");
    for (const [query, isShown] of [
      ["?code", true],
      ["?code=show", true],
      ["?code=hide", false],
    ] as const) {
      const asked = await (
        await fetch(`${server.url}/overlay/${code.toLowerCase()}${query}`, { headers: PAGE })
      ).text();
      expect([query, asked.includes('class="shows-code"')]).toEqual([query, isShown]);
    }
  });

  test("names and counts of the room are there without the game's help, and nothing that lets anybody play", async () => {
    const server = await startServer();
    const room = await createRoom({ server: server.url, game: "sketch", maxPlayers: 4, pin: "4711" });
    onTestEnd(() => room.close());
    const { code } = room;
    const me = joinRoom({ server: server.url, code, name: "Ada", pin: "4711" });
    onTestEnd(() => me.close());
    await new Promise((resolve) => void me.once("open", resolve));
    const facts = await factsAt(`${server.url}/overlay/${code}`);
    expect(facts).toEqual({
      code,
      name: "sketch",
      players: 1,
      maxPlayers: 4,
      isOpen: true,
      audience: 0,
      pin: true,
      joinUrl: `${server.url}/${code}`,
      meta: null,
      people: [{ name: "Ada", away: false }],
      waiting: 0,
      tally: null,
      shown: null,
    });
  });

  test("how the watchers voted last is there, and what the host shows", async () => {
    const server = await startServer();
    const room = await createRoom({ server: server.url, game: "sketch", audience: 5 });
    onTestEnd(() => room.close());
    const watcher = joinRoom({ server: server.url, code: room.code, role: "audience" });
    onTestEnd(() => watcher.close());
    await new Promise((resolve) => void watcher.once("open", resolve));
    room.poll("round 1");
    const told = new Promise((resolve) => void room.once("tally", resolve));
    watcher.vote("a");
    await told;
    const shown = { title: "Round 1", players: [{ name: "Bob", color: "#123456" }] };
    room.publish("overlay", shown);
    room.publish("score", { secret: 1 });
    room.publish("overlay", { ...shown, more: "x".repeat(20_000) });
    // What the host asks next is answered behind what it has published.
    await new Promise<void>((resolve) => {
      const end = room.health(1, () => {
        end();
        resolve();
      });
    });
    expect(await factsAt(`${server.url}/overlay/${room.code}`)).toMatchObject({
      audience: 1,
      tally: { counts: { a: 1 }, other: 0, watchers: 1, poll: "round 1" },
      shown,
    });
  });

  test("a room that is over shows nothing, and a new one of its host begins with nothing", async () => {
    const server = await startServer();
    const room = await createRoom({ server: server.url, game: "sketch" });
    room.publish("overlay", { title: "Round 1" });
    room.close();
    const next = await createRoom({ server: server.url, game: "sketch" });
    onTestEnd(() => next.close());
    expect(await factsAt(`${server.url}/overlay/${next.code}`)).toMatchObject({ shown: null, people: [] });
  });

  test("a code of no room is 404, for people as for programs, and counts as a wrong one", async () => {
    const server = await startServer({ guessLimit: 3 });
    for (const [headers, status] of [
      [PAGE, 404],
      [JSON_ONLY, 404],
      [JSON_ONLY, 404],
    ] as const) {
      expect((await fetch(`${server.url}/overlay/ZZZZ`, { headers })).status).toBe(status);
    }
    const { code } = await openRoom(server);
    for (const path of ["/overlay/ABC", "/overlay/ABCDE", "/overlay"]) {
      expect([path, (await fetch(server.url + path, { headers: PAGE })).status]).toEqual([path, 404]);
    }
    expect((await fetch(`${server.url}/overlay/${code}`, { method: "POST" })).status).toBe(405);
  });
});
