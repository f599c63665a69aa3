import { resolve } from "node:path";
import { describe, expect, test } from "@jest/globals";
import {
  OPTION_NAMES,
  OPTION_TABLE,
  OptionsError,
  describeUnknownOption,
  optionsFromEnvironment,
  parseOptions,
} from "../../src/config.ts";
import { defaultMemoryBytes } from "../../src/config/default-memory.ts";
import type { OptionName, Options } from "../../src/config.ts";

/** One value no option takes, and some more that are wrong for the one they stand at. */
const WRONG_VALUES: Record<OptionName, readonly unknown[]> = {
  port: [null, -1, 65_536, 80.5, "8081", Number.NaN],
  host: [null, "", "http://tv.local", "two words"],
  tcpPort: [null, -1, 65_536, 80.5, "7777"],
  tcpHost: [null, "", "http://tv.local", "two words"],
  tcpQueueFrames: [null, -1, 0.5],
  logLevel: [null, "loud", ""],
  publicUrl: [null, "tv.local", "ftp://tv.local", "http://tv.local/?a=1", "http://me:secret@tv.local", ""],
  games: [null, "", []],
  dev: [null, "", "yes", "true", 1],
  workers: [null, 0, -1, 1.5, 257, "many", ""],
  maxConnections: [null, 0, 1.5, Number.POSITIVE_INFINITY],
  wsEngine: ["uws", "", null],
  maxRooms: [null, 0, "many"],
  maxPlayers: [null, 0],
  maxAudience: [null, -1, 0.5],
  maxPayload: [null, 0, 2 ** 40],
  maxHostPayload: [null, 0, 2 ** 40],
  bytes: [null, "base64"],
  memory: [null, 0, 1_000, 2 ** 50, "512M"],
  sendQueue: [null, 0],
  pingMs: [null, 0],
  idleMs: [null, 0],
  keepAliveMs: [null, 0, 1.5],
  playerRate: [null, -1, 0.5],
  playerBurst: [null, 0],
  playerBytes: [null, -1, 2 ** 40],
  hostRate: [null, -1, 0.5],
  hostBurst: [null, 0],
  banMs: [null, -1],
  guessLimit: [null, -1],
  networkRooms: [null, -1],
  prepareMs: [null, -1],
  stateFile: [null, "", 1],
  seatGraceMs: [null, -1],
  hostGraceMs: [null, -1, 2 ** 31],
  awayMs: [null, -1],
  seatBuffer: [null, 0, 2 ** 40],
  hostBuffer: [null, 0, 2 ** 40],
  codeCooldownMs: [null, -1],
  drainMs: [null, -1, 600_001],
  openRooms: [null, "", "Relay", "chess,,relay", "a".repeat(33)],
  standingRooms: [
    null,
    "",
    "lobby",
    "lobby:",
    ":relay",
    "lobby:Relay",
    "bcdf:relay",
    "a:relay,a:relay",
    "a:relay,,b:relay",
  ],
  adminPort: [-1, 65_536, "", null],
  adminHost: ["", " ", "http://x", null],
  jwtSecret: [null, "", "too short", `${"s".repeat(32)},short`, `${"s".repeat(32)},`],
  jwksUrl: [null, "", "keys.json", "ftp://id.example/keys", "https://me:secret@id.example/keys"],
  requireToken: [null, "", "phones", "hosts;players", "none,hosts", "both,hosts"],
  jwtIssuer: [null, ""],
  jwtAudience: [null, ""],
  jwtLeeway: [null, -1, 0.5, 3_601],
  tokenTtl: [null, 0, 0.5, 2_592_001],
  tlsCert: [null, "", 1],
  tlsKey: [null, "", 1],
  origins: [null, "", "*", "example.com", "https://example.com/games", "https://a.example,", "ftp://a.example"],
  apiKey: [
    null,
    "",
    "too short",
    `${"k".repeat(16)},short`,
    `${"k".repeat(16)},`,
    "a key with spaces in it",
    "k".repeat(513),
  ],
  apiRate: [null, -1, 0.5],
  trustProxy: [null, "", "everybody", "10.0.0.0/99", "loopback,,10.0.0.1"],
  bus: [null, "", "redis", "http://localhost", "kafka://localhost:9092", "redis://a,redis://b", "memory,nats://b"],
  busPrefix: [null, "", "a.b", "a b", "ü", "*", "x".repeat(65)],
  leaseMs: [null, 499, 60_001, 1_000.5, "5000"],
};

function parsed(input: unknown): Options {
  const result = parseOptions(input);
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}

function refusal(input: unknown, nameOf?: (field: OptionName) => string): string {
  const result = parseOptions(input, nameOf);
  if (result.ok) throw new Error("These options should have been refused.");
  return result.failure;
}

describe("options", () => {
  test("nothing given is a server on port 8081 with the demo games", () => {
    const { games, memory, ...rest } = parsed({});
    const root = resolve(import.meta.dirname, "../..");
    expect(games).toEqual([resolve(root, "demo-game"), resolve(root, "demo-arena")]);
    expect(memory).toBe(defaultMemoryBytes());
    expect(rest).toEqual({
      wsEngine: "codec",
      dev: false,
      workers: 1,
      port: 8081,
      openRooms: "none",
      host: "0.0.0.0",
      tcpHost: "127.0.0.1",
      adminHost: "127.0.0.1",
      tcpQueueFrames: 0,
      logLevel: "info",
      maxConnections: 10_000,
      maxRooms: 1000,
      maxPlayers: 250,
      maxAudience: 10_000,
      maxPayload: 1_048_576,
      maxHostPayload: 4_194_304,
      bytes: "array",
      sendQueue: 1_048_576,
      pingMs: 13_000,
      idleMs: 31_000,
      keepAliveMs: 65_000,
      playerRate: 100,
      playerBurst: 200,
      playerBytes: 2_097_152,
      hostRate: 2_000,
      hostBurst: 4_000,
      banMs: 60_000,
      guessLimit: 60,
      networkRooms: 30,
      prepareMs: 60_000,
      seatGraceMs: 120_000,
      hostGraceMs: 120_000,
      awayMs: 3_000,
      seatBuffer: 1_048_576,
      hostBuffer: 8_388_608,
      codeCooldownMs: 60_000,
      drainMs: 8_000,
      requireToken: "none",
      jwtLeeway: 0,
      tokenTtl: 3_600,
      apiRate: 2_000,
      bus: "memory",
      busPrefix: "couchwire",
      leaseMs: 5_000,
    });
  });

  test.each([
    ["a large machine", { machineBytes: 2 ** 35, containerBytes: 0, heapBytes: 2 ** 32 }, 2 ** 29],
    [
      "no container, as Linux reports it",
      { machineBytes: 2 ** 35, containerBytes: 2 ** 64, heapBytes: 2 ** 32 },
      2 ** 29,
    ],
    ["a small container", { machineBytes: 2 ** 35, containerBytes: 2 ** 28, heapBytes: 2 ** 31 }, 2 ** 27],
    ["a small heap", { machineBytes: 2 ** 35, containerBytes: 0, heapBytes: 2 ** 28 }, 2 ** 27],
    ["a runtime without a heap limit", { machineBytes: 2 ** 29, containerBytes: 0, heapBytes: 0 }, 2 ** 28],
  ])("without a word about memory, queues have 512 MiB or half of what there is: %s", (_, bounds, bytes) => {
    expect(defaultMemoryBytes(bounds)).toBe(bytes);
  });

  test("P7.8 the TCP port is a number, also where the environment says it, and off where it says nothing", () => {
    const { options } = optionsFromEnvironment({ COUCHWIRE_TCP_PORT: "7777" });
    expect(parsed(options)).toMatchObject({ tcpPort: 7777, tcpHost: "127.0.0.1" });
    expect(parsed({}).tcpPort).toBeUndefined();
  });

  test("what is undefined counts as not given", () => {
    expect(parsed({ port: undefined, publicUrl: undefined, maxRooms: undefined }).port).toBe(8081);
  });

  test("options that were parsed once can be parsed again", () => {
    const once = parsed({ games: "some/games", publicUrl: "https://play.example/party/" });
    expect(parsed(once)).toEqual(once);
  });

  test("a games folder is meant from where the user stands", () => {
    expect(parsed({ games: "my-game" }).games).toEqual([resolve("my-game")]);
  });

  test("several folders of games are separated by commas, or given as a list", () => {
    const both = [resolve("one"), resolve("two")];
    expect(parsed({ games: "one, two," }).games).toEqual(both);
    expect(parsed({ games: ["one", "two"] }).games).toEqual(both);
    expect(refusal({ games: [] })).toContain("several separated by commas");
  });

  test.each([
    ["http://tv.local:8081", "http://tv.local:8081"],
    ["http://tv.local:8081/", "http://tv.local:8081"],
    ["HTTPS://Play.Example/party/", "https://play.example/party"],
  ])("a public address %s can have a code appended as %s", (given, kept) => {
    expect(parsed({ publicUrl: given }).publicUrl).toBe(kept);
  });

  test.each([["loopback"], ["10.0.0.0/8"], ["127.0.0.1, 192.168.0.0/16, uniquelocal"], ["::1"]])(
    "a proxy may be trusted as %s",
    (given) => {
      expect(parsed({ trustProxy: given }).trustProxy).toBe(given);
    },
  );

  const wrongPairs = OPTION_NAMES.flatMap((field) => WRONG_VALUES[field].map((value) => [field, value] as const));
  test.each(wrongPairs)("%s refuses %p and says what it takes", (field, value) => {
    const sentence = refusal({ [field]: value });
    const allowed = OPTION_TABLE.find((entry) => entry.field === field)?.allowed;
    expect(sentence).toContain(`${field} is `);
    expect(sentence).toContain(`has to be ${allowed}.`);
    expect(sentence).not.toContain("\n");
  });

  test("a refusal shows what was given", () => {
    expect(refusal({ maxRooms: "many" })).toBe('maxRooms is "many", but has to be a whole number from 1 to 1000000.');
    expect(refusal({ bytes: "base64" })).toBe('bytes is "base64", but has to be one of array, string.');
  });

  test("row 2: a refused secret is named, and never shown", () => {
    const short = "hunter2-hunter2-hunter2-hunter2";
    const sentence = refusal({ jwtSecret: `${"s".repeat(32)},${short}` }, () => "COUCHWIRE_JWT_SECRET");
    expect(sentence).toBe(
      "COUCHWIRE_JWT_SECRET is wrong: it has to be one or more secrets of at least 32 bytes each, separated by commas.",
    );
  });

  test("row 9: a refused key of the API is named, and never shown", () => {
    const sentence = refusal({ apiKey: `${"k".repeat(16)},hunter2` }, () => "COUCHWIRE_API_KEY");
    expect(sentence).toBe(
      "COUCHWIRE_API_KEY is wrong: it has to be one or more keys of 16 to 512 visible ASCII characters each, separated by commas.",
    );
  });

  test.each([
    "memory",
    "redis://localhost",
    "redis://:p%40ss@10.0.0.7:6379/3",
    "rediss://user:pass@redis.example.com:6380/",
    "nats://127.0.0.1:4222",
    "nats://token@nats",
    "tls://user:pass@nats.example.com",
    "redis://[::1]:6379",
    "nats://user:pass@a:4222,nats://user:pass@b:4222",
  ])("row 88: the bus may be %s", (bus) => {
    expect(parsed({ bus }).bus).toBe(bus);
  });

  test.each([
    "",
    "redis",
    "redis://",
    "redis://hunter2@",
    "http://localhost",
    "kafka://localhost:9092",
    "localhost:6379",
    "redis://:hunter2/@host",
    "redis://host/db",
    "redis://host?password=hunter2",
    "redis://host:99999",
    "redis://a,redis://b",
    "redis://a,nats://b",
    "memory,nats://b",
    "nats://a b",
  ])("row 88: the bus may not be %p; the sentence says what it may be, and shows no password", (bus) => {
    expect(refusal({ bus }, () => "COUCHWIRE_BUS")).toBe(
      "COUCHWIRE_BUS is wrong: it has to be memory, redis://host:6379, rediss://host:6379, nats://host:4222 or tls://host:4222, with user:password@ in front of the host where it needs one, whose special characters are escaped with %; servers of one NATS are separated by commas.",
    );
  });

  test("row 88: a prefix of the bus and a lease outside their bounds are refused with the bounds", () => {
    for (const busPrefix of ["", "a.b", "a b", "ü", "*", "x".repeat(65)])
      expect(refusal({ busPrefix })).toBe(
        `busPrefix is ${JSON.stringify(busPrefix)}, but has to be 1 to 64 letters, digits, _ and -.`,
      );
    for (const leaseMs of [499, 60_001, 1_000.5])
      expect(refusal({ leaseMs })).toBe(`leaseMs is ${leaseMs}, but has to be a whole number from 500 to 60000.`);
    const good = { busPrefix: `-_${"x".repeat(62)}`, leaseMs: 500 };
    expect(parsed(good)).toMatchObject(good);
  });

  test.each(["jwtIssuer", "jwtAudience"])("row 2: %s without a secret contradicts itself", (field) => {
    expect(refusal({ [field]: "me" })).toBe(
      `${field} needs COUCHWIRE_JWT_SECRET (jwtSecret) or COUCHWIRE_JWKS_URL (jwksUrl), or no token can count.`,
    );
    expect(parsed({ [field]: "me", jwtSecret: "s".repeat(32) })).toMatchObject({ [field]: "me" });
  });

  test("row 74: an admin page without a key to log in with contradicts itself, and so does one on the main port", () => {
    const apiKey = "k".repeat(32);
    expect(refusal({ adminPort: 8082 })).toBe(
      "adminPort needs COUCHWIRE_API_KEY (apiKey), with which people log in at the admin page.",
    );
    expect(refusal({ adminPort: 0 }, () => "COUCHWIRE_ADMIN_PORT")).toMatch(/^COUCHWIRE_ADMIN_PORT needs /);
    expect(refusal({ port: 8082, adminPort: 8082, apiKey })).toBe(
      "adminPort is 8082, as port is, but the admin page needs a port of its own.",
    );
    expect(parsed({ port: 0, adminPort: 0, apiKey })).toMatchObject({ adminPort: 0, adminHost: "127.0.0.1" });
  });

  test("a state file beside a bus contradicts itself: the directory keeps the rooms", () => {
    expect(refusal({ stateFile: "rooms", bus: "redis://localhost" })).toBe(
      "stateFile is for one node by itself: with COUCHWIRE_BUS (bus) the directory of the cluster keeps the rooms.",
    );
    expect(refusal({ stateFile: "rooms", workers: "auto" })).toMatch(
      /^stateFile is for one process: with COUCHWIRE_WORKERS /,
    );
    expect(parsed({ stateFile: "rooms", bus: "memory", workers: 1 })).toMatchObject({ stateFile: "rooms" });
  });

  test("P7.8 requireToken without a secret contradicts itself", () => {
    expect(refusal({ requireToken: "players" })).toBe(
      "requireToken needs COUCHWIRE_JWT_SECRET (jwtSecret) or COUCHWIRE_JWKS_URL (jwksUrl), or no token can count.",
    );
    const both = { requireToken: "hosts,players", jwtSecret: "s".repeat(32) };
    expect(parsed(both)).toMatchObject(both);
  });

  test.each(["none", "*", "relay", "chess, big-two", "chess,*"])("open rooms may be %s", (given) => {
    expect(parsed({ openRooms: given }).openRooms).toBe(given);
  });

  test("a refusal names the option the way the user wrote it", () => {
    expect(refusal({ port: -1 }, () => "--port")).toMatch(/^--port is -1/);
    expect(refusal({ port: -1 }, () => "PORT")).toMatch(/^PORT is -1/);
  });

  test("every wrong option is told at once", () => {
    const sentence = refusal({ port: -1, bytes: "base64" });
    expect(sentence).toContain("port is -1");
    expect(sentence).toContain('bytes is "base64"');
  });

  test("an unknown option is an error that names the near one", () => {
    expect(refusal({ maxRoms: 5 })).toBe("There is no option maxRoms; did you mean maxRooms?");
    expect(refusal({ colour: "red" })).toBe("There is no option colour.");
  });

  test.each([[null], [undefined], ["port"], [[8081]]])("%p is no set of options", (input) => {
    expect(refusal(input)).toMatch(/^The options have to be an object; this is /);
  });

  test.each([
    [10_000, 10_000],
    [40_000, 31_000],
  ])("pings every %i ms contradict %i ms of allowed silence", (pingMs, idleMs) => {
    const sentence = refusal({ pingMs, idleMs });
    expect(sentence).toContain(`idleMs (${idleMs}) has to be larger than pingMs (${pingMs})`);
  });

  test("the error that carries a refusal is told apart from a bug", () => {
    expect(new OptionsError("port is -1.")).toMatchObject({ name: "OptionsError", message: "port is -1." });
  });
});

describe("options from the environment", () => {
  test("are found under their names, numbers as numbers", () => {
    const { options, unknown } = optionsFromEnvironment({
      PORT: "9000",
      COUCHWIRE_HOST: "127.0.0.1",
      COUCHWIRE_LOG_LEVEL: "debug",
      COUCHWIRE_MAX_ROOMS: " 50 ",
      PATH: "/bin",
    });
    expect(options).toEqual({ port: 9000, host: "127.0.0.1", logLevel: "debug", maxRooms: 50 });
    expect(unknown).toEqual([]);
  });

  test.each(["127.0.0.1", "0.0.0.0", "::1", "192.168.1.7", "localhost"])("HOST=%s says where to listen", (HOST) => {
    expect(optionsFromEnvironment({ HOST })).toMatchObject({
      options: { host: HOST },
      names: { host: "HOST" },
      ignoredHost: undefined,
    });
  });

  test.each(["x86_64-conda-linux-gnu", "my-laptop", "my-laptop.lan", "two words"])(
    "HOST=%s, which csh and conda set, does not say where to listen",
    (HOST) => {
      expect(optionsFromEnvironment({ HOST })).toMatchObject({ options: {}, ignoredHost: HOST });
    },
  );

  test("COUCHWIRE_HOST wins over HOST, and may be a name", () => {
    for (const HOST of ["127.0.0.1", "x86_64-conda-linux-gnu"]) {
      expect(optionsFromEnvironment({ HOST, COUCHWIRE_HOST: "tv.lan" })).toMatchObject({
        options: { host: "tv.lan" },
        names: { host: "COUCHWIRE_HOST" },
        ignoredHost: undefined,
      });
    }
  });

  test("that are empty are not set", () => {
    expect(optionsFromEnvironment({ PORT: "", COUCHWIRE_PUBLIC_URL: "  " }).options).toEqual({});
  });

  test("stay text where the option is text", () => {
    expect(optionsFromEnvironment({ COUCHWIRE_GAMES: "2026" }).options).toEqual({ games: "2026" });
  });

  test.each(["many", "0x10", "1e3", "9000 "])("leave %p to be judged with the others", (text) => {
    const { options } = optionsFromEnvironment({ PORT: text });
    expect(parseOptions(options).ok).toBe(text === "9000 ");
  });

  test("that are unknown are reported with the near one", () => {
    const { unknown } = optionsFromEnvironment({
      COUCHWIRE_MAXROOMS: "5",
      COUCHWIRE_PORT: "80",
      COUCHWIRE_FAVOURITE_COLOUR: "red",
      OTHER: "1",
    });
    expect(unknown).toEqual([
      { name: "COUCHWIRE_MAXROOMS", near: "COUCHWIRE_MAX_ROOMS" },
      { name: "COUCHWIRE_PORT", near: "PORT" },
      { name: "COUCHWIRE_FAVOURITE_COLOUR", near: undefined },
    ]);
  });
});

describe("the table of options", () => {
  test("has the names that start scripts depend on", () => {
    expect(OPTION_TABLE.map(({ env, flag, default: unset }) => [env, flag, unset])).toEqual([
      ["PORT", "--port", "8081"],
      ["COUCHWIRE_HOST", "--host", "0.0.0.0"],
      ["COUCHWIRE_TCP_PORT", "--tcp-port", "off"],
      ["COUCHWIRE_TCP_HOST", "--tcp-host", "127.0.0.1"],
      ["COUCHWIRE_TCP_QUEUE_FRAMES", "--tcp-queue-frames", "0"],
      ["COUCHWIRE_ADMIN_PORT", "--admin-port", "off"],
      ["COUCHWIRE_ADMIN_HOST", "--admin-host", "127.0.0.1"],
      ["COUCHWIRE_LOG_LEVEL", "--log-level", "info"],
      ["COUCHWIRE_PUBLIC_URL", "--public-url", "found by itself"],
      ["COUCHWIRE_GAMES", "--games", "demo-game,demo-arena"],
      ["COUCHWIRE_DEV", "--dev", "off"],
      ["COUCHWIRE_WORKERS", "--workers", "1"],
      ["COUCHWIRE_MAX_CONNECTIONS", "--max-connections", "10000"],
      ["COUCHWIRE_MAX_ROOMS", "--max-rooms", "1000"],
      ["COUCHWIRE_MAX_PLAYERS", "--max-players", "250"],
      ["COUCHWIRE_MAX_AUDIENCE", "--max-audience", "10000"],
      ["COUCHWIRE_MAX_PAYLOAD", "--max-payload", "1048576"],
      ["COUCHWIRE_MAX_HOST_PAYLOAD", "--max-host-payload", "4194304"],
      ["COUCHWIRE_WS_ENGINE", "--ws-engine", "codec on Node, ws on Bun"],
      ["COUCHWIRE_BYTES", "--bytes", "array"],
      ["COUCHWIRE_MEMORY", "--memory", "512 MiB, or half of what it may have"],
      ["COUCHWIRE_SEND_QUEUE", "--send-queue", "1048576"],
      ["COUCHWIRE_PING_MS", "--ping-ms", "13000"],
      ["COUCHWIRE_IDLE_MS", "--idle-ms", "31000"],
      ["COUCHWIRE_KEEP_ALIVE_MS", "--keep-alive-ms", "65000"],
      ["COUCHWIRE_PLAYER_RATE", "--player-rate", "100"],
      ["COUCHWIRE_PLAYER_BURST", "--player-burst", "200"],
      ["COUCHWIRE_PLAYER_BYTES", "--player-bytes", "2097152"],
      ["COUCHWIRE_HOST_RATE", "--host-rate", "2000"],
      ["COUCHWIRE_HOST_BURST", "--host-burst", "4000"],
      ["COUCHWIRE_BAN_MS", "--ban-ms", "60000"],
      ["COUCHWIRE_GUESS_LIMIT", "--guess-limit", "60"],
      ["COUCHWIRE_NETWORK_ROOMS", "--network-rooms", "30"],
      ["COUCHWIRE_PREPARE_MS", "--prepare-ms", "60000"],
      ["COUCHWIRE_STATE_FILE", "--state-file", "off"],
      ["COUCHWIRE_SEAT_GRACE_MS", "--seat-grace-ms", "120000"],
      ["COUCHWIRE_HOST_GRACE_MS", "--host-grace-ms", "120000"],
      ["COUCHWIRE_AWAY_MS", "--away-ms", "3000"],
      ["COUCHWIRE_SEAT_BUFFER", "--seat-buffer", "1048576"],
      ["COUCHWIRE_HOST_BUFFER", "--host-buffer", "8388608"],
      ["COUCHWIRE_CODE_COOLDOWN_MS", "--code-cooldown-ms", "60000"],
      ["COUCHWIRE_DRAIN_MS", "--drain-ms", "8000"],
      ["COUCHWIRE_OPEN_ROOMS", "--open-rooms", "none"],
      ["COUCHWIRE_STANDING_ROOMS", "--standing-rooms", "none"],
      ["COUCHWIRE_JWT_SECRET", "--jwt-secret", "none"],
      ["COUCHWIRE_JWKS_URL", "--jwks-url", "none"],
      ["COUCHWIRE_REQUIRE_TOKEN", "--require-token", "none"],
      ["COUCHWIRE_JWT_ISSUER", "--jwt-issuer", "not looked at"],
      ["COUCHWIRE_JWT_AUDIENCE", "--jwt-audience", "not looked at"],
      ["COUCHWIRE_JWT_LEEWAY", "--jwt-leeway", "0"],
      ["COUCHWIRE_TOKEN_TTL", "--token-ttl", "3600"],
      ["COUCHWIRE_TLS_CERT", "--tls-cert", "none: plain http"],
      ["COUCHWIRE_TLS_KEY", "--tls-key", "none"],
      ["COUCHWIRE_ORIGINS", "--origins", "any"],
      ["COUCHWIRE_API_KEY", "--api-key", "none"],
      ["COUCHWIRE_API_RATE", "--api-rate", "2000"],
      ["COUCHWIRE_TRUST_PROXY", "--trust-proxy", "none"],
      ["COUCHWIRE_BUS", "--bus", "memory"],
      ["COUCHWIRE_BUS_PREFIX", "--bus-prefix", "couchwire"],
      ["COUCHWIRE_LEASE_MS", "--lease-ms", "5000"],
    ]);
  });

  test("documents every option in one line that a Markdown table can hold", () => {
    for (const { meaning, allowed } of OPTION_TABLE) {
      expect(meaning).toMatch(/^[A-Z][^\n|]+\.$/);
      expect(allowed).toMatch(/^[^\n|]+$/);
    }
  });
});

describe("an unknown name", () => {
  test.each([
    ["--max-room", "There is no option --max-room; did you mean --max-rooms?"],
    ["--loglevel", "There is no option --loglevel; did you mean --log-level?"],
    ["--frobnicate", "There is no option --frobnicate."],
  ])("%s", (written, sentence) => {
    expect(
      describeUnknownOption(
        written,
        OPTION_TABLE.map(({ flag }) => flag),
      ),
    ).toBe(sentence);
  });
});
