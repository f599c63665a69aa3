import { Agent, get } from "node:http";
import { once } from "node:events";
import { describe, expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import type { OptionsInput } from "../../../src/config.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { HostClient, joinPlayer, openRoom, roundTrip } from "../../support/host-client.ts";
import { makeFrame, OPCODE, RawClient } from "../../support/raw-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { countsOf, startServer, type TestServer } from "../../support/server.ts";
import { ReliableClient, newSession } from "../../support/reliable-client.ts";
import { memoryInUse } from "../../support/process-memory.ts";

const ELSEWHERE = "127.0.0.2";
const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** A code that no room of this server has: every one of these has a vowel. */
function wrongCode(number: number): string {
  const letters = [0, 1, 2].map((place) => LETTERS.charAt(Math.floor(number / 26 ** place) % 26));
  return `A${letters.join("")}`;
}

/** How a phone at that address fares: its close code, or `undefined` where it gets in. */
async function knock(...visitor: Parameters<typeof visit>): Promise<Closing> {
  return (await visit(...visitor)).closing;
}

/** The same, with what to leave by. */
async function visit(
  server: TestServer,
  path: string,
  localAddress?: string,
  agent?: string,
): Promise<{ socket: WebSocket; closing: Closing }> {
  const socket = new WebSocket(`${server.ws}/${path}`, {
    perMessageDeflate: false,
    ...(localAddress !== undefined && { localAddress }),
    ...(agent !== undefined && { headers: { "user-agent": agent } }),
  });
  onTestEnd(() => socket.terminate());
  const closed = new Promise<Closing>((resolve) => {
    socket.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await once(socket, "open");
  // Whoever is refused is closed at once, so its Close is before the answer to its ping.
  const admitted = once(socket, "pong").then((): Closing => ({ code: undefined, reason: "" }));
  socket.ping();
  return { socket, closing: await Promise.race([closed, admitted]) };
}

interface Closing {
  readonly code: number | undefined;
  readonly reason: string;
}

async function statusOf(server: TestServer, path: string, agent: Agent, localAddress?: string): Promise<number> {
  const options = { agent, ...(localAddress !== undefined && { localAddress }) };
  return new Promise((resolve, reject) => {
    get(`${server.url}/${path}`, options, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode ?? 0));
    }).once("error", reject);
  });
}

function keepAlive(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  onTestEnd(() => agent.destroy());
  return agent;
}

describe("a player who sends too much", () => {
  const limits = { playerRate: 10, playerBurst: 5, awayMs: 0 };

  test("P5.8.1 is closed with 4029 and the seconds; the host hears of it, and gets what came before", async () => {
    const server = await startServer(limits);
    const room = await openRoom(server);
    const player = await PlayerClient.connect(server, `${room.code}?session=${newSession()}`);
    await room.host.until("player_joined");
    await room.host.until("state");
    for (let frame = 0; frame < 50; frame++) player.send(String(frame));
    expect(await player.closed).toEqual({ code: 4029, reason: "Too much at once. Come back in 60 seconds." });
    const events = [];
    for (let event = await room.host.next(); event.cmd === "from_str"; event = await room.host.next())
      events.push(event.data);
    expect(events.slice(0, 5)).toEqual(["0", "1", "2", "3", "4"]);
    expect(events.length).toBeLessThan(50);
  });

  test("P5.8.1 in bytes, likewise", async () => {
    const server = await startServer({ playerBytes: 10_000 });
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    for (let frame = 0; frame < 5; frame++) player.send(new Uint8Array(6_000));
    expect(await player.closed).toMatchObject({ code: 4029 });
    expect(await room.host.until("player_left")).toMatchObject({ player: 1 });
  });

  test("P5.8.2 stays out over reconnects, in this room and any other, and may come back when its time is over", async () => {
    const server = await startServer({ ...limits, banMs: 400 });
    const room = await openRoom(server);
    const other = await openRoom(server);
    const session = newSession();
    const player = await PlayerClient.connect(server, `${room.code}?session=${session}`);
    for (let frame = 0; frame < 50; frame++) player.send(String(frame));
    expect(await player.closed).toMatchObject({ code: 4029 });
    for (const { code } of [room, other, room]) {
      expect(await knock(server, `${code}?session=${session}`)).toEqual({
        code: 4029,
        reason: "Too much at once. Come back in 1 second.",
      });
    }
    expect(await knock(server, `${room.code}?session=${newSession()}`)).toMatchObject({ code: undefined });
    while ((await knock(server, `${room.code}?session=${session}`)).code === 4029);
    expect(await room.host.until("player_back")).toEqual({ cmd: "player_back", player: 1, missed: 0 });
  });

  test("P5.8.2 without a session is known by its address and its program", async () => {
    const server = await startServer(limits);
    const { code } = await openRoom(server);
    const flooder = new WebSocket(`${server.ws}/${code}`, { headers: { "user-agent": "flooder/1" } });
    onTestEnd(() => flooder.terminate());
    await once(flooder, "open");
    for (let frame = 0; frame < 50; frame++) flooder.send("x");
    expect((await once(flooder, "close"))[0]).toBe(4029);
    expect(await knock(server, code, undefined, "flooder/1")).toMatchObject({ code: 4029 });
    expect(await knock(server, code, undefined, "another/1")).toMatchObject({ code: undefined });
    expect(await knock(server, code, ELSEWHERE, "flooder/1")).toMatchObject({ code: undefined });
  });

  test("P5.8.3 by sending again what it kept while its line was down, sends not too much", async () => {
    const server = await startServer({ playerRate: 1_000, playerBurst: 5 });
    const room = await openRoom(server);
    const path = `${room.code}?session=${newSession()}`;
    const phone = new ReliableClient(server, path);
    const { epoch } = await phone.hello();
    await phone.cut();
    const since = performance.now();
    while (performance.now() - since < 50) await roundTrip(room.host); // at least fifty frames' worth of silence
    const back = new ReliableClient(server, `${path}&received=0&epoch=${epoch}`);
    await back.hello();
    for (let frame = 1; frame <= 50; frame++) back.send(String(frame));
    for (let frame = 1; frame <= 50; frame++)
      expect(await room.host.until("from_str")).toMatchObject({ data: `${frame}` });
  });

  test("P5.8.5 in pings fills no memory with answers: while one is under way, only the newest is next", async () => {
    const server = await startServer({ pingMs: 100_000, idleMs: 200_000 });
    const room = await openRoom(server);
    const raw = await RawClient.open(server.port, `/${room.code}`);
    await room.host.until("player_joined");
    raw.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => makeFrame(OPCODE.ping, Buffer.alloc(125, 1))));
    const before = memoryInUse();
    for (let sent = 0; sent < 200; sent++) {
      if (!raw.socket.write(pings)) await once(raw.socket, "drain");
    }
    await roundTrip(room.host);
    expect(memoryInUse() - before).toBeLessThan(8 * 1_048_576); // of 25 in answers, and what each costs besides
    raw.socket.resume();
    raw.send(OPCODE.text, "end");
    expect(await room.host.until("from_str")).toMatchObject({ data: "end" });
    raw.send(OPCODE.ping, "still there?");
    const pongs = await raw.frames.until(({ payload: bytes }) => bytes.toString() === "still there?");
    expect(pongs.opcode).toBe(OPCODE.pong);
  });
});

describe("who guesses codes", () => {
  test("P5.8.4 past the limit even right codes are refused, over HTTP too, until it has been quiet for a while", async () => {
    const server = await startServer({ guessLimit: 5 });
    const { code } = await openRoom(server);
    for (let guess = 0; guess < 5; guess++) {
      expect(await knock(server, wrongCode(guess), ELSEWHERE)).toMatchObject({ code: 4504 });
    }
    expect(await knock(server, wrongCode(6), ELSEWHERE)).toEqual({
      code: 4029,
      reason: "Too many wrong codes. Come back in a minute.",
    });
    expect(await knock(server, code, ELSEWHERE)).toMatchObject({ code: 4029 });
    const agent = keepAlive();
    expect(await statusOf(server, code, agent, ELSEWHERE)).toBe(429);
    expect(await statusOf(server, code, keepAlive())).toBe(200);
    expect(await knock(server, code)).toMatchObject({ code: undefined });
  });

  test("P5.8.4 look-ups over HTTP count, and the answer says when to come back", async () => {
    const server = await startServer({ guessLimit: 3 });
    const { code } = await openRoom(server);
    const agent = keepAlive();
    for (let guess = 0; guess < 3; guess++) {
      expect(await statusOf(server, wrongCode(guess), agent, ELSEWHERE)).toBe(404);
    }
    expect(await statusOf(server, wrongCode(9), agent, ELSEWHERE)).toBe(429);
    expect(await statusOf(server, code, agent, ELSEWHERE)).toBe(429);
    expect(await knock(server, code, ELSEWHERE)).toMatchObject({ code: 4029 });
    const here = await fetch(`${server.url}/${wrongCode(1)}`);
    expect(here.status).toBe(404);
    await here.text();
    for (let guess = 0; guess < 2; guess++) await (await fetch(`${server.url}/${wrongCode(guess)}`)).text();
    const refused = await fetch(`${server.url}/${wrongCode(1)}`);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "60"]);
    expect(await refused.text()).toBe("Too many wrong codes. Come back in a minute.");
  });

  test("P5.8.4 wrong PINs count as well", async () => {
    const { server, code } = await openPinned({ guessLimit: 3 });
    for (let pin = 0; pin < 3; pin++) {
      expect(await knock(server, `${code}?pin=${pin}`, ELSEWHERE)).toMatchObject({ code: 4501 });
    }
    expect(await knock(server, `${code}?pin=1234`, ELSEWHERE)).toEqual(TOO_MANY_PINS);
    expect(await knock(server, code, ELSEWHERE)).toMatchObject({ code: 4029 });
    expect(await knock(server, `${code}?pin=1234`)).toMatchObject({ code: undefined });
  });

  test("P5.8.4 wrong PINs from the host's own address are limited too; the room's page is shown as before", async () => {
    const { server, code } = await openPinned({ guessLimit: 3 });
    const session = newSession();
    expect(await knock(server, `${code}?pin=1234&session=${session}`)).toMatchObject({ code: undefined });
    for (let pin = 0; pin < 3; pin++) expect(await knock(server, `${code}?pin=${pin}`)).toMatchObject({ code: 4501 });
    expect(await knock(server, `${code}?pin=1234`)).toEqual(TOO_MANY_PINS);
    expect(await knock(server, code)).toMatchObject({ code: 4501 });
    expect(await knock(server, `${code}?pin=1234&session=${session}`)).toMatchObject({ code: undefined });
    expect(await statusOf(server, code, keepAlive())).toBe(200);
  });

  test("P5.8.4 to show no PIN is no guess: a phone may come first and ask its people then", async () => {
    const { server, code } = await openPinned({ guessLimit: 3 });
    for (let phone = 0; phone < 5; phone++) {
      for (const path of [code, `${code}?pin=`])
        expect(await knock(server, path, ELSEWHERE)).toMatchObject({ code: 4501 });
    }
    expect(await knock(server, `${code}?pin=1234`, ELSEWHERE)).toMatchObject({ code: undefined });
  });

  test("P5.8.4 who has a seat finds the way back to it, however much others at its address have guessed", async () => {
    const server = await startServer({ guessLimit: 2 });
    const { code, host } = await openRoom(server);
    const session = newSession();
    expect(await knock(server, `${code}?session=${session}`, ELSEWHERE)).toMatchObject({ code: undefined });
    for (let guess = 0; guess < 3; guess++) await knock(server, wrongCode(guess), ELSEWHERE);
    expect(await knock(server, `${code}?session=${newSession()}`, ELSEWHERE)).toMatchObject({ code: 4029 });
    expect(await knock(server, `${code}?session=${session}`, ELSEWHERE)).toMatchObject({ code: undefined });
    expect((await roundTrip(host)).filter(({ cmd }) => cmd === "player_joined")).toHaveLength(1);
  });

  test("P5.8.4 who has a rescue link gets to the seat, over HTTP too, however much others at its address have guessed", async () => {
    const server = await startServer({ guessLimit: 2 });
    const { code, host } = await openRoom(server);
    await knock(server, code);
    host.send({ cmd: "rescue", player: 1 });
    const rescue = new URL(String((await host.until("rescue_reply")).url)).searchParams.get("rescue") ?? "";
    for (let guess = 0; guess < 3; guess++) await knock(server, wrongCode(guess), ELSEWHERE);
    const agent = keepAlive();
    expect(await statusOf(server, code, agent, ELSEWHERE)).toBe(429);
    expect(await statusOf(server, `${code}?rescue=${newSession()}`, agent, ELSEWHERE)).toBe(429);
    expect(await statusOf(server, `${code}?rescue=${rescue}`, agent, ELSEWHERE)).toBe(200);
    const path = `${code}?session=${newSession()}&rescue=${rescue}`;
    expect(await knock(server, path, ELSEWHERE)).toMatchObject({ code: undefined });
    expect(await knock(server, `${code}?rescue=${rescue}`, ELSEWHERE)).toMatchObject({ code: 4029 });
  });

  test("P5.8.4 fifty rooms of forty phones behind one address all get in, while a scanner there is stopped", async () => {
    const server = await startServer({ maxPlayers: 40, networkRooms: 0 });
    const rooms = await inBatches(50, 10, () => openRoom(server, { max_players: 40 }));
    const agent = keepAlive();
    const answers = { 4504: 0, 4029: 0, 404: 0, 429: 0 };
    const scan = async (): Promise<void> => {
      for (let guess = 0; guess < 100; guess++) {
        const { code } = await knock(server, wrongCode(guess));
        if (code === 4504 || code === 4029) answers[code] += 1;
      }
      await inBatches(400, 8, async (guess) => {
        const status = await statusOf(server, wrongCode(guess), agent);
        if (status === 404 || status === 429) answers[status] += 1;
      });
    };
    const phones = async (): Promise<(number | undefined)[]> => {
      const codes = rooms.flatMap(({ code }) => Array.from({ length: 40 }, () => code));
      return inBatches(codes.length, 40, async (index) => (await knock(server, codes[index] ?? "")).code);
    };
    const [, refused] = await Promise.all([scan(), phones()]);
    expect(refused.filter((code) => code !== undefined)).toEqual([]);
    expect((await countsOf(server)).players).toBe(2_000);
    expect(answers[4504] + answers[4029] + answers[404] + answers[429]).toBe(500);
    // One a second comes back to it while it goes on; the rest is refused.
    expect(answers[4504] + answers[404]).toBeLessThan(200);
  }, 180_000);
});

describe("who guesses PINs", () => {
  test("P5.9.5 the host hears of ten wrong ones in a minute, whatever address they come from", async () => {
    const { server, code, host } = await openPinned();
    for (let pin = 0; pin < 12; pin++) {
      expect(await knock(server, `${code}?pin=${pin}`, `127.0.0.${2 + pin}`)).toMatchObject({ code: 4501 });
    }
    expect((await roundTrip(host)).filter(({ cmd }) => cmd === "guessing")).toEqual([{ cmd: "guessing", count: 10 }]);
  });

  test("P5.9.5 past twice the limit those who were wrong are shut out, and a phone from elsewhere gets in", async () => {
    const { server, code } = await openPinned({ guessLimit: 3 });
    for (let pin = 0; pin < 6; pin++) {
      expect(await knock(server, `${code}?pin=${pin}`, `127.0.0.${2 + pin}`)).toMatchObject({ code: 4501 });
    }
    expect(await knock(server, `${code}?pin=1234`, "127.0.0.2")).toEqual(TOO_MANY_PINS);
    expect(await knock(server, `${code}?pin=1234`, "127.0.0.99")).toMatchObject({ code: undefined });
  });
});

const TOO_MANY_PINS = { code: 4029, reason: "Too many wrong PINs. Come back in a minute." };

/** A server, and a room on it that wants the PIN 1234. */
async function openPinned(options: OptionsInput = {}): Promise<{ server: TestServer; host: HostClient; code: string }> {
  const server = await startServer(options);
  const host = await HostClient.connect(server);
  host.send({ cmd: "prepare", max_players: 8, name: "", pin: "1234" });
  return { server, host, code: String((await host.until("prepare_reply")).key) };
}

describe("who comes and goes", () => {
  test("P5.8.6 too often is told so and may come again; the room stays open to everybody else", async () => {
    const server = await startServer();
    const room = await openRoom(server, { max_players: 1 });
    let times = 0;
    for (; times < 200; times++) {
      const { socket, closing } = await visit(server, room.code, ELSEWHERE);
      if (closing.code !== undefined) {
        const reason = "Too many came here at once. Come back in a few seconds.";
        expect(closing).toEqual({ code: 4029, reason });
        break;
      }
      socket.terminate();
      await room.host.until("player_left");
    }
    expect(times).toBeGreaterThanOrEqual(104);
    expect(times).toBeLessThan(200);
    expect(await knock(server, room.code)).toMatchObject({ code: undefined });
  });

  test("P5.8.7 too often to one seat is told that of itself, and whoever sits there stays", async () => {
    const server = await startServer();
    const { code } = await openRoom(server);
    const path = `${code}?session=${newSession()}`;
    let closing: Closing = { code: undefined, reason: "" };
    let seated: WebSocket | undefined;
    for (let times = 0; times < 200 && closing.code === undefined; times++) {
      const returned = await visit(server, path);
      closing = returned.closing;
      if (closing.code === undefined) seated = returned.socket;
    }
    expect(closing).toEqual({ code: 4029, reason: "You came back too often. Come back in a few seconds." });
    expect(seated?.readyState).toBe(WebSocket.OPEN);
  });
});

/** So many things, some of them at a time. */
async function inBatches<Made>(count: number, width: number, make: (index: number) => Promise<Made>): Promise<Made[]> {
  const made: Made[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      made[index] = await make(index);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return made;
}
