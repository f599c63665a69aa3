#!/usr/bin/env node
/** The command `couchwire`. Only this file reads the environment and ends the process. */
import cluster from "node:cluster";
import { homedir } from "node:os";
import { isatty } from "node:tty";
import type { Logger } from "pino";
import { createTokens } from "./auth/tokens.ts";
import type { ChaosPlan } from "./chaos/plan.ts";
import { BOTS_HELP, type BotsPlan } from "./cli/bots-command.ts";
import { CHAOS_HELP } from "./cli/chaos-command.ts";
import { describePlan, describeProgress, describeResult } from "./cli/chaos-report.ts";
import { CONFORMANCE_HELP, type ConformancePlan } from "./cli/conformance-command.ts";
import { createGame, describeNewGame } from "./cli/create-game.ts";
import { parseCommandLine } from "./cli/command-line.ts";
import type { Command, ServeCommand } from "./cli/command-line.ts";
import { helpText } from "./cli/help.ts";
import { isByNpx, onLauncherEnd } from "./cli/launcher.ts";
import type { RoomRecorder } from "./cli/room-recorder.ts";
import { NO_RECORDING_KEY, RECORD_HELP, type RecordPlan } from "./cli/record-command.ts";
import { REPLAY_HELP, type ReplayPlan } from "./cli/replay-command.ts";
import { NO_KEY, ROOM_HELP, type RoomPlan } from "./cli/room-command.ts";
import { NEW_HELP, type NewGamePlan } from "./cli/new-command.ts";
import { openBrowser } from "./cli/open-browser.ts";
import { startSelfSigning, stateFolder } from "./cli/self-signed.ts";
import { describeStartFailure } from "./cli/start-failure.ts";
import { TOKEN_HELP, type TokenPlan } from "./cli/token-command.ts";
import { describeViteProject } from "./cli/vite-project.ts";
import { phoneNotes, welcome } from "./cli/welcome.ts";
import { problemOfWorkers, workerCount } from "./cli/workers-problem.ts";
import { OptionsError, type Options, type OptionsInput } from "./config.ts";
import { createLogger, createPersonLogger } from "./log/logger.ts";
import { printable } from "./log/safe-text.ts";
import { packageVersion } from "./package-version.ts";
import { createRecordedServer, createServer } from "./server.ts";
import type { CloseOptions, CouchwireServer, ServerAddress } from "./server.ts";

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** Exit codes after a signal, as shells count them: 128 and the signal's number. */
const EXIT_INTERRUPTED = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof EXIT_INTERRUPTED;

/** Under npm, Ctrl+C arrives twice: from the terminal, and forwarded by npm. */
const SAME_SIGNAL_MS = 500;

const command = parseCommandLine(process.argv.slice(2), process.env);
if (!command.ok) fail(command.failure, EXIT_USAGE);
else await run(command.value);

async function run(wanted: Command): Promise<void> {
  switch (wanted.run) {
    case "help":
      process.stdout.write(helpText());
      return;
    case "version":
      process.stdout.write(`${packageVersion()}\n`);
      return;
    case "serve":
      await serve(wanted);
      return;
    case "new-help":
      process.stdout.write(NEW_HELP);
      return;
    case "new":
      makeGame(wanted.plan);
      return;
    case "room-help":
      process.stdout.write(ROOM_HELP);
      return;
    case "room":
      await room(wanted.plan);
      return;
    case "record-help":
      process.stdout.write(RECORD_HELP);
      return;
    case "record":
      await record(wanted.plan);
      return;
    case "replay-help":
      process.stdout.write(REPLAY_HELP);
      return;
    case "replay":
      await replay(wanted.plan);
      return;
    case "token-help":
      process.stdout.write(TOKEN_HELP);
      return;
    case "token":
      await mintToken(wanted.plan);
      return;
    case "bots-help":
      process.stdout.write(BOTS_HELP);
      return;
    case "bots":
      await bots(wanted.plan);
      return;
    case "chaos-help":
      process.stdout.write(CHAOS_HELP);
      return;
    case "chaos":
      await chaos(wanted.plan);
      return;
    case "conformance-help":
      process.stdout.write(CONFORMANCE_HELP);
      return;
    case "conformance":
      await conformance(wanted.plan);
  }
}

function makeGame(plan: NewGamePlan): void {
  const made = createGame(plan, process.cwd());
  if (!made.ok) return fail(made.failure, EXIT_FAILURE);
  process.stdout.write(describeNewGame(plan, made.value, isByNpx(process.env)));
}

async function mintToken({ claims, seconds, options }: TokenPlan): Promise<void> {
  const { jwtSecret: secret, jwtIssuer: issuer, jwtAudience: audience } = options;
  try {
    const token = await createTokens({ secret, issuer, audience }).sign(claims, seconds);
    process.stdout.write(`${token}\n`);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    fail(error.message, EXIT_USAGE);
  }
}

async function serve(wanted: ServeCommand): Promise<void> {
  const { options, opensBrowser, isSelfSigned, recordings, unknownVariables, ignoredHost, nameOf } = wanted;
  // What a developer reads is of one style, also where an editor or a file takes it.
  const logger = options.dev ? createPersonLogger(options.logLevel) : createLogger(options.logLevel);
  for (const { name, near } of unknownVariables) {
    logger.warn({ variable: name, near }, "this environment variable is no option, probably a typo");
  }
  if (ignoredHost !== undefined) {
    logger.warn(
      { HOST: ignoredHost, listening: options.host },
      "HOST is neither an IP address nor localhost and was ignored; COUCHWIRE_HOST or --host chooses where to listen",
    );
  }
  const viteProject = options.dev ? describeViteProject(options.games) : undefined;
  if (viteProject !== undefined) return fail(viteProject, EXIT_USAGE);
  const problem = problemOfWorkers({ options, nameOf, isSelfSigned, isBun: "bun" in process.versions });
  if (problem !== undefined) return fail(problem, EXIT_USAGE);
  const recorder = recordings && (await createRecorder(recordings.file, logger));
  const noFolder = await recorder?.begin();
  if (noFolder?.ok === false) return fail(noFolder.failure, EXIT_FAILURE);
  let server: RunningServer | undefined;
  try {
    const tls = isSelfSigned ? await selfSigned(options, logger) : {};
    server = await createRunningServer({ ...options, ...tls }, logger, nameOf("host"), recorder);
    const address = await server.listen();
    endOnSignal(server, logger);
    announce(address, logger, { isSelfSigned, workers: server.workers, recordings: recorder?.target });
    const [playground] = address.playgrounds ?? [];
    if (opensBrowser && playground !== undefined)
      openBrowser(playground, { platform: process.platform, environment: process.env });
  } catch (error) {
    if (error instanceof OptionsError) fail(error.message, EXIT_USAGE);
    else fail(describeStartFailure(error, options, nameOf("host")), EXIT_FAILURE);
    await server?.close();
    cluster.worker?.disconnect(); // or its channel would keep the process alive
  }
}

/** A server, in this process or in several. */
interface RunningServer extends Pick<CouchwireServer, "listen" | "close"> {
  /** Processes that have the rooms; `undefined`: this one. */
  readonly workers?: number;
  /** Whether its end waits for rooms with players. */
  isWaitedFor(): boolean;
}

/** Loads what writes recordings on demand. */
async function createRecorder(file: string | undefined, logger: Logger): Promise<RoomRecorder> {
  const { RoomRecorder: Recorder } = await import("./cli/room-recorder.ts");
  return new Recorder({ file, logger, date: () => new Date() });
}

/** Loads what several processes need on demand. */
async function createRunningServer(
  options: Options,
  logger: Logger,
  hostName: string,
  recorder: RoomRecorder | undefined,
): Promise<RunningServer> {
  const count = workerCount(options);
  if (count > 1 && !cluster.isWorker) {
    const { createServerOfWorkers } = await import("./serve-with-workers.ts");
    return createServerOfWorkers({ options, count, logger, hostName });
  }
  const alone = { ...options, workers: 1 };
  const server =
    recorder === undefined
      ? createServer(alone, { logger })
      : createRecordedServer(alone, { logger }, (recorded, recording) => recorder.record(recorded, recording));
  return {
    listen: () => server.listen(),
    async close(how) {
      await server.close(how);
      await recorder?.done();
    },
    isWaitedFor: () => server.hub.runningRoomCount > 0,
  };
}

/** The options for a certificate that this machine signs itself. */
async function selfSigned(options: Options, logger: Logger): Promise<Pick<OptionsInput, "tlsCert" | "tlsKey">> {
  const folder = stateFolder(process.platform, homedir(), process.env);
  try {
    const file = await startSelfSigning({
      folder,
      options,
      onError: (error) => logger.warn({ err: error }, "the certificate for this network cannot be renewed"),
    });
    return { tlsCert: file, tlsKey: file };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OptionsError(`--tls-self-signed cannot keep its certificate in ${folder}: ${why}`);
  }
}

/** Loads what asks a server about rooms on demand. */
async function room(plan: RoomPlan): Promise<void> {
  if (plan.key === undefined) return fail(NO_KEY, EXIT_USAGE);
  const { askAboutRooms } = await import("./cli/room-client.ts");
  const asked = await askAboutRooms(plan);
  if (asked.ok) for (const line of asked.value) sayLine(line);
  else fail(asked.failure, EXIT_FAILURE);
}

/** Loads what records rooms on demand. The first signal ends the recording, and the file is whole. */
async function record(plan: RecordPlan): Promise<void> {
  if (plan.key === undefined) return fail(NO_RECORDING_KEY, EXIT_USAGE);
  const { recordRoom } = await import("./cli/record-client.ts");
  const stop = new AbortController();
  onSignal(() => stop.abort());
  const recorded = await recordRoom(plan, { say: sayLine, signal: stop.signal });
  if (recorded.ok) sayLine(recorded.value);
  else fail(recorded.failure, EXIT_FAILURE);
  process.exit(); // fetch may keep its connection for a while
}

/** Loads what plays recordings on demand. */
async function replay(plan: ReplayPlan): Promise<void> {
  const { describeRecording, openRecording, replayRecording } = await import("./cli/replay-client.ts");
  const opened = await openRecording(plan);
  if (!opened.ok) return fail(opened.failure, EXIT_USAGE);
  for (const line of describeRecording(plan, opened.value)) sayLine(line);
  if (plan.part.is === "none") return;
  const stop = new AbortController();
  let stoppedBy: Signal | undefined;
  onSignal((signal) => {
    stoppedBy = signal;
    stop.abort();
  });
  const replayed = await replayRecording(plan, opened.value, { say: sayLine, signal: stop.signal });
  if (stoppedBy !== undefined) process.exit(EXIT_INTERRUPTED[stoppedBy]);
  if (replayed.ok) sayLine(replayed.value);
  else fail(replayed.failure, EXIT_FAILURE);
  process.exit();
}

/** Loads what plays bots on demand: a server does not need it. They play until the room is over, or until the command is ended. */
async function bots(plan: BotsPlan): Promise<void> {
  const { loadBots } = await import("./bots/bot-script.ts");
  const { findRoom, playBots } = await import("./bots/outside-bots.ts");
  const made = await loadBots(plan.script, plan.count);
  if (!made.ok) return fail(made.failure, EXIT_USAGE);
  const found = await findRoom(plan.server, plan.code);
  if (!found.ok) return fail(found.failure, EXIT_FAILURE);
  const stop = new AbortController();
  let stoppedBy: Signal | undefined;
  onSignal((signal) => {
    stoppedBy = signal;
    stop.abort();
  });
  const { joined } = await playBots({
    ...plan,
    room: found.value,
    bots: made.value,
    say: sayLine,
    signal: stop.signal,
  });
  if (stoppedBy !== undefined) process.exit(EXIT_INTERRUPTED[stoppedBy]);
  // What a bot's script has started must not keep the command.
  process.exit(joined > 0 ? 0 : EXIT_FAILURE);
}

/** Loads the chaos kit on demand: a server does not need it. */
async function chaos(plan: ChaosPlan): Promise<void> {
  const { isReachable } = await import("./chaos/network.ts");
  const { runChaos } = await import("./chaos/run-chaos.ts");
  if (!(await isReachable(new URL(plan.server)))) return fail(`Nothing answers at ${plan.server}.`, EXIT_FAILURE);
  const stop = new AbortController();
  let stoppedBy: Signal | undefined;
  onSignal((signal) => {
    stoppedBy = signal;
    stop.abort();
  });
  await print(describePlan(plan));
  try {
    const result = await runChaos(plan, (progress) => void print(describeProgress(progress, plan)), stop.signal);
    await print(describeResult(result));
    process.exitCode = result.hasPassed ? 0 : EXIT_FAILURE;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    fail(
      stop.signal.aborted ? "Stopped before a room was open." : `No room could be opened at ${plan.server}: ${why}`,
      EXIT_FAILURE,
    );
  }
  if (stoppedBy !== undefined) process.exit(EXIT_INTERRUPTED[stoppedBy]);
}

/** Loads the checks on demand: a server does not need them. */
async function conformance(plan: ConformancePlan): Promise<void> {
  const { conformanceSuite, createConformanceTarget, problemOfReaching, runConformance } =
    await import("./testing/index.ts");
  const { failingRules, jsonReport, tapHead, tapPoint, tapSummary } = await import("./cli/conformance-report.ts");
  const { url, timeoutMs, secret, token } = plan;
  const tokens = { ...(secret !== undefined && { secret }), ...(token !== undefined && { token }) };
  const target = createConformanceTarget({ url, timeoutMs, ...tokens });
  const problem = await problemOfReaching(target);
  if (problem !== undefined) return fail(problem, EXIT_USAGE);
  const checks = conformanceSuite.filter(({ part }) => plan.parts.includes(part));
  if (!plan.isJson) await print(tapHead(checks.length));
  let told = 0;
  const results = await runConformance(target, {
    checks,
    onResult(result) {
      told += 1;
      if (!plan.isJson) void print(printable(tapPoint(result, told, plan)));
    },
  });
  await print(printable(plan.isJson ? jsonReport(results, plan) : tapSummary(results, plan)));
  if (failingRules(results, plan).length > 0) process.exitCode = EXIT_FAILURE;
}

interface Announcement {
  readonly isSelfSigned: boolean;
  /** Processes that have the rooms; `undefined`: this one. */
  readonly workers: number | undefined;
  /** Where recordings of the rooms are written; `undefined`: nowhere. */
  readonly recordings: string | undefined;
}

/** Prints a welcome in a terminal; otherwise logs a line and prints sentences to standard error. */
function announce(address: ServerAddress, logger: Logger, { isSelfSigned, workers, recordings }: Announcement): void {
  const { stdout, stderr } = process;
  const version = packageVersion();
  if (stdout.isTTY) {
    const { columns } = stdout;
    stdout.write(
      welcome(address, { version, hasColors: stdout.hasColors(), columns, isSelfSigned, workers, recordings }),
    );
    return;
  }
  logger.info({ ...address, version, workers }, "listening");
  logger.flush();
  // Standard output carries lines of the log only.
  stderr.write(`Couchwire ${version} is at ${address.url}, for phones at ${address.publicUrl}\n`);
  if (workers !== undefined) stderr.write(`${workers} workers share the rooms\n`);
  if (address.adminUrl !== undefined) stderr.write(`The admin page is at ${address.adminUrl}\n`);
  for (const playground of address.playgrounds ?? []) stderr.write(`The playground is at ${playground}\n`);
  if (recordings !== undefined) stderr.write(`Each room is recorded into ${recordings}\n`);
  for (const sentence of phoneNotes(address, isSelfSigned)) stderr.write(`${sentence}\n`);
}

/** Rooms with players may go on for a while after the first signal; a second one ends them at once. */
function endOnSignal(server: RunningServer, logger: Logger): void {
  const close = async (options?: CloseOptions): Promise<void> => {
    try {
      await server.close(options);
      process.exit();
    } catch (error) {
      logger.error({ err: error }, "the server could not close cleanly");
      process.exit(EXIT_FAILURE);
    }
  };
  onSignal((signal, isFirst) => {
    if (!isFirst && !server.isWaitedFor()) return false;
    logger.info({ signal }, isFirst ? "closing" : "closing at once");
    void close(isFirst ? undefined : { drainMs: 0 });
    return true;
  });
}

/**
 * The first signal shuts down gracefully. `end` is asked about each later one too; where it does nothing about it, that signal ends the process at once. The
 * end of the npm that started the process counts as SIGTERM.
 */
function onSignal(end: (signal: Signal, isFirst: boolean) => boolean | void): void {
  let lastAt: number | undefined;
  const heard = (signal: Signal): void => {
    const now = performance.now();
    if (lastAt !== undefined && now - lastAt <= SAME_SIGNAL_MS) return;
    const isTaken = end(signal, lastAt === undefined);
    if (lastAt !== undefined && isTaken !== true) process.exit(EXIT_INTERRUPTED[signal]);
    lastAt = now;
  };
  process.on("SIGINT", heard);
  process.on("SIGTERM", heard);
  // Node resets the ignored SIGHUP of `nohup`. Without a terminal of its own the process ignores SIGHUP, as `nohup` asked.
  const hasTerminal = [0, 1, 2].some((descriptor) => isatty(descriptor));
  process.on("SIGHUP", () => {
    if (hasTerminal) heard("SIGHUP");
  });
  onLauncherEnd(() => heard("SIGTERM"));
}

function sayLine(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** Resolves when the text is written, so that the process may end. */
async function print(text: string): Promise<void> {
  await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
}

function fail(sentence: string, exitCode: number): void {
  process.stderr.write(`couchwire: ${printable(sentence)}\n`);
  process.exitCode = exitCode;
}
