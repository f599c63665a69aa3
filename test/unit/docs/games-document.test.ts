/** docs/GAMES.md names all of the SDK, and nothing that the SDK does not have. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import * as sdk from "../../../src/sdk/index.ts";
import { Emitter } from "../../../src/sdk/emitter.ts";
import { isReserved } from "../../../src/sdk/event-names.ts";
import { MemberRoom } from "../../../src/sdk/member-room.ts";
import { HostRoom } from "../../../src/sdk/host-room.ts";
import { Player } from "../../../src/sdk/player.ts";
import { PlayerRoom } from "../../../src/sdk/player-room.ts";
import { SharedState } from "../../../src/sdk/state/shared-state.ts";
import { onTestEnd } from "../../support/clean-up.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const document = readFileSync(path.join(ROOT, "docs/GAMES.md"), "utf8");
const sources = readdirSync(path.join(ROOT, "src/sdk"))
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(path.join(ROOT, "src/sdk", name), "utf8"));

/** The names in the first column of the table that begins with this head, sorted. */
function named(head: string, heading = ""): string[] {
  const section = heading === "" ? document : (document.split(`\n### ${heading}\n`)[1] ?? "");
  const table = section.slice(section.indexOf(`| ${head} |`)).split("\n\n")[0] ?? "";
  return [...table.matchAll(/^\| `(\w+)/gm)].map(([, name = ""]) => name).toSorted();
}

/** The fields of an interface in the SDK's sources, sorted: types leave nothing that could be asked at run time. */
function fieldsOf(name: string): string[] {
  const declaration = new RegExp(`^export interface ${name}\\b[^{]*\\{\\n([^]*?)^\\}`, "m");
  const body = sources.map((source) => declaration.exec(source)?.[1]).find((found) => found !== undefined);
  if (body === undefined) throw new Error(`There is no interface ${name} in src/sdk.`);
  return [...body.matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, field = ""]) => field).toSorted();
}

/** What only the SDK itself calls. */
const INTERNAL = ["listened", "checkOwnName"];

/** What an editor offers on an object of this class, sorted; `hidden` is not for games. */
function membersOf(
  type: { readonly prototype: object },
  hidden: readonly string[],
  fields: readonly string[] = [],
  events = ["on", "once", "off"].filter((name) => name in Emitter.prototype),
) {
  const own = Object.getOwnPropertyNames(type.prototype).filter((name) => name !== "constructor");
  return [...own.filter((name) => !hidden.includes(name)), ...fields, ...events].toSorted();
}

describe("docs/GAMES.md has a line for", () => {
  test.each([
    ["createRoom", "CreateRoomOptions"],
    ["joinRoom", "JoinRoomOptions"],
    ["joinMember", "JoinMemberOptions"],
    ["createRoom and joinRoom", "ReliableConnectionOptions"],
    ["room.send, room.broadcast and room.emit", "SendOptions"],
    ["me.send and me.emit", "PlayerSendOptions"],
    ["room.kick and player.kick", "KickOptions"],
    ["room.qr and qrSvg", "QrOptions"],
  ])("every option of %s", (heading, type) => {
    expect(fieldsOf(type).length).toBeGreaterThan(1);
    expect(named("option", heading)).toEqual(fieldsOf(type));
  });

  test.each([
    ["room", "HostRoomEvents"],
    ["player", "PlayerRoomEvents"],
    ["member", "MemberRoomEvents"],
  ])("every event of the %s", (side, type) => {
    expect(fieldsOf(type).length).toBeGreaterThan(5);
    expect(named(`event of the ${side}`)).toEqual(fieldsOf(type));
  });

  test.each([
    ["The room on the TV", membersOf(HostRoom, ["moved", ...INTERNAL], ["state"])],
    ["A player, on the TV", membersOf(Player, [], ["id", "state"], [])],
    ["room.state, player.state and me.state", membersOf(SharedState, ["write", "isMine"], [], [])],
    ["The player on the phone", membersOf(PlayerRoom, INTERNAL, ["code", "room", "state"])],
    ["The member of an open room", membersOf(MemberRoom, [])],
    ["Beside them", Object.keys(sdk).toSorted()],
  ])("everything below %s", (heading, members) => {
    expect(named(heading === "Beside them" ? "export" : "property or method", heading)).toEqual(members);
  });
});

test.each(["HostRoomEvents", "PlayerRoomEvents"])("no game's own event can have a name of %s", (type) => {
  expect(fieldsOf(type).filter((name) => !isReserved(name))).toEqual([]);
});

describe("the code in docs/GAMES.md", () => {
  const blocks = [...document.matchAll(/^```js\n([^]*?)^```$/gm)].map(([, code = ""]) => code);

  /** What the text around a block says is there. */
  const SURROUNDINGS = `
    import { createRoom, hasSeat, joinMember, joinRoom, qrSvg, type HostRoom, type Player, type PlayerRoom } from "/sdk/couchwire.js";
    declare const room: HostRoom, me: PlayerRoom, player: Player, ada: Player, ben: Player, scores: Record<string, number>, x: number, y: number;
    declare const screen: object, ball: object, round: number;
    declare const canvas: HTMLCanvasElement, lobby: any, board: any, form: any, stick: any, fire: any;
    declare const code: HTMLElement, qr: HTMLElement, news: HTMLElement, message: HTMLElement, wasPlaying: HTMLElement;
    declare function show(...what: unknown[]): void;
    declare function tally(player: Player, choice: unknown): void;
    declare function isFull(team: unknown): boolean;
    declare function place(player: Player, coins: number): void;
    declare function purseOf(player: Player): number;
    declare function guess(player: Player, word: string): void;
    declare function canPay(player: Player, item: unknown): boolean;
    declare function start(room: HostRoom | PlayerRoom): void;
    declare function showCodeAgain(code: string): void;
    declare function newGame(): object;
    declare function play(game: unknown, player: Player, move: unknown): object;
  `;
  /** A misspelt name, option or event, and a value of a wrong type; not that the fragments trust what phones say. */
  const TOLD = /error TS(?:1\d{3}|18003|2304|2305|2307|2322|2339|2345|2353|2551|2552|2554|2561|2769|5\d{3}):/;

  function faultsOf(codes: readonly string[]): string[] {
    const folder = mkdtempSync(path.join(tmpdir(), "couchwire-games-"));
    onTestEnd(() => rmSync(folder, { recursive: true }));
    for (const [index, code] of codes.entries()) {
      const fragment = code.replace(/^import .*$/gm, "");
      writeFileSync(path.join(folder, `block-${index}.ts`), `${SURROUNDINGS}\nasync () => {\n${fragment}\n};\n`);
    }
    const options = {
      compilerOptions: {
        lib: ["es2020", "dom", "dom.iterable"],
        target: "es2020",
        module: "esnext",
        moduleResolution: "bundler",
        types: [],
        noEmit: true,
        strict: false,
        skipLibCheck: true,
        allowImportingTsExtensions: true,
        paths: { "/sdk/couchwire.js": [path.join(ROOT, "src/sdk/index.ts")] },
      },
      include: ["*.ts"],
    };
    writeFileSync(path.join(folder, "tsconfig.json"), JSON.stringify(options));
    const tsc = path.join(path.dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { cwd: folder, encoding: "utf8" });
    return stdout
      .split("\n")
      .filter((line) => line.startsWith("block-") && TOLD.test(line) && !line.includes("on type 'unknown'"));
  }

  test("uses no option, event or method that the SDK does not have", () => {
    expect(blocks.length).toBeGreaterThan(10);
    expect(faultsOf(blocks)).toEqual([]);
  });

  test("is looked at closely enough to find a misspelt one", () => {
    const misspelt = ['room.on("join", (a, b) => {});', "room.brodcast(1);", 'me.send("a", { volatil: true });'];
    expect(faultsOf(misspelt).map((line) => line.split("(")[0])).toEqual(["block-0.ts", "block-1.ts", "block-2.ts"]);
  });
});
