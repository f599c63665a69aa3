import { describe, expect, test } from "@jest/globals";
import QRCode from "qrcode";
import { helpText } from "../../../src/cli/help.ts";
import { describeStartFailure } from "../../../src/cli/start-failure.ts";
import { welcome } from "../../../src/cli/welcome.ts";
import type { PhoneObstacle } from "../../../src/address/public-url.ts";
import { OPTION_TABLE, parseOptions } from "../../../src/config.ts";

/** The words, however the lines are broken. */
const flat = (text: string): string => text.replaceAll(/\s+/g, " ");

describe("the help", () => {
  test("has every option with its variable, default and meaning", () => {
    const help = helpText();
    const words = help.replaceAll(/\s+/g, " ");
    for (const { flag, env, default: unset, meaning, allowed } of OPTION_TABLE) {
      expect(help).toContain(`\n  ${flag} (${env}, default: ${unset})\n`);
      expect(words).toContain(`${meaning} Takes ${allowed}.`);
    }
  });

  test("fits a terminal of 80 columns", () => {
    for (const line of helpText().split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe("the welcome", () => {
  const ADDRESS = {
    port: 8081,
    url: "http://localhost:8081",
    publicUrl: "http://192.168.1.7:8081",
    alternatives: [],
  };
  const PLAIN = { version: "1.2.3", hasColors: false, columns: 80 };

  test("says where to go with the TV and the phones", () => {
    const text = welcome(ADDRESS, PLAIN);
    expect(text).toContain("Couchwire 1.2.3");
    expect(text).toMatch(/TV .*http:\/\/localhost:8081/);
    expect(text).toMatch(/Phones .*http:\/\/192\.168\.1\.7:8081 on the same Wi-Fi/);
  });

  test("draws the phones' address as a QR code, light around the code", () => {
    const drawn = welcome(ADDRESS, PLAIN)
      .split("\n")
      .filter((line) => /^ {2}[ ▀▄█]+$/.test(line))
      .map((line) => line.slice(2));
    const isLight = drawn.flatMap((line) => [
      Array.from(line, (block) => "▀█".includes(block)),
      Array.from(line, (block) => "▄█".includes(block)),
    ]);
    const { modules } = QRCode.create(ADDRESS.publicUrl);
    for (let row = -2; row < modules.size + 2; row++) {
      const expected = Array.from({ length: modules.size + 4 }, (_, index) => {
        const column = index - 2;
        const isInside = Math.min(row, column) >= 0 && Math.max(row, column) < modules.size;
        return !isInside || modules.get(row, column) === 0;
      });
      expect(isLight[row + 2]).toEqual(expected);
    }
  });

  test("leaves the QR code out where the terminal would break its lines", () => {
    const text = welcome(ADDRESS, { ...PLAIN, columns: 28 });
    expect(text).not.toContain("█");
    expect(text).toContain(ADDRESS.publicUrl);
  });

  test.each<[PhoneObstacle, string, RegExp]>([
    [
      "loopback",
      "http://127.0.1.1:8081",
      /listens on 127\.0\.1\.1, which only this machine can reach\. --host 0\.0\.0\.0/,
    ],
    ["loopback", "http://[::1]:8081", /listens on \[::1\], which only this machine/],
    [
      "no_network",
      "http://127.0.0.1:8081",
      /No local network was found\. Once there is one, the TV's page shows the address/,
    ],
  ])("sends no phone to where it is not heard: %s at %s", (obstacle, publicUrl, sentence) => {
    const text = welcome({ ...ADDRESS, publicUrl, obstacle }, PLAIN);
    expect(text).toContain("Phones  cannot reach this server");
    expect(text).not.toContain("█");
    expect(flat(text)).toMatch(sentence);
  });

  test.each<[PhoneObstacle, string, RegExp]>([
    ["container", "172.17.0.2", /This is a container, and phones cannot reach its own address 172\.17\.0\.2\./],
    ["wsl", "172.28.3.4", /This is WSL, and phones cannot reach its own address 172\.28\.3\.4\./],
    ["nat", "10.0.2.15", /virtual machine behind NAT, and phones cannot reach 10\.0\.2\.15\./],
  ])("in a %s says what to set", (obstacle, host, sentence) => {
    const text = flat(welcome({ ...ADDRESS, publicUrl: `http://${host}:8081`, obstacle }, PLAIN));
    expect(text).toMatch(sentence);
    expect(text).toContain("Set COUCHWIRE_PUBLIC_URL to where phones reach it, such as http://192.168.1.7:8081.");
  });

  test("in several networks lists the other addresses and how to choose one", () => {
    const alternatives = ["http://10.0.0.5:8081", "http://10.8.0.2:8081"];
    const text = welcome({ ...ADDRESS, alternatives }, PLAIN);
    expect(text).toContain("█");
    expect(flat(text)).toContain(
      "If phones do not get there, try http://10.0.0.5:8081 or http://10.8.0.2:8081; --public-url or COUCHWIRE_PUBLIC_URL",
    );
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });
});

test("the welcome with a certificate of the machine's own says what browsers show, how to go on, and what for", () => {
  const address = {
    port: 8081,
    url: "https://localhost:8081",
    publicUrl: "https://192.168.1.7:8081",
    alternatives: [],
  };
  const environment = { version: "1.2.3", hasColors: false, columns: 80 };
  const text = flat(welcome(address, { ...environment, isSelfSigned: true }));
  expect(text).toMatch(/warns once .* Advanced and Proceed \(Chrome\).*Show Details and visit this website \(Safari\)/);
  expect(text).toMatch(/motion sensors and keep screens awake/);
  expect(flat(welcome(address, environment))).not.toContain("warns once");
  for (const line of welcome(address, { ...environment, isSelfSigned: true }).split("\n"))
    expect(line.length).toBeLessThanOrEqual(80);
});

test("P7.8 the welcome says where bots connect, where they can", () => {
  const parsed = { port: 8081, url: "http://localhost:8081", publicUrl: "http://192.168.1.7:8081", alternatives: [] };
  const environment = { version: "1.2.3", hasColors: false, columns: 80 };
  expect(welcome({ ...parsed, tcpPort: 7777 }, environment)).toContain("Bots    connect to TCP port 7777\n");
  expect(welcome(parsed, environment)).not.toContain("Bots");
});

test("row 74: the welcome says where the admin page is, where there is one", () => {
  const parsed = { port: 8081, url: "http://localhost:8081", publicUrl: "http://192.168.1.7:8081", alternatives: [] };
  const environment = { version: "1.2.3", hasColors: false, columns: 80 };
  const adminUrl = "http://127.0.0.1:8082";
  expect(welcome({ ...parsed, adminUrl }, environment)).toContain(
    "Admin   open http://127.0.0.1:8082 and log in with an API key\n",
  );
  expect(welcome(parsed, environment)).not.toContain("Admin");
});

describe("a server that cannot start", () => {
  const options = parseOptions({ port: 80, host: "tv.local" });

  test.each([
    ["EADDRINUSE", "Port 80 is in use."],
    ["EACCES", "Port 80 may not be used by this user."],
    [
      "EADDRNOTAVAIL",
      "This machine has no address tv.local, which HOST says. Choose another with --host or COUCHWIRE_HOST",
    ],
    ["ENOTFOUND", "The host name tv.local, which HOST says, is not known."],
    ["EAI_AGAIN", "The host name tv.local, which HOST says, is not known."],
    ["EMFILE", "The server could not start: no luck"],
  ])("for %s says so in words", (code, sentence) => {
    if (!options.ok) throw new Error(options.failure);
    const text = describeStartFailure(Object.assign(new Error("no luck"), { code }), options.value, "HOST");
    expect(text).toContain(sentence);
    expect(text).not.toContain("\n");
  });

  test("for the TCP port says so in words", () => {
    const both = parseOptions({ port: 80, tcpPort: 7777 });
    if (!both.ok) throw new Error(both.failure);
    const error = Object.assign(new Error("listen EADDRINUSE 127.0.0.1:7777"), { code: "EADDRINUSE", port: 7777 });
    expect(describeStartFailure(error, both.value)).toBe(
      "The TCP port 7777 on 127.0.0.1 cannot be had (listen EADDRINUSE 127.0.0.1:7777). Choose another with COUCHWIRE_TCP_PORT and COUCHWIRE_TCP_HOST.",
    );
  });

  test("row 74: for the port of the admin page says so in words", () => {
    const both = parseOptions({ port: 80, adminPort: 8082, apiKey: "k".repeat(32) });
    if (!both.ok) throw new Error(both.failure);
    const error = Object.assign(new Error("listen EADDRINUSE 127.0.0.1:8082"), { code: "EADDRINUSE", port: 8082 });
    expect(describeStartFailure(error, both.value)).toBe(
      "The port 8082 on 127.0.0.1 for the admin page cannot be had (listen EADDRINUSE 127.0.0.1:8082). Choose another with COUCHWIRE_ADMIN_PORT and COUCHWIRE_ADMIN_HOST.",
    );
  });
});
