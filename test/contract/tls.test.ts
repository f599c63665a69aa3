/** https and wss in the process: the options `tlsCert` and `tlsKey`. */
import { once } from "node:events";
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { get as getByTls } from "node:https";
import { request as requestPlain, type IncomingMessage } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { join } from "node:path";
import { Duplex, Writable } from "node:stream";
import { connect as connectTls } from "node:tls";
import { describe, expect, test } from "@jest/globals";
import type { OptionsInput } from "../../src/config.ts";
import { createLogger } from "../../src/log/logger.ts";
import { createServer } from "../../src/server.ts";
import { makeTestCertificate, writeCertificate, type CertificateFiles } from "../support/certificate.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { writeUntilHeldBack } from "../support/held-back.ts";
import { joinPlayer, openRoom, roundTrip } from "../support/host-client.ts";
import { eventually } from "../support/inbox.ts";
import { JWT_SECRET, tokenFor } from "../support/member-client.ts";
import { HANDSHAKE_HEADERS, makeFrame, makeRequest, OPCODE, RawClient } from "../support/raw-client.ts";
import { newSession, ReliableClient } from "../support/reliable-client.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { isOnBun, testInProcess } from "../support/target.ts";
import { connect } from "../support/socket-end.ts";

const MEBIBYTE = 1_048_576;

interface TlsHouse extends CertificateFiles {
  readonly server: TestServer;
}

async function startTls(options: OptionsInput = {}): Promise<TlsHouse> {
  const files = writeCertificate(await makeTestCertificate());
  const { tlsCert, tlsKey } = files;
  return { ...files, server: await startServer({ tlsCert, tlsKey, ...options }) };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

async function read(response: IncomingMessage): Promise<Answer> {
  let body = "";
  for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

/** A page or file over https. */
async function fetchTls({ port, ca }: TestServer, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const request = getByTls({ port, ca, path, headers, host: "127.0.0.1", servername: "localhost", agent: false });
  const [response] = await once(request, "response");
  return read(response);
}

/** The same address in plain http. */
async function fetchPlain(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<Answer> {
  const request = requestPlain({ port, path, headers, method, host: "127.0.0.1", agent: false }).end();
  const [response] = await once(request, "response");
  return read(response);
}

/** The serial number of the certificate that the server shows now. */
async function serialOf(port: number): Promise<string> {
  const socket = connectTls({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.destroy();
  return serialNumber;
}

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
    await eventually("both are in", async () => (await connectionCountOf(server)) === 2);
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
    await eventually("its connection is gone", async () => (await connectionCountOf(server)) === 1);
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

/** Bun gives no program the first byte of a connection before its own TLS has it: there plain http is not answered. */
const describeOnNode = (name: string, tests: () => void): void => (isOnBun ? undefined : describe(name, tests));

describeOnNode("plain http on the port of a server with a certificate", () => {
  test("row 75 a page is led to the same address with https", async () => {
    const { server } = await startTls();
    const { status, headers } = await fetchPlain(server.port, "/ABCD?x=1", { Host: `tv.local:${server.port}` });
    expect([status, headers.location]).toEqual([307, `https://tv.local:${server.port}/ABCD?x=1`]);
    expect(headers["cache-control"]).toBe("no-store");
    const own = await fetchPlain(server.port, "/");
    expect(own.headers.location).toBe(`https://127.0.0.1:${server.port}/`);
    expect((await fetchPlain(server.port, "/healthz", {}, "HEAD")).status).toBe(307);
  });

  test.each([
    ["//evil.example/", "https://tv.local//evil.example/"],
    ["/@evil.example", "https://tv.local/@evil.example"],
  ])("row 75 the path %s leads to no other host", async (path, location) => {
    const { server } = await startTls();
    expect((await fetchPlain(server.port, path, { Host: "tv.local" })).headers.location).toBe(location);
  });

  test.each(["evil.example/a", "a b", "user@evil.example", "."])(
    "row 75 with the host %p it says what to do",
    async (Host) => {
      const { server } = await startTls();
      const { status, body, headers } = await fetchPlain(server.port, "/", { Host });
      expect([status, headers.location, body]).toEqual([400, undefined, expect.stringContaining("https://")]);
    },
  );

  test("row 75 a WebSocket is told where to go, without what stands in its query", async () => {
    const { server } = await startTls();
    const { status, body } = await fetchPlain(server.port, "/BCDF?session=secret", {
      ...HANDSHAKE_HEADERS,
      Host: "tv.local",
    });
    expect([status, body]).toEqual([426, expect.stringContaining("wss://tv.local/BCDF\n")]);
    expect(body).not.toContain("secret");
  });

  test("row 75 what is neither TLS nor http is answered 400 and cut, and the server goes on", async () => {
    const { server } = await startTls();
    for (const bytes of ["\0\0\0", "\x80\x2e\x01", "SSH-2.0-phone\r\n", "hello\r\n\r\n"]) {
      const socket = connectTcp({ port: server.port, host: "127.0.0.1" });
      onTestEnd(() => socket.destroy());
      socket.resume().end(Buffer.from(bytes, "latin1"));
      await once(socket, "close");
    }
    expect((await fetchTls(server, "/healthz", { Accept: "text/plain" })).body).toBe("ok");
  });

  test("row 75 a handshake whose first bytes come one by one is one", async () => {
    const { server } = await startTls();
    const raw = connectTcp({ port: server.port, host: "127.0.0.1", noDelay: true });
    onTestEnd(() => raw.destroy());
    const tls = connectTls({ socket: byteByByte(raw), ca: server.ca, servername: "localhost" });
    await once(tls, "secureConnect");
    tls.write(makeRequest("GET", "/healthz", [["Accept", "text/plain"]]));
    const [answer] = await once(tls, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("row 75 connections that say nothing, or stop in the middle, are cut after ten seconds", async () => {
    const { server } = await startTls();
    const silent = ["", "\x16", "GET / HTTP/1.1\r\n"].map((text) => {
      const socket = connectTcp({ port: server.port, host: "127.0.0.1" });
      onTestEnd(() => socket.destroy());
      socket
        .on("error", () => {})
        .resume()
        .write(Buffer.from(text, "latin1"));
      return once(socket, "close");
    });
    const slow = connectTls({ port: server.port, host: "127.0.0.1", ca: server.ca });
    onTestEnd(() => slow.destroy());
    slow
      .on("error", () => {})
      .resume()
      .write("GET / HTTP/1.1\r\nHost: a\r\n");
    await Promise.all([...silent, once(slow, "close")]);
    expect((await fetchTls(server, "/healthz", { Accept: "text/plain" })).body).toBe("ok");
  });

  test("row 75 closing the server ends connections that are not encrypted yet", async () => {
    const { server } = await startTls();
    const sockets = ["", "\x16", "GET / HTTP/1.1\r\n"].map((text) => {
      const socket = connectTcp({ port: server.port, host: "127.0.0.1" })
        .on("error", () => {})
        .resume();
      socket.write(Buffer.from(text, "latin1"));
      onTestEnd(() => socket.destroy());
      return socket;
    });
    await Promise.all(sockets.map((socket) => once(socket, "connect")));
    await fetchTls(server, "/healthz");
    await Promise.all([server.close(), ...sockets.map((socket) => once(socket, "close"))]);
    expect(sockets.every((socket) => socket.destroyed)).toBe(true);
  });
});

/** A stream that sends each byte by itself. */
function byteByByte(socket: Socket): Duplex {
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      for (const byte of chunk) socket.write(Buffer.of(byte));
      done();
    },
  });
  socket.on("data", (chunk) => stream.push(chunk));
  return stream;
}

/** Puts a file in the place of another in one step, as certbot and `mv` do. */
function replace(folder: string, file: string, text: string): void {
  const draft = join(folder, "draft");
  writeFileSync(draft, text);
  renameSync(draft, file);
}

describe("a certificate that is renewed while the server runs", () => {
  test("row 75 is shown from the next connection on, and open lines go on", async () => {
    const { server, folder, tlsCert, tlsKey } = await startTls();
    const room = await openRoom(server);
    const { player } = await joinPlayer(server, room);
    const before = await serialOf(server.port);
    const next = await makeTestCertificate();
    replace(folder, tlsKey, next.key);
    replace(folder, tlsCert, next.cert);
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

  testInProcess("row 75 and is broken is told to the log once, and the one before it stays", async () => {
    const lines: string[] = [];
    const log = new Writable({
      write(chunk: Buffer, _encoding, done) {
        lines.push(chunk.toString());
        done();
      },
    });
    const files = writeCertificate(await makeTestCertificate());
    const { tlsCert, tlsKey } = files;
    const server = await startServer({ tlsCert, tlsKey }, { logger: createLogger("info", log) });
    const before = await serialOf(server.port);
    const warnings = (): string[] => lines.filter((line) => line.includes("cannot be used"));
    replace(files.folder, tlsCert, "-----BEGIN CERTIFICATE-----\nhalf of it");
    await eventually("the log tells of it", async () => warnings().length > 0);
    expect(warnings()).toEqual([expect.stringContaining("certificate in PEM")]);
    expect(await serialOf(server.port)).toBe(before);
    const next = await makeTestCertificate();
    replace(files.folder, tlsCert, next.cert);
    await eventually("the log tells that they are no pair", async () => warnings().length > 1);
    expect(warnings()[1]).toContain("does not belong");
    replace(files.folder, tlsKey, next.key);
    await eventually("the new certificate is shown", async () => (await serialOf(server.port)) !== before);
    expect(lines.join("")).not.toContain("PRIVATE KEY");
    expect(warnings()).toHaveLength(2);
  });
});

/** Throws what `createServer` does with these options. */
const startWith = (options: OptionsInput) => (): unknown => createServer({ logLevel: "silent", ...options });

/** The same with files that hold these texts. */
function problemOf(cert: string, key: string): () => unknown {
  const { tlsCert, tlsKey } = writeCertificate({ cert, key });
  return startWith({ tlsCert, tlsKey });
}

describe("a certificate that cannot be used stops the start", () => {
  testInProcess("row 75 where one of the two options is missing", async () => {
    const { tlsCert, tlsKey } = writeCertificate(await makeTestCertificate());
    expect(startWith({ tlsCert })).toThrow("tlsCert needs COUCHWIRE_TLS_KEY (tlsKey)");
    expect(startWith({ tlsKey })).toThrow("tlsKey needs COUCHWIRE_TLS_CERT (tlsCert)");
  });

  testInProcess("row 75 where a file cannot be read", async () => {
    const { folder, tlsCert, tlsKey } = writeCertificate(await makeTestCertificate());
    const nowhere = join(folder, "nowhere.pem");
    expect(startWith({ tlsCert: nowhere, tlsKey })).toThrow(
      `COUCHWIRE_TLS_CERT (tlsCert) names the file ${nowhere}, which cannot be read: ENOENT.`,
    );
    expect(startWith({ tlsCert, tlsKey: folder })).toThrow(/COUCHWIRE_TLS_KEY \(tlsKey\) .* cannot be read: EISDIR/);
  });

  testInProcess("row 75 where they are no pair, no PEM, or locked by a passphrase", async () => {
    const own = await makeTestCertificate();
    const other = await makeTestCertificate();
    const locked = await makeTestCertificate({ passphrase: "open sesame" });
    expect(problemOf(own.cert, other.key)).toThrow(/does not belong to the key/);
    expect(problemOf(own.key, own.key)).toThrow(
      /COUCHWIRE_TLS_CERT \(tlsCert\) has to be a file with a certificate in PEM/,
    );
    expect(problemOf(own.cert, own.cert)).toThrow(
      /COUCHWIRE_TLS_KEY \(tlsKey\) has to be a file with a private key in PEM/,
    );
    expect(problemOf(locked.cert, locked.key)).toThrow(/asks for a passphrase/);
    expect(problemOf("", "")).toThrow(/certificate in PEM/);
  });
});

/** WebSockets that the server has. */
async function connectionCountOf(server: TestServer): Promise<number> {
  const { connections }: { connections: number } = JSON.parse((await fetchTls(server, "/healthz")).body);
  return connections;
}
