import { expect, test } from "@jest/globals";
import { endOfHead, readRequestHead, writeRequestHead } from "../../../../src/cluster/workers/request-head.ts";

const upgrade = "GET /BCDF?name=a HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n";

test("a head ends at its empty line, wherever the reads are cut", () => {
  const bytes = Buffer.from(`${upgrade}more`);
  for (let cut = 0; cut < bytes.length; cut++) {
    const isThere = cut >= upgrade.length;
    expect(endOfHead(bytes.subarray(0, cut))).toBe(isThere ? upgrade.length : -1);
    if (!isThere) expect(endOfHead(bytes, cut)).toBe(upgrade.length);
  }
});

test("an upgrade has both headers, in any case; other requests have not", () => {
  expect(readRequestHead(Buffer.from(upgrade))).toMatchObject({ url: "/BCDF?name=a", isUpgrade: true });
  expect(
    readRequestHead(Buffer.from(upgrade.replace("Connection: keep-alive, Upgrade", "CONNECTION:upgrade")))?.isUpgrade,
  ).toBe(true);
  expect(readRequestHead(Buffer.from(upgrade.replace("Upgrade: websocket\r\n", "")))?.isUpgrade).toBe(false);
  expect(readRequestHead(Buffer.from(upgrade.replace(", Upgrade", "")))?.isUpgrade).toBe(false);
});

test("headers that come twice are joined, and what is no head is none", () => {
  const twice = upgrade.replace("Host: x", "Sec-WebSocket-Protocol: a\r\nSEC-WEBSOCKET-PROTOCOL:  b \r\nHost: x");
  expect(readRequestHead(Buffer.from(twice))?.headers.get("sec-websocket-protocol")).toBe("a, b");
  for (const bytes of [
    "",
    "GET / HTTP/1.1\r\n",
    "\u0016\u0003\u0001\r\n\r\n",
    "GET /  two HTTP/1.1\r\n\r\n",
    "GET / FTP/1.1\r\n\r\n",
  ])
    expect(readRequestHead(Buffer.from(bytes, "latin1"))).toBeUndefined();
});

test("a head that another parser has read is written as it came, bytes that are no ASCII too", () => {
  const written = writeRequestHead({
    method: "GET",
    url: "/BCDF?name=a",
    httpVersion: "1.1",
    rawHeaders: ["Host", "x", "Connection", "keep-alive, Upgrade", "Upgrade", "websocket"],
  });
  expect(written.toString("latin1")).toBe(upgrade);
  const name = writeRequestHead({ method: "GET", url: "/", httpVersion: "1.1", rawHeaders: ["X-Name", "\u00e9"] });
  expect(name.includes(Buffer.from([0x20, 0xe9, 0x0d]))).toBe(true);
});
