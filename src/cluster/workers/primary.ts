/**
 * The process that has the port: gives each connection to the worker that has its room, before anything is answered. Messages of rooms never come here. The
 * workers are nodes, whose bus and directory it has.
 */
import type { ChildProcess } from "node:child_process";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import type { Directory } from "../ports.ts";
import { answerFrom } from "./ipc-directory.ts";
import { answerWith, IpcQuestions } from "./ipc-questions.ts";
import { OnceAMinute } from "../once-a-minute.ts";
import { LastHomes } from "./last-homes.ts";
import { readHead, readRest } from "./read-head.ts";
import { Switchboard } from "./switchboard.ts";
import { WorkerPool } from "./worker-pool.ts";
import type { WorkerEnd, WorkerProcess } from "./worker-process.ts";
import { routeOf, type RouteOptions, type WorkerRoute } from "./worker-route.ts";
import type { FromWorker, PrimaryAddress, WorkerLoad } from "./worker-messages.ts";

/** Where the primary writes its log. */
export interface PrimaryLog {
  info(about: object, sentence: string): void;
  warn(about: object, sentence: string): void;
  error(about: object, sentence: string): void;
}

export interface PrimaryOptions extends RouteOptions {
  readonly count: number;
  readonly fork: () => ChildProcess;
  /** What the worker of each place is to be. */
  readonly planOf: (index: number) => unknown;
  readonly port: number;
  readonly host: string;
  /** Connections that the system queues. */
  readonly backlog: number;
  /** What the workers share, where it is in this process; else where it is asked which worker has a room. */
  readonly directory: Directory;
  readonly now: () => number;
  readonly log: PrimaryLog;
}

/** A worker that cannot be made. */
export class WorkerStartError extends Error {
  override readonly name = "WorkerStartError";
  /** Whether an option is the reason. */
  readonly isUsage: boolean;

  constructor(sentence: string, isUsage: boolean) {
    super(sentence);
    this.isUsage = isUsage;
  }
}

/** As long as Node lets the head of a request be. */
const MAX_HEAD_BYTES = 16_384;
/** After it the worker's own time-out begins. */
const HEAD_MS = 5_000;
/** Connections whose first request is still coming. */
const MAX_READING = 4_000;
/** Connections that wait for a worker, where none is there. */
const MAX_WAITING = 1_000;
const WAIT_FOR_WORKER_MS = 10_000;
/** How long workers may take to close what is left, after their rooms have had their time. */
const CLOSING_MS = 5_000;
/** How long a worker may take to answer what another asks. */
const ASK_MS = 1_000;

interface Waiting {
  readonly socket: Socket;
  readonly head: Buffer;
  readonly timer: NodeJS.Timeout;
}

export class Primary {
  readonly #options: PrimaryOptions;
  readonly #pool: WorkerPool;
  readonly #server: Server;
  readonly #board: Switchboard<WorkerProcess>;
  readonly #routeFaults = new OnceAMinute();
  readonly #lastHomes = new LastHomes();
  readonly #questions = new Map<WorkerProcess, IpcQuestions>();
  readonly #waiting = new Set<Waiting>();
  readonly #heardCounts = new Map<FromWorker["is"], number>();
  /** Connections whose first request is still coming, the oldest first, each with what ends its time. */
  readonly #reading = new Map<Socket, () => void>();
  #bound: PrimaryAddress | undefined;
  #isClosing = false;
  /** What the worker of the first place says of itself, when it takes sockets for the first time. */
  #started: { readonly resolve: (about: unknown) => void; readonly reject: (error: Error) => void } | undefined;
  readonly #firstAbout = new Map<number, unknown>();

  constructor(options: PrimaryOptions) {
    const { count, fork, planOf, now } = options;
    this.#options = options;
    this.#board = new Switchboard((to, subject, data) => void to.sayLossy({ is: "bus", subject, data }, data.length));
    this.#pool = new WorkerPool({
      count,
      fork,
      planOf,
      now,
      onMessage: (worker, message) => this.#heard(worker, message),
      onEnd: (worker, end, restartMs) => this.#lost(worker, end, restartMs),
      onNotForked: (index, error, restartMs) => this.#notForked(index, error, restartMs),
    });
    // A highWaterMark of 0: nothing is read that is not asked for, so a socket is handed over with all that comes later.
    this.#server = createServer(
      { pauseOnConnect: true, allowHalfOpen: true, noDelay: true, highWaterMark: 0 },
      (socket) => this.#accept(socket),
    );
  }

  /** Takes the port, and starts all workers. Resolves with what the first one says of itself once all take connections. */
  async start(): Promise<unknown> {
    const { port, host, backlog, log } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ port, host, backlog }, () => {
        this.#server.off("error", reject);
        this.#server.on("error", (error) => log.error({ err: error }, "the listening socket failed"));
        resolve();
      });
    });
    this.#bound = boundOf(this.#server.address());
    const started = new Promise<unknown>((resolve, reject) => (this.#started = { resolve, reject }));
    this.#pool.start();
    return started;
  }

  /** Where it listens. */
  get address(): PrimaryAddress | undefined {
    return this.#bound;
  }

  /** Rooms that are being played, as the workers have last said. */
  get runningRoomCount(): number {
    return this.#pool.all.reduce((sum, { load }) => sum + load.runningRooms, 0);
  }

  /** Connections that workers answer requests on, and this process keeps too. */
  get keptCount(): number {
    return this.#pool.all.reduce((sum, { keptCount }) => sum + keptCount, 0);
  }

  /** What each worker has to do, as it has last said. */
  get loads(): readonly WorkerLoad[] {
    return this.#pool.all.map(({ load }) => load);
  }

  /** How many messages of each kind have come from workers: those of rooms never do. */
  get heardCounts(): ReadonlyMap<FromWorker["is"], number> {
    return this.#heardCounts;
  }

  /** The processes that run now. */
  get pids(): readonly number[] {
    return this.#pool.all.map(({ pid }) => pid).filter((pid) => pid !== undefined);
  }

  /**
   * Tells all workers to close, and resolves when they have ended. Connections that come meanwhile go to those that are still there. Safe twice: the later
   * call counts where its time is shorter.
   */
  async close({ drainMs }: { readonly drainMs: number }): Promise<void> {
    this.#isClosing = true;
    this.#pool.stopStarting();
    for (const worker of this.#pool.all) worker.say({ is: "close", drainMs });
    const deadline = setTimeout(() => {
      for (const worker of this.#pool.all) {
        this.#options.log.error({ worker: worker.index }, "a worker did not close in time and was ended");
        worker.kill();
      }
    }, drainMs + CLOSING_MS).unref();
    await this.#pool.ended();
    clearTimeout(deadline);
    for (const waiting of this.#waiting) this.#giveUp(waiting);
    this.#server.close();
  }

  /** Ends all at once: what could not start is not waited for. */
  abort(): void {
    this.#isClosing = true;
    this.#pool.stopStarting();
    for (const worker of this.#pool.all) worker.kill();
    for (const waiting of this.#waiting) this.#giveUp(waiting);
    this.#server.close();
  }

  #accept(socket: Socket): void {
    // The one that has taken longest gives way: the limits of the worker are for it.
    if (this.#reading.size >= MAX_READING) this.#hurryOldest();
    const hurry = readHead(socket, { maxBytes: MAX_HEAD_BYTES, maxMs: HEAD_MS }, (head) => {
      this.#reading.delete(socket);
      this.#pass(socket, head);
    });
    this.#reading.set(socket, hurry);
    socket.once("close", () => this.#reading.delete(socket));
  }

  #hurryOldest(): void {
    const [oldest] = this.#reading;
    if (oldest === undefined) return;
    const [socket, hurry] = oldest;
    this.#reading.delete(socket);
    hurry();
  }

  /** Gives a socket to the worker that its first request is for. */
  #pass(socket: Socket, head: Buffer): void {
    const route = routeOf(head, this.#options);
    this.#workerFor(route).then(
      (worker) => this.#hand(socket, head, route, worker),
      (error: unknown) => {
        if (this.#routeFaults.isDue())
          this.#options.log.warn({ err: error }, "the directory cannot say which worker has a room");
        this.#hand(socket, head, route, this.#lastHomes.find(namesIn(route)) ?? this.#pool.next());
      },
    );
  }

  #hand(socket: Socket, read: Buffer, route: WorkerRoute, worker: WorkerProcess | undefined): void {
    if (socket.destroyed) return;
    const rest = readRest(socket);
    const head = rest.length === 0 ? read : Buffer.concat([read, rest]);
    if (worker === undefined) return this.#wait(socket, head);
    worker.hand(socket, head, route.to === "any");
  }

  async #workerFor(route: WorkerRoute): Promise<WorkerProcess | undefined> {
    switch (route.to) {
      case "any":
      case "any_upgrade":
        return this.#pool.next();
      case "room":
        return this.#workerOf(route.keys);
      case "opener": {
        const key = route.alias === undefined ? undefined : await this.#options.directory.resolve(route.alias);
        const keys = key === undefined ? route.keys : [key];
        if (keys.length > 0) return this.#workerOf(keys, route.alias);
        const worker = this.#pool.leastLoaded();
        worker?.countOpener(); // at once: another page may be looking for its worker, too
        return worker;
      }
      default:
        return route satisfies never;
    }
  }

  /** The worker that has one of these, or the one where those meet that look for it. */
  async #workerOf(keys: readonly string[], alias?: string): Promise<WorkerProcess | undefined> {
    for (const key of keys) {
      const entry = await this.#options.directory.find(key);
      if (entry === undefined) continue;
      const home = entry.isAlive ? this.#pool.ofLife(entry.home) : undefined;
      if (home !== undefined)
        for (const name of alias === undefined ? [key] : [key, alias]) this.#lastHomes.remember(name, home);
      return home ?? this.#pool.byKey(key);
    }
    const [key = ""] = keys;
    return this.#pool.byKey(key);
  }

  /** No worker is there: a crashed one is back soon. */
  #wait(socket: Socket, head: Buffer): void {
    if (this.#waiting.size >= MAX_WAITING || this.#isClosing) {
      socket.destroy();
      return;
    }
    const waiting: Waiting = {
      socket,
      head,
      timer: setTimeout(() => this.#giveUp(waiting), WAIT_FOR_WORKER_MS).unref(),
    };
    this.#waiting.add(waiting);
  }

  #giveUp(waiting: Waiting): void {
    this.#waiting.delete(waiting);
    clearTimeout(waiting.timer);
    waiting.socket.destroy();
  }

  #heard(worker: WorkerProcess, message: FromWorker): void {
    this.#heardCounts.set(message.is, (this.#heardCounts.get(message.is) ?? 0) + 1);
    switch (message.is) {
      case "ready":
        if (this.#bound !== undefined) worker.say({ is: "serve", ...this.#bound });
        return;
      case "failed":
        this.#failed(worker, message.sentence, message.isUsage);
        return;
      case "serving":
        this.#serves(worker, message.about);
        return;
      case "load":
        worker.takeLoad(message);
        return;
      case "life":
        worker.lives.add(message.node);
        return;
      case "return": {
        const socket = worker.release(message.id);
        if (socket !== undefined) this.#pass(socket, Buffer.from(message.head));
        return;
      }
      case "closed":
        worker.release(message.id)?.destroy();
        return;
      case "publish":
        this.#board.publish(message.subject, message.data);
        return;
      case "subscribe":
        answerWith(message.id, this.#subscribe(worker, message.subject), (answer) => worker.say(answer));
        return;
      case "unsubscribe":
        this.#board.unsubscribe(worker, message.subject);
        return;
      case "call":
        this.#call(worker, message);
        return;
      case "ask_others":
        answerWith(message.id, this.#askOthers(worker, message.what), (answer) => worker.say(answer));
        return;
      case "answer":
        this.#questions.get(worker)?.take(message);
        return;
      default:
        message satisfies never;
    }
  }

  async #subscribe(worker: WorkerProcess, subject: string): Promise<void> {
    this.#board.subscribe(worker, subject);
  }

  #call(worker: WorkerProcess, { id, call }: Extract<FromWorker, { readonly is: "call" }>): void {
    const answered = answerFrom(this.#options.directory, call);
    if (call.method === "enrol") {
      const [node] = call.given;
      // Before the worker knows it: what it then claims finds its way to it.
      answered.then(
        (isEnrolled) => isEnrolled === true && worker.lives.add(node),
        () => {}, // the worker is told
      );
    }
    answerWith(id, answered, (answer) => worker.say(answer));
  }

  /** What all other workers answer that take sockets and answer in time. */
  async #askOthers(asker: WorkerProcess, what: string): Promise<readonly unknown[]> {
    const others = this.#pool.serving.filter((worker) => worker !== asker);
    const answers = await Promise.all(others.map((worker) => this.#ask(worker, what)));
    return answers.filter((answer) => answer !== undefined);
  }

  async #ask(worker: WorkerProcess, what: string): Promise<unknown> {
    const questions = this.#questions.get(worker) ?? new IpcQuestions();
    this.#questions.set(worker, questions);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), ASK_MS).unref()));
    const answer = questions.ask((id) => worker.say({ is: "ask", id, what })).catch(() => undefined);
    return Promise.race([answer, late]).finally(() => clearTimeout(timer));
  }

  #serves(worker: WorkerProcess, about: unknown): void {
    worker.isServing = true;
    for (const waiting of this.#waiting) {
      this.#waiting.delete(waiting);
      clearTimeout(waiting.timer);
      this.#pass(waiting.socket, waiting.head);
    }
    if (this.#started === undefined) {
      this.#options.log.info(
        { worker: worker.index, workerPid: worker.pid },
        "a worker has taken the place of another",
      );
      return;
    }
    this.#firstAbout.set(worker.index, about);
    if (this.#firstAbout.size < this.#options.count) return;
    this.#started.resolve(this.#firstAbout.get(0));
    this.#started = undefined;
  }

  #failed(worker: WorkerProcess, sentence: string, isUsage: boolean): void {
    if (this.#started === undefined) {
      this.#options.log.error({ worker: worker.index, why: sentence }, "a worker could not be started");
      return;
    }
    this.#cannotStart(new WorkerStartError(sentence, isUsage));
  }

  #cannotStart(error: WorkerStartError): void {
    this.#isClosing = true;
    this.#pool.stopStarting();
    this.#started?.reject(error);
    this.#started = undefined;
  }

  #notForked(index: number, error: unknown, restartMs: number): void {
    if (this.#started === undefined)
      this.#options.log.error({ worker: index, err: error, restartMs }, "no process could be made for a worker");
    else this.#cannotStart(new WorkerStartError(`No process could be made for a worker: ${String(error)}`, false));
  }

  #lost(worker: WorkerProcess, end: WorkerEnd, restartMs: number | undefined): void {
    const { directory, log } = this.#options;
    this.#board.forget(worker);
    this.#questions.get(worker)?.end("The worker is gone.");
    this.#questions.delete(worker);
    if (this.#started !== undefined)
      return this.#cannotStart(new WorkerStartError(`A worker ended while it started (${describeEnd(end)}).`, false));
    // Its rooms may be taken over at once.
    for (const node of worker.lives)
      directory
        .resign(node)
        .catch((error: unknown) => log.warn({ err: error }, "the lease of a worker could not be ended"));
    if (restartMs !== undefined)
      log.error(
        { worker: worker.index, workerPid: worker.pid, ...end, restartMs },
        "a worker ended by itself, and its rooms with it; another takes its place",
      );
  }
}

/** What the room of a request is found by. */
function namesIn(route: WorkerRoute): readonly string[] {
  switch (route.to) {
    case "any":
    case "any_upgrade":
      return [];
    case "room":
      return route.keys;
    case "opener":
      return route.alias === undefined ? route.keys : [route.alias, ...route.keys];
    default:
      return route satisfies never;
  }
}

function describeEnd({ exitCode, signal, error }: WorkerEnd): string {
  if (error !== undefined) return error.message;
  return signal === null ? `exit code ${exitCode}` : signal;
}

function boundOf(address: AddressInfo | string | null): PrimaryAddress {
  if (typeof address !== "object" || address === null) throw new Error("The server has no address.");
  return { address: address.address, port: address.port };
}
