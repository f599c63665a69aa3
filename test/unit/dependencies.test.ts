import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { z } from "zod";

const LOCK = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({ dev: z.boolean().optional(), hasInstallScript: z.boolean().optional() }),
  ),
});

test("no package that users install runs a script when it is installed, and none has a native part", () => {
  const lock: unknown = JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8"));
  const users = Object.entries(LOCK.parse(lock).packages).filter(([, { dev }]) => dev !== true);
  expect(users.length).toBeGreaterThan(50);
  expect(users.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([name]) => name)).toEqual([]);
  expect(users.filter(([name]) => /cbor-extract/.test(name))).toEqual([]);
});
