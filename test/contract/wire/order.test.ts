import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import { BROKEN_HOST_FRAMES } from "../../support/broken-host-frames.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { HostClient, joinPlayers, openRoom } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { makeFrame, OPCODE, RawClient } from "../../support/raw-client.ts";
import { startServer, type TestServer } from "../../support/server.ts";

const FRAMES = 2000;
const PLAYERS = 3;

/** Frame `index` of a player or to a player: text and binary in turn, of changing size, with the number in front. */
function numbered(who: number, index: number): string | Uint8Array {
  const text = `${who}:${index}:${"x".repeat((index * 7) % 300)}`;
  return index % 2 === 0 ? text : new TextEncoder().encode(text);
}

interface Disturbance {
  rounds: number;
  isOver: boolean;
}

/** Sockets that send what no peer should, one after the other, until they are told to end. */
async function disturb(server: TestServer, code: string, state: Disturbance): Promise<void> {
  while (!state.isOver) {
    const { rounds } = state;
    const host = await HostClient.connect(server);
    for (let index = 0; index < 20; index++) {
      const broken = BROKEN_HOST_FRAMES[(rounds * 20 + index) % BROKEN_HOST_FRAMES.length];
      if (broken !== undefined) host.sendFrame(broken.frame);
    }
    const stranger = await PlayerClient.connect(server, code);
    stranger.send(randomBytes(3000));
    stranger.send('{"cmd":"stop"}');
    const rude = await RawClient.open(server.port, `/${code}`);
    rude.write(randomBytes(500));
    rude.send(OPCODE.binary, "", { claimedLength: 2 ** 50 });
    const ruder = await RawClient.open(server.port, "/CREATE");
    ruder.write(Buffer.concat([makeFrame(OPCODE.text, "{}"), randomBytes(500)]));
    const lost = new RawClient(server.port);
    lost.socket.end(randomBytes(200));
    await host.next();
    host.socket.terminate();
    stranger.socket.terminate();
    for (const { socket } of [rude, ruder, lost]) socket.destroy();
    state.rounds += 1;
  }
}

test("P2.15 three players' 2000 frames each way arrive in order and none is lost, while others send garbage", async () => {
  const server = await startServer({ playerRate: 0, playerBytes: 0 });
  const room = await openRoom(server, { max_players: 100, query: "?bytes=string" });
  const players = await joinPlayers(server, room, PLAYERS);
  const state = { rounds: 0, isOver: false };
  const disturbance = disturb(server, room.code, state);
  onTestEnd(() => (state.isOver = true)); // also where the test fails

  const sending = (async () => {
    for (let index = 0; index < FRAMES; index++) {
      for (const { player, id } of players) {
        player.send(numbered(id, index));
        const data = numbered(id, index);
        room.host.send({ cmd: typeof data === "string" ? "to_str" : "to", to: [id], data });
      }
      // However fast the machine is, frames come before, between and after the garbage.
      if (index === FRAMES / 2) await eventually("garbage was sent twice", () => state.rounds >= 2);
      // In bursts of fifty, so that the frames of all meet on the way.
      if (index % 50 === 49) await new Promise((resolve) => setImmediate(resolve));
    }
  })();

  const received = new Map<number, unknown[]>(players.map(({ id }) => [id, []]));
  const isComplete = () => [...received.values()].every((frames) => frames.length >= FRAMES);
  while (!isComplete()) {
    const { cmd, from, data } = await room.host.next();
    if (cmd === "from" || cmd === "from_str") received.get(Number(from))?.push(data);
  }
  await sending;
  state.isOver = true;
  await disturbance;

  for (const { player, id } of players) {
    const expected = Array.from({ length: FRAMES }, (_, index) => numbered(id, index));
    expect(received.get(id)).toEqual(expected);
    room.host.send({ cmd: "to_str", to: [id], data: "end" });
    expect(await player.frames.take(FRAMES + 1)).toEqual([...expected, "end"]);
  }
});
