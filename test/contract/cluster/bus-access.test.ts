/** Who may use a bus: names and passwords in its address, TLS, rights. No log line shows a password. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { areRuntimesAvailable, RUNTIMES, runtimePath } from "../../../scripts/runtimes.js";
import { keepingLog } from "../../support/bus-log.ts";
import { Heard, nodeBus, startServer, until, type ServerBus, type ServerKind } from "../../support/bus-nodes.ts";
import { makeTestCertificate } from "../../support/certificate.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { freePort } from "../../support/nginx.ts";

const PASSWORD = "hunter2/@:?#%";
const SECRET = encodeURIComponent(PASSWORD);

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-bus-access-"));
  onTestEnd(() => rmSync(folder, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content, { mode: 0o600 });
  return folder;
}

/** Sends one message through the bus and hears it. */
async function expectToWork(bus: ServerBus): Promise<void> {
  const heard = new Heard();
  await bus.subscribe("access", heard.listener);
  void bus.publish("access", new Uint8Array([1]));
  await heard.atLeast(1);
  expect([bus.isUp, heard.messages.length]).toEqual([true, 1]);
}

const withUser = (url: string, user: string): string => url.replace("://", `://${user}@`);

describe("row 87: Redis", () => {
  test.each([
    ["a password alone", ["--requirepass", PASSWORD], `:${SECRET}`],
    ["a name and a password", ["--user", "node", "on", `>${PASSWORD}`, "~*", "&*", "+@all"], `node:${SECRET}`],
  ])("lets in with %s", async (_, words, user) => {
    const server = await startServer("redis", { words });
    await expectToWork(await nodeBus(withUser(server.url, user)));
  });

  test.each([
    ["a wrong password", `:wrong${SECRET}`, "WRONGPASS"],
    ["none", "", "NOAUTH"],
  ])("is tried again with %s, and the log says why without the password", async (_, user, why) => {
    const server = await startServer("redis", { words: ["--requirepass", PASSWORD] });
    const { log, lines } = keepingLog();
    const bus = await nodeBus(user === "" ? server.url : withUser(server.url, user), { log });
    await until(() => lines.length > 0);
    expect(bus.isUp).toBe(false);
    expect(lines.join("")).toContain(why);
    expect(lines.join("")).not.toContain("hunter2");
  });

  test("refuses a subject that its rules do not allow: the subscriber hears so, and the bus goes on", async () => {
    const words = ["--user", "node", "on", ">pw", "~*", "resetchannels", "&access", "+@all"];
    const server = await startServer("redis", { words });
    const bus = await nodeBus(withUser(server.url, "node:pw"));
    await expect(bus.subscribe("forbidden", () => {})).rejects.toThrow("NOPERM");
    await bus.publish("forbidden", new Uint8Array(1));
    await expectToWork(bus);
  });
});

describe("row 88: NATS", () => {
  test.each([
    ["a name and a password", ["--user", "node", "--pass", PASSWORD], `node:${SECRET}`],
    ["a token", ["--auth", PASSWORD], SECRET],
  ])("lets in with %s", async (_, words, user) => {
    const server = await startServer("nats", { words });
    await expectToWork(await nodeBus(withUser(server.url, user)));
  });

  test("is tried again with a wrong password, and the log says why without the password", async () => {
    const server = await startServer("nats", { words: ["--user", "node", "--pass", PASSWORD] });
    const { log, lines } = keepingLog();
    const bus = await nodeBus(withUser(server.url, `node:wrong${SECRET}`), { log });
    await until(() => lines.length > 0);
    expect(bus.isUp).toBe(false);
    expect(lines.join("")).toContain("Authorization Violation");
    expect(lines.join("")).not.toContain("hunter2");
  });

  test("goes to another server of the address where one is away", async () => {
    const server = await startServer("nats");
    await expectToWork(await nodeBus(`nats://127.0.0.1:${await freePort()},${server.url}`));
  });

  test("refuses a subject that its rules do not allow: the subscriber hears so, and the bus goes on", async () => {
    const rules = `authorization { users = [{ user: node, password: pw, permissions: { publish: ">", subscribe: "access" } }] }`;
    const server = await startServer("nats", { words: ["-c", join(folderWith({ "nats.conf": rules }), "nats.conf")] });
    const bus = await nodeBus(withUser(server.url, "node:pw"));
    await expect(bus.subscribe("forbidden", () => {})).rejects.toThrow(/Permissions Violation/i);
    await expectToWork(bus);
  });

  test("says how much its server takes where that is less than 1 MiB", async () => {
    const conf = join(folderWith({ "nats.conf": "max_payload: 1000" }), "nats.conf");
    const server = await startServer("nats", { words: ["-c", conf] });
    const bus = await nodeBus(server.url);
    await expectToWork(bus);
    expect(() => bus.publish("access", new Uint8Array(1_001))).toThrow(
      "A message on the bus has up to 1000 bytes, not 1001.",
    );
    await expectToWork(bus);
  });
});

/** Connects, sends one message and hears it, with what is built. */
const PROGRAM = `
  const [cluster, url] = process.argv.slice(1);
  const log = { info() {}, warn() {}, error() {} };
  const { openRedis } = await import(cluster + "/redis/redis-connection.js");
  const { RedisBus } = await import(cluster + "/redis/redis-bus.js");
  const { openNats } = await import(cluster + "/nats/nats-connection.js");
  const { NatsBus } = await import(cluster + "/nats/nats-bus.js");
  const open = async () => url.startsWith("redis")
    ? new RedisBus(await openRedis(url, { log, pingMs: 5_000 }), log)
    : new NatsBus(await openNats(url, { log, pingMs: 5_000 }), log);
  const bus = await open().catch((error) => {
    console.log(error.name + ": " + error.message);
    process.exit();
  });
  await bus.subscribe("access", async (data) => {
    await bus.close();
    console.log(Buffer.from(data).toString());
  });
  await bus.publish("access", Buffer.from("heard"));
`;
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const BUILT = join(ROOT, "dist/cluster");

/** What the program prints. It ends by itself once its bus is closed. */
async function printed(
  url: string,
  { runtime = process.execPath, cluster = BUILT, certificate = "" } = {},
): Promise<string> {
  const child = spawn(runtime, ["--input-type=module", "-e", PROGRAM, cluster, url], {
    env: { PATH: process.env.PATH, ...(certificate !== "" && { NODE_EXTRA_CA_CERTS: certificate }) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestEnd(() => child.kill("SIGKILL"));
  const [said] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return said;
}

describe("over TLS", () => {
  test.each(["redis", "nats"] as const)(
    "%s is used where its certificate is known, and is not where it is unknown",
    async (kind) => {
      const { cert, key } = await makeTestCertificate();
      const folder = folderWith({ "cert.pem": cert, "key.pem": key });
      const [certFile, keyFile] = [join(folder, "cert.pem"), join(folder, "key.pem")];
      const tlsPort = await freePort();
      const words =
        kind === "redis"
          ? [
              "--tls-port",
              String(tlsPort),
              "--tls-cert-file",
              certFile,
              "--tls-key-file",
              keyFile,
              "--tls-auth-clients",
              "no",
            ]
          : ["--tls", "--tlscert", certFile, "--tlskey", keyFile];
      const server = await startServer(kind, { words });
      const url = kind === "redis" ? `rediss://127.0.0.1:${tlsPort}` : `tls://127.0.0.1:${server.port}`;

      const { log, lines } = keepingLog();
      const stranger = await nodeBus(url, { log });
      await until(() => lines.length > 0);
      expect(stranger.isUp).toBe(false);
      expect(lines.join("")).toMatch(/self-signed certificate/);

      // Node reads NODE_EXTRA_CA_CERTS when it starts.
      expect(await printed(url, { certificate: certFile })).toBe("heard\n");
    },
  );
});

/** By the bus, the package that it needs, and what installs it. */
const LIBRARIES = {
  redis: ["redis"],
  nats: ["@nats-io/transport-node", "@nats-io/transport-node @nats-io/jetstream @nats-io/kv"],
} as const satisfies Record<ServerKind, readonly string[]>;

describe.each(["redis", "nats"] as const)("the library of %s", (kind) => {
  const runtimes = areRuntimesAvailable ? RUNTIMES : [];
  test.each(runtimes)("works on %s", async (name) => {
    const server = await startServer(kind);
    const runtime = runtimePath(name);
    if (runtime === undefined) throw new Error("There are runtimes for this machine.");
    expect(await printed(server.url, { runtime })).toBe("heard\n");
  });

  test("that is not installed is named, with what installs it and without the password", async () => {
    const [name, packages = name] = LIBRARIES[kind];
    const folder = folderWith({ "package.json": '{"type":"module"}' });
    cpSync(BUILT, join(folder, "cluster"), { recursive: true });
    expect(await printed(`${kind}://node:hunter2@127.0.0.1`, { cluster: join(folder, "cluster") })).toBe(
      `BusAddressError: COUCHWIRE_BUS is ${kind}://127.0.0.1, which needs the package ${name}: npm install ${packages}\n`,
    );
  });

  test("that is not installed ends the start of the server with that sentence", async () => {
    const folder = folderWith({});
    for (const name of ["dist", "package.json"]) cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    for (const name of ["public", "admin-pages", "demo-game", "demo-arena"])
      symlinkSync(join(ROOT, name), join(folder, name));
    mkdirSync(join(folder, "node_modules"));
    for (const name of readdirSync(join(ROOT, "node_modules")))
      if (name !== "redis" && name !== "@nats-io")
        symlinkSync(join(ROOT, "node_modules", name), join(folder, "node_modules", name));
    const child = spawn(process.execPath, [join(folder, "dist/cli.js"), "serve"], {
      env: { PATH: process.env.PATH, PORT: "0", COUCHWIRE_BUS: `${kind}://node:hunter2@127.0.0.1:1` },
      stdio: ["ignore", "pipe", "pipe"],
    });
    onTestEnd(() => child.kill("SIGKILL"));
    const [out, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
    const [name, packages = name] = LIBRARIES[kind];
    expect(errors).toBe(
      `couchwire: The server could not start: COUCHWIRE_BUS is ${kind}://127.0.0.1:1, which needs the package ${name}: npm install ${packages}\n`,
    );
    expect(code).not.toBe(0);
    expect(out + errors).not.toContain("hunter2");
  });
});
