import { createPrivateKey, X509Certificate } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import type { NetworkInterfaceInfo } from "node:os";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { keepSelfSigned, lanNames, stateFolder } from "../../../src/cli/self-signed.ts";
import { onTestEnd } from "../../support/clean-up.ts";

const DAY_MS = 86_400_000;
const NOW = Date.now();
const HOME_NAMES = ["localhost", "tv", "tv.local", "127.0.0.1", "::1", "192.168.1.7"];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-state-"));
  onTestEnd(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "couchwire");
}

/** The certificate that is there, and what the file holds. */
async function keep(folder: string, names = HOME_NAMES, now = NOW): Promise<{ pem: string; cert: X509Certificate }> {
  const pem = readFileSync(await keepSelfSigned({ folder, names, now: () => now }), "utf8");
  return { pem, cert: new X509Certificate(pem) };
}

const isFor = (cert: X509Certificate, name: string): boolean =>
  (/^[\d.:]+$/.test(name) ? cert.checkIP(name) : cert.checkHost(name)) !== undefined;

describe("the certificate that this machine signs itself", () => {
  test("counts for all its names for 396 days, and belongs to the key in the same file", async () => {
    const { pem, cert } = await keep(newFolder());
    for (const name of HOME_NAMES) expect([name, isFor(cert, name)]).toEqual([name, true]);
    for (const name of ["example.org", "192.168.1.8"]) expect([name, isFor(cert, name)]).toEqual([name, false]);
    expect(Date.parse(cert.validTo) - NOW).toBeGreaterThan(395 * DAY_MS);
    expect(Date.parse(cert.validTo) - Date.parse(cert.validFrom)).toBeLessThanOrEqual(398 * DAY_MS);
    expect(Date.parse(cert.validFrom)).toBeLessThan(NOW);
    expect(cert.checkPrivateKey(createPrivateKey(pem))).toBe(true);
    expect([cert.ca, cert.verify(cert.publicKey)]).toEqual([false, true]);
  });

  test("is for its owner alone, in a folder that is, and nothing else stays there", async () => {
    const folder = newFolder();
    await keep(folder);
    expect(readdirSync(folder)).toEqual(["lan.pem"]);
    expect(statSync(join(folder, "lan.pem")).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    chmodSync(join(folder, "lan.pem"), 0o644);
    await keep(folder);
    expect(statSync(join(folder, "lan.pem")).mode & 0o777).toBe(0o600);
  });

  test("stays the same at each start, so that phones are asked once", async () => {
    const folder = newFolder();
    const { pem } = await keep(folder);
    expect((await keep(folder)).pem).toBe(pem);
    expect((await keep(folder, ["localhost", "192.168.1.7"], NOW + 300 * DAY_MS)).pem).toBe(pem);
  });

  test("is made anew 30 days before it ends", async () => {
    const folder = newFolder();
    const { pem } = await keep(folder);
    expect((await keep(folder, HOME_NAMES, NOW + 365 * DAY_MS)).pem).toBe(pem);
    const later = NOW + 367 * DAY_MS;
    const { pem: next, cert } = await keep(folder, HOME_NAMES, later);
    expect(next).not.toBe(pem);
    expect(Date.parse(cert.validTo)).toBeGreaterThan(later + 390 * DAY_MS);
  });

  test("is made anew for another address, and goes on counting for the one before: the way back needs no other", async () => {
    const folder = newFolder();
    await keep(folder);
    const away = [...HOME_NAMES.slice(0, -1), "10.0.0.5"];
    const { pem, cert } = await keep(folder, away);
    expect(["10.0.0.5", "192.168.1.7"].map((name) => isFor(cert, name))).toEqual([true, true]);
    expect((await keep(folder)).pem).toBe(pem);
  });

  test("keeps the addresses of the last networks, and no more than twenty", async () => {
    const folder = newFolder();
    for (let network = 1; network <= 25; network++) await keep(folder, ["localhost", `10.0.${network}.5`]);
    const { cert } = await keep(folder, ["localhost", "10.0.25.5"]);
    expect([...(cert.subjectAltName ?? "").matchAll(/IP Address:10\.0\./g)]).toHaveLength(21);
    expect([isFor(cert, "10.0.24.5"), isFor(cert, "10.0.1.5")]).toEqual([true, false]);
  });

  test.each(["", "nonsense", "-----BEGIN CERTIFICATE-----\nhalf"])(
    "is made anew where the file holds %p",
    async (text) => {
      const folder = newFolder();
      await keep(folder);
      writeFileSync(join(folder, "lan.pem"), text);
      const { pem, cert } = await keep(folder);
      expect(isFor(cert, "192.168.1.7")).toBe(true);
      expect((await keep(folder)).pem).toBe(pem);
    },
  );

  test("is made anew where its key is another's", async () => {
    const [folder, other] = [newFolder(), newFolder()];
    const [{ pem }, { pem: foreign }] = [await keep(folder), await keep(other)];
    const mixed = `${pem.split("-----BEGIN PRIVATE KEY-----")[0]}-----BEGIN PRIVATE KEY-----${foreign.split("-----BEGIN PRIVATE KEY-----")[1]}`;
    writeFileSync(join(folder, "lan.pem"), mixed);
    const next = await keep(folder);
    expect(next.cert.checkPrivateKey(createPrivateKey(next.pem))).toBe(true);
  });
});

test.each([
  ["linux", { XDG_STATE_HOME: "/state" }, "/state/couchwire"],
  ["linux", {}, "/home/ann/.local/state/couchwire"],
  ["darwin", {}, "/home/ann/Library/Application Support/couchwire"],
  ["win32", { LOCALAPPDATA: "/local" }, "/local/couchwire"],
  ["win32", {}, "/home/ann/.local/state/couchwire"],
] as const)("on %s with %p the state is kept in %s", (platform, environment, folder) => {
  expect(stateFolder(platform, "/home/ann", environment)).toBe(folder);
});

function networkWith(...addresses: readonly string[]): Parameters<typeof lanNames>[0] {
  const infos = addresses.map((address): NetworkInterfaceInfo => {
    const rest = { netmask: "255.255.255.0", mac: "a0:b1:c2:d3:e4:f5", internal: false, cidr: null };
    return { address, family: "IPv4", ...rest };
  });
  return { interfaces: { eth0: infos }, defaultRoute: addresses[0], habitat: "machine" };
}

test.each([
  ["TV", ["localhost", "tv", "tv.local", "127.0.0.1", "::1", "192.168.1.7", "10.0.0.5"]],
  ["tv.local", ["localhost", "tv", "tv.local", "127.0.0.1", "::1", "192.168.1.7", "10.0.0.5"]],
  ["Ann's Mac", ["localhost", "127.0.0.1", "::1", "192.168.1.7", "10.0.0.5"]],
  ["-", ["localhost", "127.0.0.1", "::1", "192.168.1.7", "10.0.0.5"]],
])("the machine %p is called %p", (machine, names) => {
  expect(lanNames(networkWith("192.168.1.7", "10.0.0.5"), machine)).toEqual(names);
});
