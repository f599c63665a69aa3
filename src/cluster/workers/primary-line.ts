/** A worker's line to its primary: sockets, bus, directory, and what the two say to each other. */
import type { IncomingMessage, Server } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Bus, Directory, NodeId } from "../ports.ts";
import { IpcBus } from "./ipc-bus.ts";
import { IpcDirectory } from "./ipc-directory.ts";
import { answerWith, IpcQuestions, TOO_SLOW } from "./ipc-questions.ts";
import { IpcSender, type ChannelEnd } from "./ipc-sender.ts";
import { writeRequestHead } from "./request-head.ts";
import {
  isToWorker,
  type DirectoryCall,
  type FromWorker,
  type PrimaryAddress,
  type ToWorker,
  type WorkerLoad,
} from "./worker-messages.ts";

/** This process, as a child of another. */
export interface WorkerSide extends ChannelEnd {
  on(event: "message", listener: (message: unknown, handle: unknown) => void): unknown;
}

/** What a worker does about what its primary says. */
export interface WorkerDuties {
  /** The first message: `plan` is what the program gave the primary. */
  start(index: number, plan: unknown): void;
  /** The primary has its port. */
  serve(address: PrimaryAddress): void;
  close(drainMs: number | undefined): void;
  /** Another worker asks. */
  answer(what: string): Promise<unknown>;
}

/** What came with a socket. */
interface HandedSocket {
  /** Under which the primary keeps it too. */
  readonly id: number | undefined;
  /** Whether the request that decided about the worker is still to come. */
  isFresh: boolean;
}

export class PrimaryLine {
  readonly #sender: IpcSender<FromWorker>;
  readonly #questions = new IpcQuestions();
  readonly #duties: WorkerDuties;
  readonly #handed = new WeakMap<Duplex, HandedSocket>();
  readonly #bus: IpcBus;
  readonly directory: Directory;
  #server: Server | undefined;
  #socketCount = 0;

  constructor(end: WorkerSide, duties: WorkerDuties) {
    this.#sender = new IpcSender(end);
    this.#duties = duties;
    this.#bus = new IpcBus({
      publish: (subject, data) => void this.#sender.sendLossy({ is: "publish", subject, data }, data.length),
      subscribe: (subject) => this.#questions.ask((id) => this.say({ is: "subscribe", id, subject })),
      unsubscribe: (subject) => this.say({ is: "unsubscribe", subject }),
    });
    this.directory = new IpcDirectory((call) => this.#askDirectory(call));
    end.on("message", (message, handle) => {
      if (isToWorker(message)) this.#heard(message, handle);
    });
  }

  get bus(): Bus {
    return this.#bus;
  }

  /** Sockets that were handed over so far. */
  get socketCount(): number {
    return this.#socketCount;
  }

  say(message: FromWorker): void {
    this.#sender.send(message);
  }

  /** `done`: the primary has it, or is gone, so the process may end. */
  sayLast(message: FromWorker, done: () => void): void {
    this.#sender.send(message, 0, done);
  }

  /** Tells which life this node has, where its directory is not that of the primary. */
  sayLife(node: NodeId): void {
    this.say({ is: "life", node });
  }

  sayLoad(load: WorkerLoad): void {
    this.say({ is: "load", ...load });
  }

  /** What the other workers answer, as far as they do in time. */
  async askOthers(what: string): Promise<readonly unknown[]> {
    const answers = await this.#questions.ask((id) => this.say({ is: "ask_others", id, what }));
    return Array.isArray(answers) ? answers : [];
  }

  /**
   * Gives this server the sockets from now on. It does not listen; it is told that it does, since Node's HTTP server begins to look at its time limits then.
   */
  feed(server: Server): void {
    this.#server = server;
    server.prependListener("request", ({ socket }) => {
      const handed = this.#handed.get(socket);
      if (handed !== undefined) handed.isFresh = false;
    });
    server.emit("listening");
  }

  /**
   * Gives an upgrade that comes behind another request back to the primary, since the first one alone decided which worker has the connection. `false`: it is
   * to be served here. What the peer has sent behind the request goes along.
   */
  passOn(request: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const handed = this.#handed.get(socket);
    if (handed?.id === undefined || handed.isFresh) return false;
    const parts = [writeRequestHead(request), head];
    for (let chunk: unknown = socket.read(); Buffer.isBuffer(chunk); chunk = socket.read()) parts.push(chunk);
    this.#handed.delete(socket);
    socket.destroy(); // the connection stays: the primary has it too
    const bytes = Buffer.concat(parts);
    this.#sender.send({ is: "return", id: handed.id, head: bytes }, bytes.length);
    return true;
  }

  /** A primary that takes nothing gets no more records: each call past them fails, and what is written is written later. */
  #askDirectory(call: DirectoryCall): Promise<unknown> {
    const bytes = bytesOf(call.given);
    if (!this.#sender.hasRoomFor(bytes)) return Promise.reject(new Error(TOO_SLOW));
    return this.#questions.ask((id) => this.#sender.send({ is: "call", id, call }, bytes));
  }

  #heard(message: ToWorker, handle: unknown): void {
    switch (message.is) {
      case "start":
        this.#duties.start(message.index, message.plan);
        return;
      case "serve":
        this.#duties.serve({ address: message.address, port: message.port });
        return;
      case "socket":
        if (handle instanceof Socket) this.#take(handle, message.head, message.id);
        else if (message.id !== undefined) this.say({ is: "closed", id: message.id }); // the peer left on the way
        return;
      case "bus":
        this.#bus.received(message.subject, message.data);
        return;
      case "ask":
        answerWith(message.id, this.#duties.answer(message.what), (answer) => this.say(answer));
        return;
      case "answer":
        this.#questions.take(message);
        return;
      case "close":
        this.#duties.close(message.drainMs);
        return;
      default:
        message satisfies never;
    }
  }

  /** All in one turn: Node reads from the socket from the next turn on, and what was read before comes first. */
  #take(socket: Socket, head: Uint8Array, id: number | undefined): void {
    this.#socketCount += 1;
    this.#handed.set(socket, { id, isFresh: true });
    socket.allowHalfOpen = true; // as sockets of an HTTP server are
    if (id !== undefined)
      socket.once("close", () => {
        if (this.#handed.has(socket)) this.say({ is: "closed", id });
      });
    if (head.length > 0) socket.unshift(Buffer.from(head));
    if (this.#server === undefined) socket.destroy();
    else this.#server.emit("connection", socket);
  }
}

/** The bytes of keys and records in what a call is given. */
function bytesOf(given: unknown): number {
  if (given instanceof Uint8Array || typeof given === "string") return given.length;
  if (typeof given !== "object" || given === null) return 0;
  return Object.values(given).reduce<number>((sum, part) => sum + bytesOf(part), 0);
}
