import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { runtimePath } from "../../scripts/runtimes.js";
import { startByNpmStart } from "../support/cli-process.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { runIn, Workbench, type ConsumerProject } from "../support/consumer-project.ts";
import { typedControls, typedGame } from "../support/typed-game.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const INSTALLING_MS = 120_000;

const workbench = new Workbench();
let withServer: ConsumerProject;
let withSdk: ConsumerProject;
let withVite: ConsumerProject;

/** A game that uses all of a room's first minute; `sdk` is where it has the SDK from. */
const game = (sdk: string): string => `
import { CouchwireError, createRoom, joinRoom, qrSvg, type HostRoom, type WebSocketClass } from "${sdk}";

export async function play(server: string, WebSocket: WebSocketClass): Promise<string> {
  const room: HostRoom = await createRoom({ server, game: "duck", WebSocket });
  const me = joinRoom({ server, code: room.code, name: "Ada", WebSocket });
  const said = new Promise<string>((resolve) => room.on("text", (player, text) => resolve(\`\${room.nameOf(player)}: \${text}\`)));
  me.send("Hello");
  const result = await said;
  if (!qrSvg(room.joinUrl).startsWith("<svg")) throw new CouchwireError("invalid_argument", "no picture");
  me.close();
  room.close();
  return result;
}
`;

/** Elements, for their classes and for being defined alone. */
const elements = (sdk: string, ui: string): string => `
import { createRoom, type PlayerRoom } from "${sdk}";
import { AVATARS, avatarSvg, type LobbyElement } from "${ui}";

export async function gather(lobby: LobbyElement): Promise<string> {
  lobby.bind(await createRoom(), { min: 2 });
  document.createElement("cw-qr").value = AVATARS[0] ?? "";
  const me: PlayerRoom = await document.createElement("cw-join").join({ code: "BCDF" });
  return me.code + avatarSvg(3);
}
`;

const embedding = `
import { createServer as createHttpServer } from "node:http";
import { createServer, type CouchwireServer, type ServerObserver } from "couchwire";
import { CLOSE_CODES, HOST_COMMANDS, HOST_EVENTS, type HostCommand, type HostEvent } from "couchwire/protocol";
import * as bundle from "couchwire/sdk/bundle";
import { createRoom } from "couchwire/sdk";

export async function listen(): Promise<CouchwireServer> {
  const server = createServer({ port: 0, logLevel: "silent" });
  const { url } = await server.listen();
  await createRoom({ server: url });
  await bundle.createRoom({ server: url });
  return server;
}
export function embed(): CouchwireServer {
  const joined: number[] = [];
  const observer: ServerObserver = { playerJoined: ({ player }) => void joined.push(player) };
  const server = createServer(
    { logLevel: "silent" },
    { observers: [observer], routes: (app) => void app.get("/joined", (_request, response) => void response.json(joined)) },
  );
  server.attach(createHttpServer(server.app), { pages: false });
  return server;
}
export const command: HostCommand = { cmd: "start" };
export const names: readonly (HostEvent["cmd"] | HostCommand["cmd"])[] = [...HOST_EVENTS, ...HOST_COMMANDS];
export const kicked: 4503 = CLOSE_CODES.kicked.code;
`;

/** Plays a compiled game on a server of the installed package. */
const playing = (module: string): string => `
import { createServer } from "couchwire";
import { WebSocket } from "ws";
import { play } from ${JSON.stringify(module)};
const server = createServer({ port: 0, logLevel: "silent" });
const { url } = await server.listen();
console.log(await play(url, WebSocket));
await server.close();
`;

/** Hosts a room on a server of its own. */
const hosting = (sdk: string): string => `
  import { createServer } from "couchwire";
  import { createRoom } from "${sdk}";
  const server = createServer({ port: 0, logLevel: "silent" });
  const { url } = await server.listen();
  const room = await createRoom({ server: url }).catch(({ message }) => message);
  console.log(room.code?.length ?? room);
  room.close?.();
  await server.close();
`;

/** A clone with the dependencies of users alone, and no tool that builds. */
function clone(name: string, ...parts: readonly string[]): string {
  const folder = path.join(workbench.folder, name);
  mkdirSync(folder);
  const always = ["package.json", "package-lock.json", ".npmrc", "scripts", "packages/sdk/package.json"];
  for (const part of [...always, ...parts]) cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  onTestEnd(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function expectServed(folder: string): Promise<void> {
  const server = startByNpmStart(folder, ["--port", "0", "--host", "127.0.0.1"]);
  onTestEnd(() => server.kill("SIGKILL"));
  const { url } = await server.listening;
  expect((await fetch(`${url}/sdk/couchwire.js`)).status).toBe(200);
  expect(await (await fetch(url)).text()).toContain("Scrawlywags");
  server.kill("SIGTERM");
  await server.ended;
}

beforeAll(() => {
  const { couchwire, sdk } = workbench.pack();
  withServer = workbench.project("server", {}, [couchwire]);
  withSdk = workbench.project("sdk", {}, [sdk]);
  const entries = { server: "couchwire.ts", sdk: "sdk.ts", bundle: "bundle.ts", elements: "elements.ts" };
  withVite = workbench.project(
    "vite",
    {
      "server.ts": embedding,
      "couchwire.ts": game("couchwire/sdk"),
      "sdk.ts": game("@couchwire/sdk"),
      "bundle.ts": game("couchwire/sdk/bundle"),
      "elements.ts": 'import "couchwire/ui";',
      "couchwire-ui.ts": elements("couchwire/sdk", "couchwire/ui"),
      "sdk-ui.ts": elements("@couchwire/sdk", "@couchwire/sdk/ui"),
      "vite.config.js": `export default { build: { lib: { entry: ${JSON.stringify(entries)}, formats: ["es"] } } };`,
    },
    [couchwire, sdk],
  );
}, INSTALLING_MS);

afterAll(() => workbench.close());

describe("a project with TypeScript 5.4 that checks the types of its packages", () => {
  test.each(["bundler", "nodenext"] as const)("compiles with moduleResolution %s", (resolution) => {
    const run = withVite.compile(resolution, "server.ts", "couchwire.ts", "sdk.ts", "bundle.ts", "couchwire-ui.ts");
    expect(run).toEqual({ status: 0, output: "" });
  });

  test.each(["couchwire/sdk", "@couchwire/sdk", "couchwire/sdk/bundle"])(
    "types a game's own events with %s, also in plain JavaScript",
    (sdk) => {
      const files = Object.entries(typedGame(sdk));
      for (const [name, text] of files) withVite.write(path.join("typed", name), text);
      const names = files.map(([name]) => path.join("typed", name));
      const options = ["--allowImportingTsExtensions", "--allowJs", "--checkJs"];
      expect(withVite.compile("bundler", ...options, ...names)).toEqual({ status: 0, output: "" });
    },
  );

  test.each([
    ["couchwire/sdk", "couchwire/controls"],
    ["@couchwire/sdk", "@couchwire/sdk/controls"],
  ])("row 19.1 types the events that controls are bound to with %s, also in plain JavaScript", (sdk, controls) => {
    const files = Object.entries(typedControls(sdk, controls));
    for (const [name, text] of files) withVite.write(path.join("typed-controls", name), text);
    const names = files.map(([name]) => path.join("typed-controls", name));
    const options = ["--allowImportingTsExtensions", "--allowJs", "--checkJs"];
    expect(withVite.compile("bundler", ...options, ...names)).toEqual({ status: 0, output: "" });
  });

  test.each(["bundler", "nodenext"] as const)("compiles elements of @couchwire/sdk with %s", (resolution) => {
    expect(withVite.compile(resolution, "sdk-ui.ts")).toEqual({ status: 0, output: "" });
  });

  test("is told which moduleResolution it needs, with that of older projects", () => {
    const { output } = withVite.compile("node10", "couchwire.ts", "sdk.ts");
    const advice =
      /^(\S+)\.ts.*\n.*could not be resolved under your current 'moduleResolution' setting\. Consider updating to 'node16', 'nodenext', or 'bundler'\.$/gm;
    expect([...output.matchAll(advice)].map(([, file]) => file?.replace(/\(.*/, ""))).toEqual(["couchwire", "sdk"]);
  });

  test("is told that a CommonJS file cannot import the packages", () => {
    withSdk.write("game.cts", game("@couchwire/sdk"));
    expect(withSdk.compile("nodenext", "game.cts").output).toMatch(
      /The current file is a CommonJS module .* the referenced file is an ECMAScript module/,
    );
  });
});

describe("a project with Vite", () => {
  test("builds its game with couchwire/sdk, its bundle and @couchwire/sdk, and each result plays", () => {
    expect(withVite.viteBuild()).toMatchObject({ status: 0 });
    const built = readdirSync(path.join(withVite.folder, "dist")).filter((name) => name.endsWith(".js"));
    expect(built.length).toBeGreaterThanOrEqual(4);
    expect(readFileSync(path.join(withVite.folder, "dist/elements.js"), "utf8")).toContain("cw-leaderboard");
    for (const name of built) {
      const text = readFileSync(path.join(withVite.folder, "dist", name), "utf8");
      expect(text).not.toMatch(/(?:from|import)\s*["'](?:@?couchwire|uqr)/);
    }
    for (const entry of ["server", "sdk", "bundle"]) {
      withVite.write("play.js", playing(`./dist/${entry}.js`));
      expect(withVite.node("play.js")).toEqual({ status: 0, output: "Ada: Hello\n" });
    }
  });
});

/** Serves the game `duck` to its developer. */
const developing = `
  import { createServer } from "couchwire";
  const server = createServer({ port: 0, logLevel: "silent", games: "duck", dev: true });
  const { url } = await server.listen();
  const page = await (await fetch(url + "/games/duck/")).text();
  const [script] = /\\/dev\\/client\\.js/.exec(page);
  console.log(script, (await fetch(url + script)).status);
  await server.close();
`;

describe("a project for Node", () => {
  test("row 19.5 makes a game by the command, and serves it to its developer", () => {
    const made = withServer.run("npx", "--offline", "couchwire", "new", "duck", "--template", "party");
    expect(made.output).toMatch(/cd duck\n {2}npx couchwire dev\n/);
    withServer.write("dev.js", developing);
    expect(withServer.node("dev.js")).toEqual({ status: 0, output: "/dev/client.js 200\n" });
  });

  test("hosts a room with couchwire/sdk, on every Node", () => {
    withVite.write("host.js", hosting("couchwire/sdk"));
    expect(withVite.node("host.js")).toEqual({ status: 0, output: "4\n" });
  });

  test("hosts one with @couchwire/sdk too, and is told to pass a WebSocket where Node has none", () => {
    withVite.write("host.js", hosting("@couchwire/sdk"));
    const expected = typeof WebSocket === "function" ? "4\n" : "There is no `WebSocket` here: pass one as an option, ";
    const { status, output } = withVite.node("host.js");
    expect(status).toBe(0);
    expect(output.slice(0, expected.length)).toBe(expected);
  });

  test("gets @couchwire/sdk without any other package", () => {
    const installed = readdirSync(path.join(withSdk.folder, "node_modules")).filter((name) => !name.startsWith("."));
    expect(installed).toEqual(["@couchwire"]);
  });

  test.each(["node20", "node26", "bun"])("may load all of them with require and with import on %s", (runtime) => {
    const names = ["couchwire", "couchwire/sdk", "couchwire/sdk/bundle", "couchwire/protocol", "couchwire/tcp"];
    names.push("couchwire/testing", "@couchwire/sdk", "@couchwire/sdk/bundle");
    for (const kit of ["ui", "controls"]) names.push(`couchwire/${kit}`, `@couchwire/sdk/${kit}`);
    const loading = `for (const name of ${JSON.stringify(names)}) load(name);`;
    withVite.write(
      "required.cjs",
      `const load = (name) => console.log(Object.keys(require(name)).length > 1); ${loading}`,
    );
    withVite.write(
      "imported.js",
      `const load = async (name) => console.log(Object.keys(await import(name)).length > 1); ${loading}`,
    );
    for (const file of ["required.cjs", "imported.js"]) {
      const { status, output } = withVite.run(runtimePath(runtime) ?? process.execPath, file);
      expect({ status, lines: output.match(/^true$/gm)?.length }).toEqual({ status: 0, lines: names.length });
    }
  });

  test.each(["couchwire", "couchwire/sdk", "@couchwire/sdk"])(
    "is told in a sentence what is wrong with %s in Jest's CommonJS",
    (name) => {
      withVite.write("jest/package.json", '{ "type": "commonjs" }');
      withVite.write("jest/old.test.js", `test("loads", () => { require(${JSON.stringify(name)}); });`);
      const { status, output } = withVite.jest("--rootDir", "jest");
      expect(status).not.toBe(0);
      expect(output).toContain("Couchwire has only ES modules and was loaded by `require`: write `import`");
    },
  );
});

describe("npm start", () => {
  test(
    "serves what was built after npm ci --omit=dev",
    async () => {
      const folder = clone("built", "dist", "public", "demo-game", "demo-arena");
      const installed = runIn(folder, "npm", ["ci", "--omit=dev", "--prefer-offline", "--no-audit"]);
      expect(installed).toMatchObject({ status: 0 });
      await expectServed(folder);
    },
    INSTALLING_MS,
  );

  test("serves the published package", async () => {
    await expectServed(path.join(withServer.folder, "node_modules/couchwire"));
  });

  test("says what to do where nothing is built and no tool is installed", async () => {
    const { exitCode, stderr } = await startByNpmStart(clone("bare"), []).ended;
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      "Couchwire is not built, and TypeScript and esbuild are not installed: run `npm ci && npm run build` once",
    );
  });
});
