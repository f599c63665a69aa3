import { Writable } from "node:stream";
import { expect, test } from "@jest/globals";
import { createLogger } from "../../../src/log/logger.ts";
import { HostClient, openRoom, roundTrip } from "../../support/host-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { startServer } from "../../support/server.ts";
import { testInProcess } from "../../support/target.ts";
import { newSession } from "../../support/reliable-client.ts";

test("P2.9 of a hundred phones that rush a lobby of eight seats, eight get in, and the host hears of those alone", async () => {
  const server = await startServer();
  const room = await openRoom(server, { max_players: 8 });
  const phones = await Promise.all(
    Array.from({ length: 100 }, () => PlayerClient.connect(server, `${room.code}?session=${newSession()}`)),
  );
  for (let joined = 1; joined <= 8; joined++) {
    expect(await room.host.until("player_joined")).toEqual({ cmd: "player_joined", player: joined });
  }
  room.host.send({ cmd: "to_str", to: [], data: "welcome" });
  const fates = await Promise.all(
    phones.map((phone) => Promise.race([phone.closed.then(({ code }) => code), phone.next().catch(() => 4510)])),
  );
  expect(fates.filter((fate) => fate === "welcome")).toHaveLength(8);
  expect(fates.filter((fate) => fate === 4510)).toHaveLength(92);
  expect((await roundTrip(room.host)).filter(({ cmd }) => cmd !== "state")).toEqual([]);
});

testInProcess("P5.4.14 no line of the log tells a session, a PIN, a name or the token of a rescue link", async () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const here = await startServer({ awayMs: 0 }, { logger: createLogger("trace", sink) });
  const [tv, phone, spare] = ["secret-of-the-television", "secret-of-the-phone-1", "secret-of-the-phone-2"];
  const host = await HostClient.connect(here, `?session=${tv}`);
  host.send({ cmd: "prepare", max_players: 2, name: "sketch", pin: "pin-of-the-room" });
  const code = String((await host.until("prepare_reply")).key);
  const first = await PlayerClient.connect(here, `${code}?session=${phone}&pin=pin-of-the-room&name=Rosalind`);
  await host.until("player_joined");
  host.send({ cmd: "rescue", player: 1 });
  const token = new URL(String((await host.until("rescue_reply")).url)).searchParams.get("rescue") ?? "";
  await first.close(1001);
  await host.until("player_away");
  const second = await PlayerClient.connect(here, `${code}?session=${spare}&rescue=${token}`);
  await host.until("player_back");
  second.send("payload-of-a-frame");
  await host.until("from_str");
  host.socket.close(1001);
  await host.closed;
  const back = await HostClient.connect(here, `?session=${tv}`);
  back.send({ cmd: "stop" });
  await second.closed;
  const log = lines.join("");
  expect(log).toContain("player back");
  expect(log).toContain(code);
  for (const secret of [tv, phone, spare, token, "pin-of-the-room", "Rosalind", "payload-of-a-frame"]) {
    expect(log).not.toContain(secret);
  }
});
