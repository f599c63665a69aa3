import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { parseCommandLine } from "../../../src/cli/command-line.ts";
import { OPTION_TABLE } from "../../../src/config.ts";

function parsed(words: readonly string[], environment: Record<string, string> = {}) {
  const result = parseCommandLine(words, environment);
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}

function served(words: readonly string[], environment: Record<string, string> = {}) {
  const command = parsed(words, environment);
  if (command.run !== "serve") throw new Error(`This was understood as ${command.run}.`);
  return command;
}

function refusal(words: readonly string[], environment: Record<string, string> = {}): string {
  const result = parseCommandLine(words, environment);
  if (result.ok) throw new Error("This should have been refused.");
  return result.failure;
}

describe("the command line", () => {
  test.each([[[]], [["serve"]]])("%j serves the demo game", (words) => {
    expect(served(words).options).toMatchObject({ port: 8081, games: [resolve("demo-game"), resolve("demo-arena")] });
  });

  test("serve takes a folder, anywhere among the options", () => {
    for (const words of [
      ["serve", "my-game", "--port", "9000"],
      ["--port", "9000", "serve", "my-game"],
    ]) {
      expect(served(words).options).toMatchObject({ port: 9000, games: [resolve("my-game")] });
    }
  });

  test.each([[["--max-rooms", "50"]], [["--max-rooms=50"]]])("takes an option as %j", (words) => {
    expect(served(words).options.maxRooms).toBe(50);
  });

  test("what is typed wins over the environment", () => {
    const words = ["--max-rooms", "60"];
    expect(served(words, { COUCHWIRE_MAX_ROOMS: "70", PORT: "9000" }).options).toMatchObject({
      maxRooms: 60,
      port: 9000,
    });
  });

  test("an option that is a list may be given in parts", () => {
    expect(served(["--games", "a", "--games=b,c"]).options.games).toEqual(["a", "b", "c"].map((name) => resolve(name)));
    expect(served(["--open-rooms", "relay", "--open-rooms", "chess"]).options.openRooms).toBe("relay,chess");
  });

  test("a HOST that is no address is told, unless the user says otherwise where to listen", () => {
    const HOST = "x86_64-conda-linux-gnu";
    expect(served([], { HOST })).toMatchObject({ ignoredHost: HOST, options: { host: "0.0.0.0" } });
    expect(served(["--host", "127.0.0.1"], { HOST }).ignoredHost).toBeUndefined();
  });

  test("tells how the user wrote an option", () => {
    expect(served([], { HOST: "127.0.0.1" }).nameOf("host")).toBe("HOST");
    expect(served([], { HOST: "127.0.0.1", COUCHWIRE_HOST: "::1" }).nameOf("host")).toBe("COUCHWIRE_HOST");
    expect(served(["--host", "::1"], { HOST: "127.0.0.1" }).nameOf("host")).toBe("--host");
  });

  test.each([
    ["--help", "help"],
    ["-h", "help"],
    ["--version", "version"],
    ["-v", "version"],
  ])("%s asks for the %s, whatever the environment says", (flag, run) => {
    expect(parsed([flag], { PORT: "nonsense" })).toEqual({ run });
    expect(parsed(["serve", "somewhere", flag])).toEqual({ run });
  });

  test("knows every option as a flag", () => {
    for (const { flag, allowed } of OPTION_TABLE) expect(refusal([flag])).toBe(`${flag} needs a value: ${allowed}.`);
  });

  test("unknown variables do not stop the start, but are told", () => {
    expect(served([], { COUCHWIRE_MAXROOMS: "5" }).unknownVariables).toEqual([
      { name: "COUCHWIRE_MAXROOMS", near: "COUCHWIRE_MAX_ROOMS" },
    ]);
  });
});

describe("couchwire dev", () => {
  test("row 19.5 serves the folder where it is started, for development, and opens the playground", () => {
    expect(served(["dev"])).toMatchObject({ options: { dev: true, games: [resolve(".")] }, opensBrowser: true });
    expect(served(["dev"], { COUCHWIRE_GAMES: "theirs" }).options.games).toEqual([resolve("theirs")]);
    expect(served(["dev", "mine"], { COUCHWIRE_GAMES: "theirs" }).options.games).toEqual([resolve("mine")]);
    expect(served(["--port", "9000", "dev", "mine", "--no-open"])).toMatchObject({
      options: { dev: true, port: 9000, games: [resolve("mine")] },
      opensBrowser: false,
    });
  });

  test("records into a file that it is given, or into files that it names", () => {
    expect(served(["dev", "mine"]).recordings).toBeUndefined();
    expect(served(["dev", "--record", "mine"])).toMatchObject({
      options: { games: [resolve("mine")] },
      recordings: { file: undefined },
    });
    expect(served(["dev", "--record", "a.cwrec", "mine", "--no-open"])).toMatchObject({
      options: { games: [resolve("mine")] },
      recordings: { file: "a.cwrec" },
    });
    expect(served(["dev", "--record=b/a.cwrec"]).recordings).toEqual({ file: "b/a.cwrec" });
    expect(served(["dev", "--record", "--port", "9000"])).toMatchObject({
      options: { port: 9000 },
      recordings: { file: undefined },
    });
    expect(served(["dev", "games.cwrec"]).options.games).toEqual([resolve("games.cwrec")]);
  });

  test("row 75 a certificate of the machine's own is asked for without a value", () => {
    expect(served(["--tls-self-signed"])).toMatchObject({ isSelfSigned: true });
    expect(served(["dev", "mine", "--tls-self-signed"])).toMatchObject({ isSelfSigned: true });
    expect(served(["serve"])).toMatchObject({ isSelfSigned: false });
  });

  test("row 19.5 serve is no development, unless the option says so", () => {
    expect(served(["serve", "mine"])).toMatchObject({ options: { dev: false }, opensBrowser: false });
    expect(served(["serve", "mine"], { COUCHWIRE_DEV: "on" })).toMatchObject({
      options: { dev: true },
      opensBrowser: false,
    });
  });

  test("help is a command too, of each command", () => {
    expect(parsed(["help"])).toEqual({ run: "help" });
    expect(parsed(["help", "dev"])).toEqual({ run: "help" });
    expect(parsed(["help", "bots"])).toEqual({ run: "bots-help" });
  });
});

describe("a wrong command line", () => {
  test.each<[readonly string[], string]>([
    [["--no-open"], "--no-open is an option of couchwire dev alone."],
    [["dev", "--no-open=yes"], "--no-open takes no value."],
    [
      ["serve", "--record"],
      "--record is an option of couchwire dev alone. couchwire record CODE --out FILE records a room of any server.",
    ],
    [["dev", "--record=a.txt"], "--record takes a file whose name ends in .cwrec, or nothing."],
    [["dev", "--record="], "--record takes a file whose name ends in .cwrec, or nothing."],
    [["dev", "--record", "a.cwrec", "--record"], "--record is given twice; give it once."],
    [["--tls-self-signed=yes"], "--tls-self-signed takes no value."],
    [
      ["--tls-cert", "a.pem"],
      "--tls-cert needs COUCHWIRE_TLS_KEY (tlsKey), the file with the key of that certificate.",
    ],
    [
      ["--tls-self-signed", "--tls-cert", "a.pem", "--tls-key", "b.pem"],
      "--tls-self-signed makes a certificate, and --tls-cert names one: choose one of them.",
    ],
    [["dev", "a", "b"], "One folder can be served, not 2; put the games into one folder."],
    [["dev", "a", "--games", "b"], "The folder is given twice: after dev, and with --games."],
    [["dev", "--no-opne"], "There is no option --no-opne; did you mean --no-open? couchwire --help lists them."],
    [["--max-room", "5"], "There is no option --max-room; did you mean --max-rooms? couchwire --help lists them."],
    [["--versoin"], "There is no option --versoin; did you mean --version? couchwire --help lists them."],
    [["-x"], "There is no option -x. couchwire --help lists them."],
    [["--help=yes"], "--help takes no value."],
    [["my-game"], 'There is no command "my-game". To serve a folder, write: couchwire serve my-game'],
    [
      ["nwe", "my-game", "--template", "quiz"],
      'There is no command "nwe"; did you mean couchwire new? To serve a folder, write: couchwire serve nwe',
    ],
    [
      ["hlep"],
      'There is no command "hlep"; did you mean couchwire help? To serve a folder, write: couchwire serve hlep',
    ],
    [
      ["help", "bot"],
      'There is no command "bot"; did you mean couchwire bots? To serve a folder, write: couchwire serve bot',
    ],
    [
      ["--port", "0", "sevre", "games"],
      'There is no command "sevre"; did you mean couchwire serve? To serve a folder, write: couchwire serve sevre',
    ],
    [["toString"], 'There is no command "toString". To serve a folder, write: couchwire serve toString'],
    [["--port", "1", "--port", "2"], "--port is given twice; give it once."],
    [["--max-rooms=5", "dev", "--max-rooms=5"], "--max-rooms is given twice; give it once."],
    [["dev", "--no-open", "--no-open"], "--no-open is given twice; give it once."],
    [["serve", "a", "b"], "One folder can be served, not 2; put the games into one folder."],
    [["serve", "a", "--games", "b"], "The folder is given twice: after serve, and with --games."],
    [["serve", ""], 'The folder is "", but has to be the path of a folder, or several separated by commas.'],
    [["--port", "-1"], "--port is -1, but has to be a whole number from 0 to 65535."],
  ])("%j", (words, sentence) => {
    expect(refusal(words)).toBe(sentence);
  });

  test("names the variable where the value came from the environment, and the flag where it was typed", () => {
    expect(refusal([], { COUCHWIRE_MAX_ROOMS: "many" })).toMatch(/^COUCHWIRE_MAX_ROOMS is "many"/);
    expect(refusal(["--max-rooms", "many"], { COUCHWIRE_MAX_ROOMS: "5" })).toMatch(/^--max-rooms is "many"/);
  });

  test("names both sides of a contradiction the way each was written", () => {
    expect(refusal(["--idle-ms", "5000"], { COUCHWIRE_PING_MS: "6000" })).toMatch(
      /^--idle-ms \(5000\) has to be larger than COUCHWIRE_PING_MS \(6000\)/,
    );
  });
});
