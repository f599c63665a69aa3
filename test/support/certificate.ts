/** Certificates for tests of TLS, made anew: none is kept in the repository, where one would expire. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generate } from "selfsigned";
import { onTestEnd } from "./clean-up.ts";

export interface TestCertificate {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;

/** Counts for this machine, from yesterday on for so many days. */
export async function makeTestCertificate({ days = 30, passphrase = "" } = {}): Promise<TestCertificate> {
  const made = await generate([{ name: "commonName", value: "localhost" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date(Date.now() - 2 * DAY_MS),
    notAfterDate: new Date(Date.now() + days * DAY_MS),
    extensions: [
      {
        name: "subjectAltName",
        altNames: [
          { type: 2, value: "localhost" },
          { type: 7, ip: "127.0.0.1" },
        ],
      },
    ],
    ...(passphrase !== "" && { passphrase }),
  });
  return { cert: made.cert, key: made.private };
}

export interface CertificateFiles {
  readonly folder: string;
  readonly tlsCert: string;
  readonly tlsKey: string;
}

/** Writes both into a folder that goes when the test ends. */
export function writeCertificate({ cert, key }: TestCertificate): CertificateFiles {
  const folder = mkdtempSync(join(tmpdir(), "couchwire-tls-"));
  onTestEnd(() => rmSync(folder, { recursive: true, force: true }));
  const [tlsCert, tlsKey] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  writeFileSync(tlsCert, cert);
  writeFileSync(tlsKey, key);
  return { folder, tlsCert, tlsKey };
}
