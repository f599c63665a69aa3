/** `couchwire dev`: the real command, a TV and phones, and files that are saved while they play. */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { SCREEN_SIZES, startBrowser, type TestBrowser } from "../support/browser.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli, type CliProcess } from "../support/cli-process.ts";
import { writeFiles } from "../support/http-app.ts";

const TV = `<!doctype html>
<title>Duck</title>
<link rel="stylesheet" href="style.css" />
<b id="code"></b>
<p id="players"></p>
<script type="module" src="tv.js"></script>
`;
const TV_SCRIPT = `import { createRoom } from "/sdk/couchwire.js";
createRoom().then((room) => {
  code.textContent = room.code;
  const show = () => (players.textContent = room.players.map((player) => player.id).join(" "));
  room.on("join", show);
  show();
});
`;
const PHONE = `<!doctype html>
<meta name="viewport" content="width=device-width" />
<title>Duck</title>
<p id="news"></p>
<script type="module" src="phone.js"></script>
`;
const PHONE_SCRIPT = `import { joinRoom } from "/sdk/couchwire.js";
const me = joinRoom({ name: "Ada" });
me.on("open", () => (news.textContent = "in"));
`;
/** The line of the phone's script behind these. */
const NEXT_LINE = PHONE_SCRIPT.split("\n").length;

let browser: TestBrowser;

beforeAll(async () => {
  browser = await startBrowser("dev");
}, 60_000);

afterAll(() => browser.close());

interface Development {
  readonly cli: CliProcess;
  readonly tv: Page;
  readonly phone: Page;
  readonly save: (file: string, text: string) => void;
}

async function develop(): Promise<Development> {
  const files = writeFiles({
    "duck/index.html": TV,
    "duck/tv.js": TV_SCRIPT,
    "duck/player.html": PHONE,
    "duck/phone.js": PHONE_SCRIPT,
    "duck/style.css": "body { color: rgb(1, 2, 3) }",
  });
  onTestEnd(() => files.remove());
  const folder = join(files.folder, "duck");
  const cli = startCli(["dev", "--host", "127.0.0.1", "--port", "0", "--no-open"], {}, folder);
  onTestEnd(async () => {
    cli.kill("SIGTERM");
    expect((await cli.ended).exitCode).toBe(0);
  });
  const { url } = await cli.listening;
  const tv = await browser.open(`${url}/games/duck/`, SCREEN_SIZES.tv);
  await tv.locator("#code", { hasText: /^[A-Z]{4}$/ }).waitFor();
  const phone = await browser.open(`${url}/${await tv.locator("#code").innerText()}`, SCREEN_SIZES.phone);
  await phone.getByText("in", { exact: true }).waitFor();
  await tv.locator("#players", { hasText: "1" }).waitFor();
  return { cli, tv, phone, save: (file, text) => writeFileSync(join(folder, file), text) };
}

test("row 19.5 a saved script reloads TV and phone, and both keep room and seat", async () => {
  const { tv, phone, save } = await develop();
  const code = await tv.locator("#code").innerText();
  save("tv.js", `${TV_SCRIPT}document.title = "Duck 2";\n`);
  await tv.waitForFunction(() => document.title === "Duck 2");
  await tv.locator("#code", { hasText: code }).waitFor();
  save("phone.js", `${PHONE_SCRIPT}document.title = "Duck 2";\n`);
  await phone.waitForFunction(() => document.title === "Duck 2");
  await phone.getByText("in", { exact: true }).waitFor();
  expect(await tv.locator("#code").innerText()).toBe(code);
  expect(await tv.locator("#players").innerText()).toBe("1");
}, 90_000);

test("row 19.5 a saved style sheet is replaced without a reload, and the phone's page does not reload the TV", async () => {
  const { tv, phone, save } = await develop();
  await tv.evaluate(() => Object.assign(window, { isSamePage: true }));
  save("style.css", "body { color: rgb(4, 5, 6) }");
  await tv.waitForFunction(() => getComputedStyle(document.body).color === "rgb(4, 5, 6)");
  expect(await tv.locator("link").count()).toBe(1);
  save("player.html", PHONE.replace("Duck", "Duck 2"));
  await phone.waitForFunction(() => document.title === "Duck 2");
  expect(await tv.evaluate(() => "isSamePage" in window)).toBe(true);
}, 90_000);

test.each([
  ["that nothing catches", 'setTimeout(() => { throw new TypeError("boom"); })', "TypeError: boom"],
  ["of a promise", 'Promise.reject(new Error("boom"))', "Unhandled rejection: Error: boom"],
  ["that the page writes to its console", 'console.error("boom", 3)', "boom 3"],
])(
  "row 19.5 an error %s shows in the TV's console and in the terminal, with player and line",
  async (...row) => {
    const [, code, message] = row;
    const { cli, tv, save } = await develop();
    save("phone.js", `${PHONE_SCRIPT}me.on("open", () => { ${code}; });\n`);
    const sentence = new RegExp(`Ada \\(player 1\\): ${message} \\(phone\\.js:${NEXT_LINE}:\\d+\\)`);
    await tv.waitForEvent("console", { predicate: (said) => sentence.test(said.text()) });
    await expect(cli.said(sentence)).resolves.toBeUndefined();
  },
  90_000,
);

test("row 19.5 wrong syntax in a module that a page imports is told with its line", async () => {
  const { cli, tv, save } = await develop();
  save("broken.js", "export const duck = 1;\nexport const = 2;\n");
  save("phone.js", `import "./broken.js";\n${PHONE_SCRIPT}`);
  const said = await tv.waitForEvent("console", { predicate: (message) => message.text().includes("broken.js") });
  expect(said.text()).toMatch(/^Ada \(player 1\): SyntaxError: .* \(broken\.js:2:\d+\)/);
  await cli.said(/Ada \(player 1\): SyntaxError: .* \(broken\.js:2:\d+\)/);
}, 90_000);

test("row 19.5 a file that is not there is told, and an error of the TV shows in the terminal", async () => {
  const { cli, tv, save } = await develop();
  save("phone.js", `import "./missing.js";\n${PHONE_SCRIPT}`);
  await tv.waitForEvent("console", {
    predicate: (message) => /Ada \(player 1\): .*could not load phone\.js/.test(message.text()),
  });
  save("tv.js", `${TV_SCRIPT}throw new Error("quack");\n`);
  await expect(cli.said(/The TV: Error: quack \(tv\.js:\d+:\d+\)/)).resolves.toBeUndefined();
}, 90_000);

test("row 19.5 an error of the TV's page names file and line, in a listener and in the page's own script too", async () => {
  const { cli, tv, save } = await develop();
  save("index.html", `${TV}<script>\n  setTimeout(() => { throw new Error("inline"); });\n</script>\n`);
  await expect(
    cli.said(new RegExp(`The TV: Error: inline \\(index\\.html:${TV.split("\n").length + 1}:\\d+\\)`)),
  ).resolves.toBeUndefined();
  const listener = TV_SCRIPT.replace("show();", 'show();\n  room.on("boo", () => { throw new TypeError("boo!"); });');
  save("tv.js", listener);
  save("phone.js", `${PHONE_SCRIPT}me.on("open", () => me.emit("boo"));\n`);
  const line = listener.split("\n").findIndex((text) => text.includes("boo!")) + 1;
  await expect(cli.said(new RegExp(`The TV: TypeError: boo! \\(tv\\.js:${line}:\\d+\\)`))).resolves.toBeUndefined();
  expect(await tv.title()).toBe("Duck");
}, 90_000);

test("row 19.5 what a listener of the TV cannot read is told once, and harms nothing else", async () => {
  const { cli, tv, phone, save } = await develop();
  const listeners =
    'room.on("answer", (player, { choice }) => choice);\n  room.on("answer", (player, data) => player.emit("thanks", data));\n' +
    '  room.on("ask", async (player, { choice }) => choice);';
  save("tv.js", TV_SCRIPT.replace("show();", `show();\n  ${listeners}`));
  await tv.waitForEvent("load");
  await phone.evaluate(() => Object.assign(window, { isOld: true }));
  const told = [
    "const heard = [];",
    'me.on("thanks", (data) => heard.push(data));',
    'me.on("open", () => {',
    '  me.emit("answer", null);',
    '  me.ask("ask", null).catch(({ code, message }) => {',
    '    me.emit("answer", { choice: 1 });',
    '    me.on("thanks", () => (document.title = JSON.stringify([heard, code, message.includes("choice")])));',
    "  });",
    "});",
  ];
  save("phone.js", `${PHONE_SCRIPT}${told.join("\n")}\n`);
  await phone.waitForFunction(() => document.title.startsWith("["));
  expect(JSON.parse(await phone.title())).toEqual([[null, { choice: 1 }], "answer_failed", true]);
  await cli.said(/The TV: TypeError: [^\n]*'choice'[^\n]*\n[^]*The TV: TypeError: [^\n]*'choice'/);
  cli.kill("SIGTERM");
  const { stdout } = await cli.ended;
  expect(stdout.match(/The TV: [^\n]*/g)).toHaveLength(2);
}, 90_000);

test("row 19.5 that a browser puts off what a page observes is no error", async () => {
  const { cli, save } = await develop();
  const observer = [
    "let height = 10;",
    "new ResizeObserver(([{ target }]) => {",
    "  if (++height < 20) target.style.height = `${height}px`;",
    '  else console.error("it has grown");',
    "}).observe(document.body);",
  ];
  save("phone.js", `${PHONE_SCRIPT}${observer.join("\n")}\n`);
  await cli.said(/it has grown/);
  cli.kill("SIGTERM");
  const { stdout } = await cli.ended;
  expect(stdout).not.toContain("ResizeObserver");
}, 90_000);

test("row 19.5 a phone is named by the name that its game gave it later", async () => {
  const { cli, tv, save } = await develop();
  save("phone.js", `${PHONE_SCRIPT}me.setProfile({ name: "Grace" });\nme.on("open", () => console.error("oops"));\n`);
  await tv.waitForEvent("console", { predicate: (said) => said.text().startsWith("Grace (player 1): oops") });
  save("phone.js", PHONE_SCRIPT.replace('{ name: "Ada" }', "").replace("news.", 'console.error("again"), news.'));
  await expect(cli.said(/Grace \(player 1\): again \(phone\.js:\d+:\d+\)/)).resolves.toBeUndefined();
}, 90_000);

test("row 19.5 a game that is added while the command runs shows with its playground, and one that is removed is told", async () => {
  const files = writeFiles({ "duck/index.html": TV, "duck/player.html": PHONE });
  onTestEnd(() => files.remove());
  const cli = startCli(["dev", files.folder, "--host", "127.0.0.1", "--port", "0", "--no-open"]);
  onTestEnd(async () => {
    cli.kill("SIGTERM");
    expect((await cli.ended).exitCode).toBe(0);
  });
  const { url } = await cli.listening;
  const goose = join(files.folder, "goose");
  mkdirSync(goose);
  writeFileSync(join(goose, "index.html"), TV);
  writeFileSync(join(goose, "player.html"), PHONE);
  await cli.said(/a game was added; its playground is at http:\/\/127\.0\.0\.1:\d+\/playground\/goose\?phones=4/);
  const playground = await browser.open(`${url}/playground/goose?phones=2`, SCREEN_SIZES.tv);
  await playground.frameLocator("iframe").first().locator("#code, #news").first().waitFor({ state: "attached" });
  rmSync(goose, { recursive: true });
  await expect(cli.said(/INFO: a game was removed \{"game":"goose"\}/)).resolves.toBeUndefined();
}, 90_000);
