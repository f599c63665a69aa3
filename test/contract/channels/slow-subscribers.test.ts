/** Lines that do not read what is published (P8.5, row 82). */
import { expect, test } from "@jest/globals";
import { ChannelClient } from "../../support/channel-client.ts";
import { openRoom, roundTrip } from "../../support/host-client.ts";
import { mostInKernel } from "../../support/held-back.ts";
import { JWT_SECRET } from "../../support/member-client.ts";
import { startServer } from "../../support/server.ts";

/** 256 that wait and what the line has not read are less than what is kept of the channel. */
const PIECE = "x".repeat(900);
const BATCH = 100;
/** A line that does not read answers no pings. */
const PATIENT = { pingMs: 200_000, idleMs: 400_000, hostRate: 0 } as const;

test("P8.5 row 82: a line that does not read is closed with 4031; it comes back, and no publication is missing", async () => {
  const server = await startServer({ jwtSecret: JWT_SECRET, ...PATIENT });
  const { host, code } = await openRoom(server);
  const channel = `room:${code}:score`;
  const good = await ChannelClient.connect(server);
  const { epoch } = await good.subscribe(channel);
  const slow = await ChannelClient.connect(server);
  await slow.subscribe(channel);
  slow.socket.pause();

  let published = 0;
  const isOut = async (): Promise<boolean> => (await good.call("presence", { channel })).result?.["clients"] === 1;
  let heard = 0;
  while (!(await isOut())) {
    if (published * PIECE.length > 2 * mostInKernel()) throw new Error("The line is never closed.");
    for (let number = 0; number < BATCH; number++) {
      published += 1;
      host.send({ cmd: "publish", channel: "score", data: [published, PIECE] });
    }
    await roundTrip(host);
    for (; heard < published; heard++) expect(await good.publication()).toMatchObject({ offset: heard + 1 });
  }

  // What had left the server before arrives, and then the Close.
  let got = 0;
  slow.socket.resume();
  const { code: closeCode } = await slow.closed;
  expect(closeCode).toBe(4031);
  for (const frame of slow.frames.drain()) {
    expect(JSON.parse(frame)).toMatchObject({ method: "publication", params: { offset: got + 1 } });
    got += 1;
  }
  expect(got).toBeGreaterThan(0);
  expect(got).toBeLessThan(published);

  const back = await ChannelClient.connect(server);
  expect(await back.subscribe(channel, { epoch, offset: got })).toMatchObject({ recovered: true });
  for (let offset = got + 1; offset <= published; offset++) {
    expect(await back.publication()).toEqual({ channel, data: [offset, PIECE], offset });
  }
});

test("P8.5 row 82: a line that missed more than is kept can tell by the answer how many", async () => {
  const server = await startServer({ jwtSecret: JWT_SECRET, ...PATIENT });
  const { host, code } = await openRoom(server);
  const channel = `room:${code}:score`;
  const first = await ChannelClient.connect(server);
  const { epoch } = await first.subscribe(channel);
  host.send({ cmd: "publish", channel: "score", data: 1 });
  expect(await first.publication()).toMatchObject({ offset: 1 });
  await first.close();
  for (let number = 2; number <= 10_000; number++) host.send({ cmd: "publish", channel: "score", data: number });
  await roundTrip(host);
  const back = await ChannelClient.connect(server);
  const { offset, recovered } = await back.subscribe(channel, { epoch, offset: 1 });
  expect([offset - 1, recovered]).toEqual([9_999, false]);
});
