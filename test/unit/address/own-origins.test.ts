/** Which origins count as the server's own. */
import { expect, test } from "@jest/globals";
import { createOwnOrigins } from "../../../src/address/own-origins.ts";

const asked = (host: string) => ({ headers: { host }, socket: { remoteAddress: "203.0.113.7" } });

test("P1.9 the name that a request was sent to counts, whatever it is, where no option says another", () => {
  const own = createOwnOrigins({ trustedProxies: [], publicUrl: () => "http://192.168.1.7:8081" });
  expect(own(asked("party.example:8081"))).toEqual(["http://party.example:8081", "http://192.168.1.7:8081"]);
});

test.each([
  ["party.example", ["http://party.example", "https://party.example", "https://party.example"]],
  ["192.168.1.7:8081", ["http://192.168.1.7:8081", "https://party.example"]],
  ["localhost:8081", ["http://localhost:8081", "https://party.example"]],
  ["tv.local:8081", ["http://tv.local:8081", "https://party.example"]],
  ["evil.example:8081", ["https://party.example"]],
  ["evil.local.example", ["https://party.example"]],
  ["evil.example.local", ["https://party.example"]],
])("P1.9 with a public URL, a name that another site may have pointed here is not its own: %s", (host, origins) => {
  const own = createOwnOrigins({
    trustedProxies: [],
    publicUrl: () => "https://party.example",
    isPublicUrlConfigured: true,
  });
  expect(own(asked(host))).toEqual(origins);
});
