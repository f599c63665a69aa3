import { expect, test } from "@jest/globals";
import { onTestEnd } from "../../support/clean-up.ts";
import { openRoom } from "../../support/host-client.ts";
import { OPCODE, RawClient } from "../../support/raw-client.ts";
import { startServer } from "../../support/server.ts";

/** Well under the interval between pings. */
const WAY_MS = 100;

test("P5.3.7 a phone on a long line is not taken for dead because its host asks how it is", async () => {
  const server = await startServer({ pingMs: 400, idleMs: 1000 });
  const { host, code } = await openRoom(server);
  const phone = await RawClient.open(server.port, `/${code}`);
  const pongs: number[] = [];
  const pulse = setInterval(() => {
    if (phone.frames.drain().some(({ opcode }) => opcode === OPCODE.ping)) {
      phone.send(OPCODE.pong, "p");
      pongs.push(performance.now());
    }
  }, WAY_MS);
  onTestEnd(() => clearInterval(pulse));
  await host.until("player_joined");
  while (pongs.length < 25) {
    host.send({ cmd: "health", every: 1 });
    const { players } = await host.until("health");
    expect(players).toMatchObject({ 1: { away: false } });
    await new Promise((resolve) => setImmediate(resolve));
  }
});
