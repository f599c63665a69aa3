import { describe, expect, test } from "@jest/globals";
import QRCode from "qrcode";
import { helpText } from "../../../src/cli/help.ts";
import { describeStartFailure } from "../../../src/cli/start-failure.ts";
import { welcome } from "../../../src/cli/welcome.ts";
import { OPTION_TABLE, parseOptions } from "../../../src/config.ts";

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
  const ADDRESS = { port: 8081, url: "http://localhost:8081", publicUrl: "http://192.168.1.7:8081" };
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

  test.each(["http://127.0.0.1:8081", "http://localhost:8081", "http://[::1]:8081"])(
    "does not send phones to %s",
    (publicUrl) => {
      const text = welcome({ ...ADDRESS, publicUrl }, PLAIN);
      expect(text).toContain("Phones  cannot reach this server");
      expect(text).not.toContain("█");
    },
  );
});

describe("a server that cannot start", () => {
  const options = parseOptions({ port: 80, host: "tv.local" });

  test.each([
    ["EADDRINUSE", "Port 80 is in use."],
    ["EACCES", "Port 80 may not be used by this user."],
    ["EADDRNOTAVAIL", "This machine has no address tv.local."],
    ["ENOTFOUND", "The host name tv.local is not known."],
    ["EAI_AGAIN", "The host name tv.local is not known."],
    ["EMFILE", "The server could not start: no luck"],
  ])("for %s says so in words", (code, sentence) => {
    if (!options.ok) throw new Error(options.failure);
    const text = describeStartFailure(Object.assign(new Error("no luck"), { code }), options.value);
    expect(text).toContain(sentence);
    expect(text).not.toContain("\n");
  });
});
