/** The wire over TLS: the options `tlsCert` and `tlsKey`. Every runtime and both engines pass it. */
import { once } from "node:events";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createServer } from "../../../src/server.ts";
import { makeTestCertificate, writeCertificate } from "../../support/certificate.ts";
import { ChannelClient } from "../../support/channel-client.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { writeUntilHeldBack } from "../../support/held-back.ts";
import { joinPlayer, openRoom, roundTrip } from "../../support/host-client.ts";
import { eventually } from "../../support/inbox.ts";
import { JWT_SECRET, tokenFor } from "../../support/member-client.ts";
import { HANDSHAKE_HEADERS, makeFrame, makeRequest, OPCODE, RawClient } from "../../support/raw-client.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startServer } from "../../support/server.ts";
import { connect } from "../../support/socket-end.ts";
import { isOnBun, testInProcess } from "../../support/target.ts";
import { fetchTls, replaceFile, serialOf, startTls, tlsConnectionCount } from "../../support/tls-server.ts";

const MEBIBYTE = 1_048_576;

/** Compares without printing a megabyte. */
function expectBytes(data: unknown, expected: Buffer): void {
  expect(data instanceof Uint8Array && Buffer.compare(data, expected) === 0).toBe(true);
}

describe("a server with a certificate", () => {
  test("row 75 plays a party over wss: text and binary both ways, whole and in order", async () => {
    const { server } = await startTls();
    const room = await openRoom(server, { query: "?bytes=string" });
    const { player } = await joinPlayer(server, room);
    const large = Buffer.alloc(MEBIBYTE - 100, "couchwire");
    player.send("hello");
    player.send(large);
    player.send("");
    expect(await room.host.until("from_str")).toMatchObject({ from: 1, data: "hello" });
    const { data } = await room.host.until("from");
    expectBytes(data, large);
    expect(await room.host.until("from_str")).toMatchObject({ data: "" });
    for (let number = 0; number < 200; number++) room.host.send({ cmd: "to_str", to: [], data: `frame ${number}` });
    room.host.send({ cmd: "to", to: [], data: large });
    for (let number = 0; number < 200; number++) expect(await player.next()).toBe(`frame ${number}`);
    expectBytes(await player.next(), large);
    room.host.send({ cmd: "kick", player: 1, reason: "Out!" });
    expect(await player.closed).toEqual({ code: 4503, reason: "Out!" });
  });

  test("row 75 members of open rooms join over wss, too", async () => {
    const { server } = await startTls({ jwtSecret: JWT_SECRET, openRooms: "relay" });
    const [ann, bob] = await Promise.all(
      ["ann", "bob"].map(async (sub) => connect(`${server.ws}/ws?token=${await tokenFor(sub, "hall")}`, server.ca)),
    );
    await Promise.all([ann?.opened, bob?.opened]);
    await eventually("both are in", async () => (await tlsConnectionCount(server)) === 2);
    bob?.socket.send(JSON.stringify({ data: "hello" }));
    const [frame] = ann === undefined ? [] : await once(ann.socket, "message");
    expect(JSON.parse(String(frame))).toEqual({ from: "bob", data: "hello" });
  });

  test("row 75 a phone with couchwire.v1 goes on exactly where it was cut", async () => {
    const { server } = await startTls();
    const { host, code } = await openRoom(server);
    const path = `${code}?session=${newSession()}`;
    const before = new ReliableClient(server, path);
    const { epoch } = await before.hello();
    host.send({ cmd: "to_str", to: [], data: "one" });
    expect(await before.next()).toBe("one");
    before.socket.terminate();
    await host.until("player_joined");
    for (const data of ["two", "three"]) host.send({ cmd: "to_str", to: [], data });
    const after = new ReliableClient(server, `${path}&received=1&epoch=${epoch}`);
    expect(await after.hello()).toMatchObject({ lost: 0 });
    expect([await after.next(), await after.next()]).toEqual(["two", "three"]);
  });

  test("row 75 a phone that does not read is closed with 4031, and others go on", async () => {
    const { server } = await startTls({ sendQueue: 100_000, hostRate: 0, pingMs: 200_000, idleMs: 400_000 });
    const room = await openRoom(server);
    const slow = await RawClient.open(server.port, `/${room.code}`, server.ca);
    await room.host.until("player_joined");
    slow.socket.pause();
    const data = Buffer.alloc(65_536, 7);
    const gone = room.host.until("player_left");
    const filling = { isOver: false };
    void gone.then(() => (filling.isOver = true));
    while (!filling.isOver) {
      for (let sent = 0; sent < 16; sent++) room.host.send({ cmd: "to", to: [], data });
      await eventually("the host's frames have left", () => room.host.socket.bufferedAmount < MEBIBYTE);
    }
    expect(await gone).toMatchObject({ player: 1 });
  });

  test("row 75 what one turn sends to a phone that reads is not held against it, however tight the limit", async () => {
    const { server } = await startTls({ sendQueue: 1, hostRate: 0 });
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    for (let number = 0; number < 60; number++) {
      room.host.send({ cmd: "to_str", to: [], data: `frame ${number}` });
      room.host.send({ cmd: "to", to: [], data: Buffer.alloc(100_000, number) });
      expect(await player.next()).toBe(`frame ${number}`);
      expectBytes(await player.next(), Buffer.alloc(100_000, number));
    }
  });

  test("row 75 what may expire is sent as well behind it, in order, and is not held against the phone", async () => {
    const { server } = await startTls({ sendQueue: 1, hostRate: 0 });
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    for (let number = 0; number < 30; number++) {
      room.host.send({ cmd: "to", to: [], data: Buffer.alloc(100_000, number) });
      room.host.send({ cmd: "to_str", to: [], data: `passing ${number}`, ttl: 60_000 });
      room.host.send({ cmd: "to_str", to: [], data: `frame ${number}` });
      expectBytes(await player.next(), Buffer.alloc(100_000, number));
      expect(await player.next()).toBe(`passing ${number}`);
      expect(await player.next()).toBe(`frame ${number}`);
    }
  });

  test("row 75 a line of channels that comes back over wss gets megabytes that it missed, whole and in order", async () => {
    const { server } = await startTls({ jwtSecret: JWT_SECRET, hostRate: 0 });
    const { host, code } = await openRoom(server);
    const channels = ["a", "b", "c", "d"];
    const before = await ChannelClient.connect(server);
    const since = new Map<string, string>();
    for (const channel of channels) since.set(channel, (await before.subscribe(`room:${code}:${channel}`)).epoch);
    await before.close();
    const text = "x".repeat(90_000);
    for (let number = 1; number <= 10; number++) {
      for (const channel of channels) host.send({ cmd: "publish", channel, data: [number, text] });
    }
    await roundTrip(host);
    const after = await ChannelClient.connect(server);
    for (const [channel, epoch] of since) {
      after.tell("subscribe", { channel: `room:${code}:${channel}`, since: { epoch, offset: 0 } });
    }
    for (const channel of channels) {
      for (let number = 1; number <= 10; number++) {
        const expected = { channel: `room:${code}:${channel}`, data: [number, text], offset: number };
        expect(JSON.stringify(await after.publication()) === JSON.stringify(expected)).toBe(true);
      }
    }
  });

  test("row 75 a host that does not read holds its players back", async () => {
    const { server } = await startTls({ playerRate: 0, playerBytes: 0, pingMs: 200_000, idleMs: 400_000 });
    const other = await openRoom(server);
    const room = await openRoom(server);
    const player = await RawClient.open(server.port, `/${room.code}`, server.ca);
    await room.host.until("player_joined");
    room.host.socket.pause();
    const frame = makeFrame(OPCODE.binary, Buffer.alloc(65_536, 7));
    const sent = await writeUntilHeldBack(player.socket, {
      write: () => player.write(frame),
      bytes: frame.length,
      turn: () => roundTrip(other.host),
    });
    expect(sent).toBeGreaterThan(10);
  });

  test("row 75 a phone that vanishes has left", async () => {
    const { server } = await startTls();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    player.socket.terminate();
    expect(await room.host.until("player_left")).toMatchObject({ player: 1 });
    await eventually("its connection is gone", async () => (await tlsConnectionCount(server)) === 1);
  });

  test("row 75 pages, look-ups and join links say https and wss, and nothing asks browsers to stay with https", async () => {
    const { server } = await startTls();
    const { code } = await openRoom(server);
    const page = await fetchTls(server, "/", { Accept: "text/html" });
    expect([page.status, page.headers["strict-transport-security"]]).toEqual([200, undefined]);
    const json = { Accept: "application/json", Host: "party.example:8443" };
    expect(JSON.parse((await fetchTls(server, `/${code}`, json)).body)).toMatchObject({
      joinUrl: `https://party.example:8443/${code}`,
    });
    expect(JSON.parse((await fetchTls(server, "/api/info", json)).body)).toMatchObject({
      public_url: "https://party.example:8443",
    });
    expect((await fetchTls(server, "/CREATE", json)).body).toContain("wss://party.example:8443/CREATE");
    expect((await fetchTls(server, `/${code}`)).body).toBe("sketch");
  });

  test("row 75 P1.9 its own pages are of https", async () => {
    const { server } = await startTls({ origins: "https://games.example.com" });
    const statusWith = async (origin: string): Promise<number> => {
      const client = new RawClient(server.port, server.ca);
      client.write(makeRequest("GET", "/CREATE", [...Object.entries(HANDSHAKE_HEADERS), ["Origin", origin]]));
      return (await client.answer()).status;
    };
    expect(await statusWith("https://localhost")).toBe(101);
    expect(await statusWith("http://localhost")).toBe(403);
  });

  test("row 75 a request ahead of the handshake on the same connection is answered first", async () => {
    const { server } = await startTls();
    const client = new RawClient(server.port, server.ca);
    const plain = makeRequest("GET", "/healthz", [["Accept", "text/plain"]]);
    client.write(Buffer.concat([plain, makeRequest("GET", "/CREATE", Object.entries(HANDSHAKE_HEADERS))]));
    expect(await client.answer()).toMatchObject({ status: 200, body: "ok" });
    expect(await client.answer()).toMatchObject({ status: 101 });
  });

  testInProcess("row 75 where it is says https", async () => {
    const { tlsCert, tlsKey } = writeCertificate(await makeTestCertificate());
    const server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", tlsCert, tlsKey });
    onTestEnd(() => server.close());
    const { url, publicUrl, port } = await server.listen();
    expect([url, publicUrl]).toEqual([`https://127.0.0.1:${port}`, `https://127.0.0.1:${port}`]);
  });
});

/** Bun's server keeps the certificate that it began with. */
const describeOnNode = (name: string, tests: () => void): void => (isOnBun ? undefined : describe(name, tests));

describeOnNode("a certificate that is renewed while the server runs", () => {
  test("row 75 is shown from the next connection on, and open lines go on", async () => {
    const { server, folder, tlsCert, tlsKey } = await startTls();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const before = await serialOf(server.port);
    const next = await makeTestCertificate();
    replaceFile(folder, tlsKey, next.key);
    replaceFile(folder, tlsCert, next.cert);
    await eventually("the new certificate is shown", async () => (await serialOf(server.port)) !== before);
    player.send("still here");
    expect(await room.host.until("from_str")).toMatchObject({ data: "still here" });
    const renewed = { ...server, ca: next.cert };
    expect((await fetchTls(renewed, "/healthz", { Accept: "text/plain" })).body).toBe("ok");
    expect(await joinPlayer(renewed, room)).toMatchObject({ id: 2 });
  });

  test("row 75 behind symbolic links that lead elsewhere, as in Kubernetes, is shown", async () => {
    const { folder } = writeCertificate(await makeTestCertificate());
    const [first, second] = [await makeTestCertificate(), await makeTestCertificate()];
    for (const [name, { cert, key }] of Object.entries({ first, second })) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "tls.crt"), cert);
      writeFileSync(join(folder, name, "tls.key"), key);
    }
    symlinkSync("first", join(folder, "data"));
    const files = { tlsCert: join(folder, "data", "tls.crt"), tlsKey: join(folder, "data", "tls.key") };
    const server = await startServer(files);
    const before = await serialOf(server.port);
    symlinkSync("second", join(folder, "draft"));
    renameSync(join(folder, "draft"), join(folder, "data"));
    await eventually("the new certificate is shown", async () => (await serialOf(server.port)) !== before);
    expect((await fetchTls({ ...server, ca: second.cert }, "/healthz")).status).toBe(200);
  });
});
