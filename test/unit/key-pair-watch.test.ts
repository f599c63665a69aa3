import { writeFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { KeyPairWatch } from "../../src/http/key-pair-watch.ts";
import type { KeyPair } from "../../src/http/key-pair.ts";
import { makeTestCertificate, writeCertificate, type TestCertificate } from "../support/certificate.ts";
import { onTestEnd } from "../support/clean-up.ts";

interface Watched {
  readonly watch: KeyPairWatch;
  readonly close: () => void;
  /** What the log was told, oldest first. */
  readonly said: string[];
  readonly renewed: KeyPair[];
  readonly write: (pair: Partial<TestCertificate>) => void;
}

/** As OpenSSL refuses a certificate. */
function refuse(): never {
  throw Object.assign(new Error("no"), { code: "ERR_OSSL_EE_KEY_TOO_SMALL" });
}

function open(pair: TestCertificate, isRenewing = true): Watched {
  const { tlsCert: cert, tlsKey: key } = writeCertificate(pair);
  const said: string[] = [];
  const log = (about: unknown, sentence?: unknown): void =>
    void said.push(`${String(sentence)} ${JSON.stringify(about)}`);
  const opened = KeyPairWatch.open({ cert, key }, { info: log, warn: log });
  if (!opened.ok) throw new Error(opened.failure);
  const watch = opened.value;
  const renewed: KeyPair[] = [];
  const close = watch.start(isRenewing ? { onRenewed: (next) => renewed.push(next) } : {});
  onTestEnd(close);
  return {
    watch,
    close,
    said,
    renewed,
    write(next) {
      if (next.cert !== undefined) writeFileSync(cert, next.cert);
      if (next.key !== undefined) writeFileSync(key, next.key);
    },
  };
}

describe("a certificate that is watched", () => {
  test("is handed over when it was replaced, once", async () => {
    const { watch, renewed, said, write } = open(await makeTestCertificate());
    await watch.look();
    expect(renewed).toEqual([]);
    const next = await makeTestCertificate();
    write(next);
    await watch.look();
    await watch.look();
    expect(renewed).toEqual([{ ...next, validUntil: expect.any(Number) }]);
    expect(watch.current.cert).toBe(next.cert);
    expect(said).toEqual([expect.stringContaining("was renewed")]);
  });

  test("may be replaced one file after the other: the log is silent in between", async () => {
    const { watch, renewed, said, write } = open(await makeTestCertificate());
    const next = await makeTestCertificate();
    write({ cert: next.cert });
    await watch.look();
    write({ key: next.key });
    await watch.look();
    expect(renewed).toHaveLength(1);
    expect(said).toEqual([expect.stringContaining("was renewed")]);
  });

  test("stays where the next is no pair or cannot be read, and the log tells of each contents once", async () => {
    const first = await makeTestCertificate();
    const { watch, renewed, said, write } = open(first);
    write({ cert: "nonsense" });
    for (let look = 0; look < 5; look++) await watch.look();
    expect(said).toEqual([expect.stringContaining("has to be a file with a certificate in PEM")]);
    write({ cert: (await makeTestCertificate()).cert });
    for (let look = 0; look < 5; look++) await watch.look();
    expect(said).toHaveLength(2);
    expect(said[1]).toContain("does not belong");
    write(first);
    await watch.look();
    expect([renewed, watch.current.cert]).toEqual([[], first.cert]);
    expect(said.join("")).not.toContain("PRIVATE KEY");
  });

  test("that is new is told to the log alone where the runtime cannot use it", async () => {
    const { watch, said, write } = open(await makeTestCertificate(), false);
    write(await makeTestCertificate());
    await watch.look();
    await watch.look();
    expect(said).toEqual([expect.stringContaining("uses after a restart")]);
  });

  test("is told once where two servers show it, and each of them is given the next one", async () => {
    const { watch, said, renewed, write } = open(await makeTestCertificate());
    const others: KeyPair[] = [];
    const closeOther = watch.start({ onRenewed: (next) => others.push(next) });
    onTestEnd(closeOther);
    write(await makeTestCertificate());
    await watch.look();
    expect([renewed.length, others.length]).toEqual([1, 1]);
    expect(said).toEqual([expect.stringContaining("was renewed")]);
    closeOther();
    closeOther();
    write(await makeTestCertificate());
    await watch.look();
    expect([renewed.length, others.length]).toEqual([2, 1]);
  });

  test("that a server cannot take is told to the log, another server gets it, and nothing is thrown", async () => {
    const { watch, said, renewed, write } = open(await makeTestCertificate());
    onTestEnd(watch.start({ onRenewed: refuse }));
    const next = await makeTestCertificate();
    write(next);
    await watch.look();
    expect(said).toEqual([expect.stringMatching(/cannot be used; .* stays.*ERR_OSSL_EE_KEY_TOO_SMALL/)]);
    expect(renewed).toEqual([{ ...next, validUntil: expect.any(Number) }]);
    await watch.look();
    expect(said).toHaveLength(1);
  });

  test("changes nothing once the server is closed, though a look is under way", async () => {
    const { watch, close, said, renewed, write } = open(await makeTestCertificate());
    write(await makeTestCertificate());
    const looking = watch.look();
    close();
    await looking;
    expect([said, renewed]).toEqual([[], []]);
  });

  test("that has expired is used, and the log says so", async () => {
    const { said } = open(await makeTestCertificate({ days: -1 }));
    expect(said).toEqual([expect.stringContaining("has expired")]);
  });
});
