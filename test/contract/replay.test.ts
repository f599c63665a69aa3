/** Replays: the players of a recording in another room, and its host for other phones. */
import { describe, expect, test } from "@jest/globals";
import { HostReplay } from "../../src/replay/replay-host.ts";
import { PlayersReplay } from "../../src/replay/replay-players.ts";
import type { ReplayReport } from "../../src/replay/replay-report.ts";
import { joinRoom, type PlayerRoom } from "../../src/sdk/node.ts";
import type { ReadRecording } from "../../src/recording/recording-file.ts";
import { API_KEY } from "../support/api-client.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { openRoom } from "../support/host-client.ts";
import { Inbox } from "../support/inbox.ts";
import { openPhasedGame, type PhasedGame } from "../support/recording/phased-game.ts";
import { recordingIn, recordRoomOf } from "../support/recording/record-room.ts";
import { startServer, type TestServer } from "../support/server.ts";

const OPTIONS = { apiKey: API_KEY, awayMs: 10 } as const;
/** As long as a busy machine may take. */
const PATIENCE_MS = 60_000;

async function join(server: TestServer, { room, told }: PhasedGame, name: string): Promise<PlayerRoom> {
  const me = joinRoom({ server: server.url, code: room.code, name, warn() {}, keepAwake: false });
  onTestEnd(() => me.close());
  me.on("colour", (round) => `${name} likes ${String(round)}`);
  await told.until((line) => line.endsWith(`joined as ${name}`));
  return me;
}

/** The scene that the host shows this phone. */
async function sees(me: PlayerRoom, scene: string): Promise<void> {
  await new Promise<void>((resolve) => {
    me.state.on("scene", (shown) => {
      if (shown === scene) resolve();
    });
  });
}

interface Played {
  readonly bytes: Buffer;
  readonly transcript: readonly string[];
}

/** A game of three, from its lobby to its podium, with all that a phone can say. */
async function playGame(server: TestServer): Promise<Played> {
  const game = await openPhasedGame(server.url, 20);
  const recorder = await recordRoomOf(server, game.room.code);
  const phones = [await join(server, game, "Ann"), await join(server, game, "Bob"), await join(server, game, "Cleo")];
  const [ann, bob, cleo] = phones;
  if (ann === undefined || bob === undefined || cleo === undefined) throw new Error("three have joined");
  ann.send("hello");
  await game.told.until((line) => line === "1 text hello");
  bob.send(new Uint8Array(70_000).fill(2));
  await game.told.until((line) => line.startsWith("2 bytes"));
  ann.emit("start");
  for (const round of [1, 2, 3]) {
    await Promise.all(phones.map((phone) => sees(phone, `round ${round}`)));
    await bob.ask("ask me");
    // The order in which they answer is another one in each round.
    for (let n = 0; n < 3; n++) {
      const phone = phones[(n + round) % 3];
      await phone?.ask("answer", `${round}.${n}`);
    }
  }
  await Promise.all(phones.map((phone) => sees(phone, "podium")));
  const transcript = [...game.transcript];
  game.room.close();
  return { bytes: await recorder.bytes, transcript };
}

/** Into a new room of such a game. */
async function replay(
  server: TestServer,
  recording: ReadRecording,
  { speed, breathMs = 20 }: { readonly speed: number; readonly breathMs?: number },
): Promise<{ readonly report: ReplayReport; readonly game: PhasedGame }> {
  const game = await openPhasedGame(server.url, breathMs);
  const stop = new AbortController();
  onTestEnd(() => stop.abort());
  const report = await new PlayersReplay({
    recording,
    server: server.url,
    code: game.room.code,
    pin: undefined,
    speed,
    patienceMs: PATIENCE_MS,
    stays: false,
    signal: stop.signal,
    say() {},
  }).run();
  return { report, game };
}

const PERFECT = { unsaid: 0, unmatched: 0, trouble: undefined };

/** What phones are away for at the end of a replay is no part of the game. */
function played({ transcript }: PhasedGame): readonly string[] {
  return transcript.filter((line) => !line.endsWith("away"));
}

describe("a replay of the players", () => {
  test("has the host hear and decide the same, at 1 × and 20 × and 1000 ×, and with a host that is slower", async () => {
    const server = await startServer(OPTIONS);
    const { bytes, transcript } = await playGame(server);
    expect(transcript.at(-1)).toBe("podium");
    expect(transcript.some((line) => line.includes("too late"))).toBe(false);
    const recording = recordingIn(bytes);
    for (const { speed, breathMs } of [
      { speed: 1, breathMs: 20 },
      { speed: 20, breathMs: 20 },
      { speed: 1_000, breathMs: 300 },
    ]) {
      const { report, game } = await replay(server, recording, { speed, breathMs });
      expect(report).toMatchObject(PERFECT);
      expect(played(game)).toEqual(transcript);
    }
  });

  test("of a file that was cut off goes to its end", async () => {
    const server = await startServer(OPTIONS);
    const { bytes, transcript } = await playGame(server);
    for (const part of [0.4, 0.9, 0.97]) {
      const recording = recordingIn(bytes.subarray(0, Math.floor(part * bytes.length)));
      const { report, game } = await replay(server, recording, { speed: 100 });
      expect(report).toMatchObject(PERFECT);
      // Timers of the host may go on from there.
      const heard = played(game);
      const said = recording.items.filter(({ is }) => is === "joined" || is === "from").length;
      expect(heard).toEqual(transcript.slice(0, heard.length));
      expect([report.frames, said]).toEqual([recording.items.filter(({ is }) => is === "from").length, said]);
    }
  });

  test("has players away, back, gone and kicked as they were", async () => {
    const server = await startServer(OPTIONS);
    const game = await openPhasedGame(server.url, 20);
    const recorder = await recordRoomOf(server, game.room.code);
    const ann = await join(server, game, "Ann");
    const bob = await join(server, game, "Bob");
    const cleo = await join(server, game, "Cleo");
    cleo.detach();
    await game.told.until((line) => line === "3 away");
    ann.emit("kick", 2);
    await game.told.until((line) => line === "2 left");
    ann.send("only me");
    await game.told.until((line) => line === "1 text only me");
    ann.close();
    await game.told.until((line) => line === "1 left");
    const transcript = [...game.transcript];
    game.room.close();
    bob.close();
    const again = await replay(server, recordingIn(await recorder.bytes), { speed: 50 });
    expect(again.report).toMatchObject(PERFECT);
    await again.game.told.until((line) => line === "1 left");
    expect(again.game.transcript).toEqual(transcript);
  });

  test("says why it cannot join: no such room, one that is locked", async () => {
    const server = await startServer(OPTIONS);
    const { host, code } = await openRoom(server);
    const recorder = await recordRoomOf(server, code);
    const game = await openPhasedGame(server.url, 20);
    const other = await recordRoomOf(server, game.room.code);
    await join(server, game, "Ann");
    game.room.close();
    await host.close();
    expect(recordingIn(await recorder.bytes).items).toHaveLength(1);
    const recording = recordingIn(await other.bytes);
    const locked = await openPhasedGame(server.url, 20);
    locked.room.lock();
    const stop = new AbortController();
    const options = {
      recording,
      server: server.url,
      pin: undefined,
      speed: 1,
      patienceMs: 0,
      stays: false,
      signal: stop.signal,
      say() {},
    };
    expect(await new PlayersReplay({ ...options, code: "BBBB" }).run()).toMatchObject({
      trouble: "Ann (player 1) cannot join the room BBBB: Game not found",
    });
    expect(await new PlayersReplay({ ...options, code: locked.room.code }).run()).toMatchObject({
      trouble: `Ann (player 1) cannot join the room ${locked.room.code}: The game has started.`,
    });
  });
});

describe("a replay of the host", () => {
  test("opens a room, waits for phones, and shows them what it had shown, after they have said what they had said", async () => {
    const server = await startServer(OPTIONS);
    const { bytes } = await playGame(server);
    const lines = new Inbox<string>("the replay");
    const stop = new AbortController();
    onTestEnd(() => stop.abort());
    const replaying = new HostReplay({
      recording: recordingIn(bytes),
      server: server.url,
      speed: 20,
      patienceMs: PATIENCE_MS,
      stays: false,
      signal: stop.signal,
      say: (line) => lines.push(line),
    }).run();
    const [, code = ""] = /^The room ([A-Z]{4}) is open/.exec(await lines.next()) ?? [];
    const seen = new Inbox<string>("the phones");
    const phones: PlayerRoom[] = [];
    for (const name of ["Uwe", "Vera", "Will"]) {
      await lines.until((line) => line.startsWith("A phone is awaited"));
      const me = joinRoom({ server: server.url, code, name, warn() {}, keepAwake: false });
      onTestEnd(() => me.close());
      me.on("colour", (round) => `${name} likes ${String(round)}`);
      me.state.on("scene", (scene) => seen.push(`${name} sees ${String(scene)}`));
      phones.push(me);
    }
    const [uwe, vera] = phones;
    if (uwe === undefined || vera === undefined) throw new Error("three have joined");
    uwe.send("hello, host of old");
    vera.send(Uint8Array.of(1, 2, 3));
    uwe.emit("start");
    for (const round of [1, 2, 3]) {
      await seen.until((line) => line === `Uwe sees round ${round}`);
      expect(await vera.ask("ask me")).toBe(true);
      // Each asks as the recorded one did, and is answered with what that one was.
      for (let n = 0; n < 3; n++) await phones[(n + round) % 3]?.ask("answer", `anything ${n}`);
    }
    await seen.until((line) => line === "Uwe sees podium");
    expect(await replaying).toMatchObject({ unsaid: 0, unmatched: 0, trouble: undefined });
  });

  test("says why no room is open: no server", async () => {
    const server = await startServer(OPTIONS);
    const { bytes } = await playGame(server);
    await server.close();
    const replayed = await new HostReplay({
      recording: recordingIn(bytes),
      server: server.url,
      speed: 1,
      patienceMs: 0,
      stays: false,
      signal: new AbortController().signal,
      say() {},
    }).run();
    expect(replayed.trouble).toBe(`No room could be opened at ${server.url}.`);
  });
});
