/** Pages over https with a certificate that the machine signed itself, as `couchwire serve --tls-self-signed` makes it, in a real browser. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli } from "../support/cli-process.ts";
import { button, codeOn, joinAs, scribble, seesHeading } from "../support/demo-game.ts";

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("tls");
}, 60_000);

afterAll(() => browser.close());

/** A person has let the certificate pass. */
const TRUSTING = { ignoreHTTPSErrors: true };

/** The command with a certificate of its own; where it is at. */
async function startSelfSigned(words: readonly string[] = []): Promise<string> {
  const home = mkdtempSync(join(tmpdir(), "couchwire-home-"));
  onTestEnd(() => rmSync(home, { recursive: true, force: true }));
  const environment = { PORT: "0", COUCHWIRE_HOST: "127.0.0.1", XDG_STATE_HOME: home, HOME: home };
  const cli = startCli(["serve", "--tls-self-signed", ...words], environment);
  onTestEnd(async () => {
    cli.kill("SIGTERM");
    await cli.ended;
  });
  const { url } = await cli.listening;
  return url;
}

/** What a page may do only in a secure context. */
const rightsOf = (page: Page): Promise<unknown> =>
  page.evaluate(async () => ({
    isSecure: window.isSecureContext,
    wakeLock: (await navigator.wakeLock.request("screen")).type,
    hasSensors: "DeviceOrientationEvent" in window && "Accelerometer" in window,
  }));

test("row 75 the demo game is played over https, and its pages may use the wake lock and sensors", async () => {
  const url = await startSelfSigned();
  expect(url).toMatch(/^https:/);
  const tv = await browser.open(`${url}/games/demo-game/`, { ...SCREEN_SIZES.tv, ...TRUSTING });
  const code = await codeOn(tv);
  const phones: Page[] = [];
  for (const name of ["Ann", "Bob", "Cleo"]) {
    const phone = await browser.open(`${url}/${code}`, { ...SCREEN_SIZES.phone, ...TRUSTING });
    await joinAs(phone, name);
    phones.push(phone);
  }
  for (const page of [tv, ...phones]) {
    expect(await rightsOf(page)).toEqual({ isSecure: true, wakeLock: "screen", hasSensors: true });
  }
  await browser.keep(tv, "tv-lobby");
  const [first] = phones;
  if (first === undefined) throw new Error("There is a phone.");
  await button(first, "Start the game").click();
  await seesHeading(tv, "Draw!");
  for (const phone of phones) {
    await scribble(phone);
    await button(phone, "Done").click();
  }
  await seesHeading(tv, "What is it?");
  expect(browser.problems).toEqual([]);
}, 120_000);

test("row 75 a phone that opens the address with http is led to https", async () => {
  const url = await startSelfSigned();
  const phone = await browser.open(url.replace("https:", "http:"), { ...SCREEN_SIZES.phone, ...TRUSTING });
  expect(phone.url()).toBe(`${url}/`);
  await phone.getByRole("textbox", { name: "What is the code?" }).waitFor();
});
