/** The game in the README, which is the first one that anybody copies. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { createServer, type CouchwireServer } from "../../src/index.ts";
import { SCREENS, startBrowser, type TestBrowser } from "../support/browser.ts";

const EXAMPLES = fileURLToPath(new URL("../../examples", import.meta.url));

let server: CouchwireServer;
let browser: TestBrowser;
let url = "";

beforeAll(async () => {
  // A TV whose tab was closed might come back; nobody is to wait for that here.
  server = createServer({ port: 0, host: "127.0.0.1", logLevel: "silent", games: EXAMPLES, hostGraceMs: 100 });
  ({ url } = await server.listen());
  browser = await startBrowser("examples");
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server.close();
});

test("the README's game says on the TV and on every phone who was first", async () => {
  const tv = await browser.open(`${url}/games/buzzer/`, SCREENS.tv);
  await tv.locator("#qr svg").waitFor();
  // Typed as a person reads it from the screen: the address in the headline is the whole way in.
  const address = await tv.locator("#address").innerText();
  const ada = await browser.open(address, SCREENS.phone);
  const ben = await browser.open(address, SCREENS.phone);
  await ada.locator("#player").fill("Ada");
  await ada.getByRole("button", { name: "Buzz!" }).click();

  await tv.getByText("Ada was first!").waitFor();
  await ada.getByText("Ada was first!").waitFor();
  await ben.getByText("Ada was first!").waitFor();
  await browser.keep(tv, "buzzer-tv");
  await browser.keep(ada, "buzzer-phone");
  await tv.close();
  await ben.getByText("The game is done.").waitFor();
  expect(browser.problems).toEqual([]);
}, 60_000);
