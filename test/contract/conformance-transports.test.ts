/** The conformance checks pass on this server however it is reached. */
import { describe, expect, test } from "@jest/globals";
import { makeTestCertificate, writeCertificate } from "../support/certificate.ts";
import { faults, QUICK, resultsOfDefaults, WITH_TIMEOUTS_MS } from "../support/conformance.ts";
import { startServer } from "../support/server.ts";

describe("the conformance checks pass", () => {
  test.each(["codec", "ws"] as const)(
    "with the engine %s",
    async (wsEngine) => {
      const server = await startServer({ ...QUICK, wsEngine });
      expect(faults(await resultsOfDefaults({ url: server.url }))).toEqual([]);
    },
    WITH_TIMEOUTS_MS,
  );

  test(
    "below a path, over TLS",
    async () => {
      const { tlsCert, tlsKey } = writeCertificate(await makeTestCertificate());
      const server = await startServer({ ...QUICK, tlsCert, tlsKey, publicUrl: "https://example.org/party/" });
      const ca = server.ca ?? "";
      expect(faults(await resultsOfDefaults({ url: `${server.ws}/party/`, ca }))).toEqual([]);
    },
    WITH_TIMEOUTS_MS,
  );
});
