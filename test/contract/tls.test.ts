/** https in the process: what is answered in plain http, and certificates that cannot be used. */
import { once } from "node:events";
import { request as requestPlain } from "node:http";
import { connect as connectTcp, type Socket } from "node:net";
import { join } from "node:path";
import { Duplex, Writable } from "node:stream";
import { connect as connectTls } from "node:tls";
import { describe, expect, test } from "@jest/globals";
import type { OptionsInput } from "../../src/config.ts";
import { createLogger } from "../../src/log/logger.ts";
import { createServer } from "../../src/server.ts";
import { makeTestCertificate, writeCertificate } from "../support/certificate.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually } from "../support/inbox.ts";
import { HANDSHAKE_HEADERS, makeRequest } from "../support/raw-client.ts";
import { startServer } from "../support/server.ts";
import { isOnBun, testInProcess } from "../support/target.ts";
import { fetchTls, readAnswer, replaceFile, serialOf, startTls, type HttpsAnswer } from "../support/tls-server.ts";

/** The same address in plain http. */
async function fetchPlain(
  port: number,
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<HttpsAnswer> {
  const request = requestPlain({ port, path, headers, method, host: "127.0.0.1", agent: false }).end();
  const [response] = await once(request, "response");
  return readAnswer(response);
}

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

describe("a new certificate", () => {
  testInProcess("row 75 that is broken is told to the log once, and the one before it stays", async () => {
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
    replaceFile(files.folder, tlsCert, "-----BEGIN CERTIFICATE-----\nhalf of it");
    await eventually("the log tells of it", async () => warnings().length > 0);
    expect(warnings()).toEqual([expect.stringContaining("certificate in PEM")]);
    expect(await serialOf(server.port)).toBe(before);
    const next = await makeTestCertificate();
    replaceFile(files.folder, tlsCert, next.cert);
    await eventually("the log tells that they are no pair", async () => warnings().length > 1);
    expect(warnings()[1]).toContain("does not belong");
    replaceFile(files.folder, tlsKey, next.key);
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
