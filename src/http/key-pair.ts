/** A TLS certificate with its key, from the files that the options `tlsCert` and `tlsKey` name. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createSecureContext } from "node:tls";
import { failure, success, type Result } from "../protocol/result.ts";

export interface KeyPairFiles {
  /** The server's certificate in PEM, and behind it those of the authorities in between. */
  readonly cert: string;
  /** Its private key in PEM. */
  readonly key: string;
}

/** The contents of both files. They belong together. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  /** Until when the certificate counts, in milliseconds since 1970. */
  readonly validUntil: number;
}

/** Reads both files, or returns the sentence that says what is wrong with them. It quotes nothing of the key. */
export function readKeyPair(files: KeyPairFiles): Result<KeyPair, string> {
  const texts: string[] = [];
  for (const [option, file] of [
    ["COUCHWIRE_TLS_CERT (tlsCert)", files.cert],
    ["COUCHWIRE_TLS_KEY (tlsKey)", files.key],
  ] as const) {
    try {
      texts.push(readFileSync(file, "utf8"));
    } catch (error) {
      return failure(`${option} names the file ${file}, which cannot be read: ${codeOf(error)}.`);
    }
  }
  const [cert = "", key = ""] = texts;
  const checked = checkKeyPair(cert, key);
  return checked.ok ? checked : failure(`${checked.failure} The files are ${files.cert} and ${files.key}.`);
}

/** Whether these texts are a certificate and its key; otherwise the sentence that says why not. */
export function checkKeyPair(cert: string, key: string): Result<KeyPair, string> {
  const certificate = attempt(() => new X509Certificate(cert));
  if (!cert.includes("-----BEGIN CERTIFICATE-----") || !certificate.ok)
    return failure("COUCHWIRE_TLS_CERT (tlsCert) has to be a file with a certificate in PEM.");
  const privateKey = attempt(() => createPrivateKey(key));
  if (!privateKey.ok) return failure(describeKeyProblem(key));
  const isPair = attempt(() => certificate.value.checkPrivateKey(privateKey.value));
  if (!isPair.ok || !isPair.value)
    return failure(
      "The certificate of COUCHWIRE_TLS_CERT does not belong to the key of COUCHWIRE_TLS_KEY; the server's own certificate has to come first in its file.",
    );
  const context = attempt(() => createSecureContext({ cert, key }));
  if (!context.ok) return failure(`OpenSSL refuses the certificate and its key: ${context.failure}.`);
  return success({ cert, key, validUntil: Date.parse(certificate.value.validTo) });
}

function describeKeyProblem(key: string): string {
  return LOCKED_KEY.test(key)
    ? "The key of COUCHWIRE_TLS_KEY (tlsKey) asks for a passphrase, which cannot be typed when a server starts; save it without one."
    : "COUCHWIRE_TLS_KEY (tlsKey) has to be a file with a private key in PEM.";
}

/** How a key with a passphrase begins (RFC 5958, and the older form of OpenSSL). */
const LOCKED_KEY = /-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m;

/** What the function returns, or the code of the error that it throws: Node and OpenSSL throw for contents that they cannot read. */
function attempt<Value>(read: () => Value): Result<Value, string> {
  try {
    return success(read());
  } catch (error) {
    return failure(codeOf(error));
  }
}

/** The code of an error, such as `ENOENT`; its text where it has none. */
export function codeOf(error: unknown): string {
  const hasCode = typeof error === "object" && error !== null && "code" in error && typeof error.code === "string";
  return hasCode ? String(error.code) : String(error);
}
