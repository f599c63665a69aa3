/**
 * Proves that the lint holds the architecture: in every folder of src/ it refuses each import that the table below does not
 * name, and everything that Node does not document. Exits with 1 and says what is wrong.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const OXLINT = join(ROOT, "node_modules/oxlint/bin/oxlint");

/** What each folder sees of src/, itself excepted. The folders that do no I/O see no module of Node's either. */
const SEEN = {
  protocol: [],
  room: ["protocol"],
  recording: ["protocol", "room"],
  session: ["protocol", "room"],
  hub: ["protocol", "room", "session"],
  auth: ["protocol", "room", "session", "hub"],
  admission: ["protocol", "room", "session", "hub", "auth"],
  games: ["protocol", "room", "session", "hub", "admission"],
  channels: ["protocol", "room", "session", "hub", "admission"],
  "state-file": ["protocol", "room", "session", "hub"],
  transport: ["protocol", "room", "session", "hub", "admission"],
  cluster: ["protocol", "room", "session", "hub", "auth", "admission", "games", "channels", "transport"],
  http: [
    "protocol",
    "room",
    "recording",
    "session",
    "hub",
    "auth",
    "admission",
    "games",
    "channels",
    "transport",
    "cluster",
    "address",
  ],
  address: [],
  dev: [],
  config: ["protocol", "room"],
  metrics: ["protocol", "room", "hub", "server-observer.ts"],
  log: ["protocol", "room", "config.ts", "server-observer.ts"],
  sdk: ["protocol"],
  playground: ["protocol"],
  tcp: ["protocol", "sdk"],
  testing: [],
  chaos: ["protocol", "sdk"],
  bots: ["protocol", "games", "sdk"],
  replay: ["protocol", "recording", "sdk"],
  cli: [
    "protocol",
    "address",
    "auth",
    "bots",
    "chaos",
    "config",
    "log",
    "recording",
    "replay",
    "testing",
    "config.ts",
    "server.ts",
  ],
};
/** What the folders of src/sdk see of it. The elements see what pages do, `index.ts`, and the SDK does not know them. */
const SEEN_IN_SDK = {
  state: ["emitter.ts", "index.ts"],
  kit: ["index.ts"],
  ui: ["index.ts", "kit/thing.ts"],
  controls: ["index.ts", "kit/thing.ts"],
  "way-back": ["index.ts", "kit/thing.ts"],
};
const SDK_PLACES = ["emitter.ts", "index.ts", "kit/thing.ts", "ui/thing.ts", "controls/thing.ts"];
const WITHOUT_IO = new Set(["protocol", "room", "session"]);
const PLACES = [
  ...Object.keys(SEEN),
  "config.ts",
  "server-observer.ts",
  "server-core.ts",
  "server.ts",
  "cli.ts",
  "index.ts",
];

/** Code that the lint refuses in src/transport, by what it would rest on. */
const UNDOCUMENTED = {
  handle: "export const read = (socket: { _handle: unknown }) => socket._handle;",
  onread: "export const take = (handle: { onread: unknown }) => handle.onread;",
  write: 'import fs from "node:fs";\n\nexport const write = fs.writeSync;',
  reflect: 'export const read = (socket: object): unknown => Reflect.get(socket, "handle");',
  channel: "export const free = new MessageChannel();",
};
/** The same in texts, where the lint does not look. */
const UNDOCUMENTED_TEXT = /_handle\b|\bonread\b|(removeAllL|\.l)isteners\(.connection|MessageChannel|writeSync/;

const scratch = mkdtempSync(join(tmpdir(), "couchwire-lint-"));
/** Files that the lint has to refuse. @type {Set<string>} */
const wrong = new Set();

/** @param {string} file @param {string} source @param {boolean} isWrong */
function probe(file, source, isWrong) {
  mkdirSync(join(scratch, file, ".."), { recursive: true });
  writeFileSync(join(scratch, file), `${source}\n`);
  if (isWrong) wrong.add(file);
}

try {
  cpSync(join(ROOT, ".oxlintrc.json"), join(scratch, ".oxlintrc.json"));
  for (const [folder, seen] of Object.entries(SEEN)) {
    for (const place of PLACES.filter((other) => other !== folder)) {
      const path = place.endsWith(".ts") ? place : `${place}/thing.ts`;
      const name = path.replace("/", "-");
      probe(`src/${folder}/sees-${name}`, `export { thing } from "../${path}";`, !seen.includes(place));
    }
    probe(`src/${folder}/sees-node.ts`, 'export { constants } from "node:fs";', WITHOUT_IO.has(folder));
  }
  for (const [folder, seen] of Object.entries(SEEN_IN_SDK)) {
    for (const place of SDK_PLACES.filter((other) => !other.startsWith(`${folder}/`))) {
      const name = place.replace("/", "-");
      probe(`src/sdk/${folder}/sees-${name}`, `export { thing } from "../${place}";`, !seen.includes(place));
    }
    probe(`src/sdk/${folder}/sees-room.ts`, 'export { thing } from "../../room/thing.ts";', true);
    probe(`src/sdk/sees-${folder}.ts`, `export { thing } from "./${folder}/thing.ts";`, folder !== "state");
  }
  for (const [name, source] of Object.entries(UNDOCUMENTED))
    probe(`src/transport/undocumented-${name}.ts`, source, true);

  const { stdout } = spawnSync(process.execPath, [OXLINT, "--format=unix"], { cwd: scratch, encoding: "utf8" });
  const refused = new Set([...stdout.matchAll(/^(\S+?):\d+:\d+: .*no-restricted-/gm)].map(([, file = ""]) => file));
  const folders = readdirSync(join(ROOT, "src"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const problems = [
    ...folders.filter(({ name }) => !(name in SEEN)).map(({ name }) => `src/${name} has no rule in .oxlintrc.json.`),
    ...[...wrong].filter((file) => !refused.has(file)).map((file) => `The lint has to refuse ${file}.`),
    ...[...refused].filter((file) => !wrong.has(file)).map((file) => `The lint must not refuse ${file}.`),
    ...sources
      .filter((file) => UNDOCUMENTED_TEXT.test(readFileSync(join(ROOT, "src", file), "utf8")))
      .map((file) => `src/${file} names something of Node that Node does not document.`),
  ];
  for (const problem of problems) console.error(problem);
  console.log(`The lint refuses ${refused.size} of ${wrong.size} wrong imports.`);
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  rmSync(scratch, { recursive: true });
}
