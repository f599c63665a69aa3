/**
 * A certificate that this machine signs itself, for https in a local network. It stays in a folder of the user, since browsers remember a certificate that a
 * person has let pass: a new one at each start would ask the phones each time.
 */
import { createPrivateKey, randomBytes, X509Certificate } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { isIP } from "node:net";
import { join } from "node:path";
import { rankLanAddresses, type NetworkEvidence } from "../address/lan-addresses.ts";
import { EVERY_ADDRESS } from "../address/loopback.ts";
import { NetworkObserver } from "../address/network-evidence.ts";
import type { Options } from "../config.ts";

export interface SelfSignedOptions {
  readonly folder: string;
  /** What the certificate has to count for: names and IP addresses. */
  readonly names: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The certificate and behind it its key: in one file, so that both are replaced in one step. */
const FILE = "lan.pem";
const OWNER_ONLY = 0o600;
const OWNER_ONLY_FOLDER = 0o700;
/** How often the names are compared with those of the certificate. */
const LOOK_EVERY_MS = 30_000;
const DAY_MS = 86_400_000;
/** Browsers refuse a certificate that counts for more than 398 days. */
const VALID_DAYS = 397;
/** A certificate that counts for fewer days is replaced. */
const RENEW_DAYS = 30;
/** Clocks of phones may be behind. */
const BACKDATED_DAYS = 1;
/** Addresses of other networks that the certificate goes on counting for, so that a machine which comes back to one needs no other certificate. */
const MAX_KEPT_ADDRESSES = 20;

/** The folder for what programs keep for a user: that of the system, or what XDG_STATE_HOME says. */
export function stateFolder(
  platform: NodeJS.Platform,
  home: string,
  environment: Readonly<Record<string, string | undefined>>,
): string {
  const { XDG_STATE_HOME: xdg = "", LOCALAPPDATA: local = "" } = environment;
  if (xdg !== "") return join(xdg, "couchwire");
  if (platform === "darwin") return join(home, "Library", "Application Support", "couchwire");
  if (platform === "win32" && local !== "") return join(local, "couchwire");
  return join(home, ".local", "state", "couchwire");
}

/** What the machine is called in its networks: `localhost`, its name, that name as mDNS has it, and its addresses that phones may reach. */
export function lanNames(evidence: NetworkEvidence, machine = hostname()): string[] {
  const { best, others } = rankLanAddresses(evidence);
  const bare = machine.toLowerCase().replace(/\.local$/, "");
  const names = LABELS.test(bare) ? [bare, `${bare}.local`] : [];
  return [...new Set(["localhost", ...names, "127.0.0.1", "::1", ...(best === undefined ? [] : [best]), ...others])];
}

/** A host name in ASCII; a machine's name may be anything. */
const LABELS = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/;

/**
 * Keeps the certificate that is there, or makes another if that does not count for a name, or not for long. Resolves with the file that holds the certificate
 * and its key. Loads the library that makes certificates on demand.
 */
export async function keepSelfSigned({ folder, names, now }: SelfSignedOptions): Promise<string> {
  const file = join(folder, FILE);
  const present = readPresent(file);
  if (present !== undefined && isGoodFor(present, names, now())) return file;
  const kept = present === undefined ? [] : addressesOf(present).filter((address) => !names.includes(address));
  const pem = await makeCertificate([...names, ...kept.slice(0, MAX_KEPT_ADDRESSES)], now());
  mkdirSync(folder, { recursive: true, mode: OWNER_ONLY_FOLDER });
  const draft = `${file}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, pem, { mode: OWNER_ONLY, flag: "wx" });
  renameSync(draft, file); // in one step, so that a reader never finds half of it
  return file;
}

/** The certificate in this file, if its key is there too. */
function readPresent(file: string): X509Certificate | undefined {
  try {
    const pem = readFileSync(file, "utf8");
    const certificate = new X509Certificate(pem);
    if (!certificate.checkPrivateKey(createPrivateKey(pem))) return undefined;
    chmodSync(file, OWNER_ONLY); // a copy may be open to others
    return certificate;
  } catch {
    return undefined; // There is none, or what is there is spoiled: another one is made.
  }
}

function isGoodFor(certificate: X509Certificate, names: readonly string[], now: number): boolean {
  const counts = (name: string): boolean =>
    (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
  return Date.parse(certificate.validTo) - now > RENEW_DAYS * DAY_MS && names.every(counts);
}

/** The IPv4 addresses that the certificate counts for, loopback excepted. */
function addressesOf({ subjectAltName = "" }: X509Certificate): string[] {
  return [...subjectAltName.matchAll(/IP Address:([\d.]+)/g)]
    .map(([, address = ""]) => address)
    .filter((address) => !address.startsWith("127."));
}

async function makeCertificate(names: readonly string[], now: number): Promise<string> {
  const { generate } = await import("selfsigned");
  const made = await generate([{ name: "commonName", value: "Couchwire on this network" }], {
    keyType: "ec",
    curve: "P-256",
    algorithm: "sha256",
    notBeforeDate: new Date(now - BACKDATED_DAYS * DAY_MS),
    notAfterDate: new Date(now + (VALID_DAYS - BACKDATED_DAYS) * DAY_MS),
    extensions: [
      { name: "basicConstraints", cA: false, critical: true },
      { name: "keyUsage", digitalSignature: true, critical: true },
      { name: "extKeyUsage", serverAuth: true },
      {
        name: "subjectAltName",
        altNames: names.map((name) => (isIP(name) === 0 ? { type: 2, value: name } : { type: 7, ip: name })),
      },
    ],
  });
  return `${made.cert.trim()}\n${made.private.trim()}\n`;
}

export interface SelfSigningOptions {
  readonly folder: string;
  /** The server's options: names and addresses in them count for the certificate too. */
  readonly options: Pick<Options, "host" | "publicUrl">;
  readonly onError: (error: unknown) => void;
}

/**
 * Keeps a certificate for what this machine is called now, and goes on doing so while the process runs: a server notices by itself that its file has changed.
 * Resolves with the file.
 */
export async function startSelfSigning({ folder, options, onError }: SelfSigningOptions): Promise<string> {
  const network = new NetworkObserver();
  await network.refresh();
  const { host, publicUrl } = options;
  const named = [...(isIP(host) === 0 || EVERY_ADDRESS.has(host) ? [] : [host]), ...hostnameOf(publicUrl)];
  const keep = (): Promise<string> => {
    const names = new Set([...lanNames(network.observe()), ...named]);
    void network.refresh();
    return keepSelfSigned({ folder, names: [...names], now: Date.now });
  };
  const file = await keep();
  setInterval(() => void keep().catch(onError), LOOK_EVERY_MS).unref();
  return file;
}

/** An IPv6 address without its brackets. */
function hostnameOf(url: string | undefined): string[] {
  return url === undefined ? [] : [new URL(url).hostname.replace(/^\[(.*)\]$/, "$1")];
}
