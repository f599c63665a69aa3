/** Questions from node to node, with one answer each, and what all nodes are told. Bodies are JSON; what comes is input, which handlers validate. */
import { ZodError } from "zod";
import { isLater, type Eventually } from "../../protocol/eventually.ts";
import { failure, success, type Result } from "../../protocol/result.ts";
import type { NodeId } from "../ports.ts";
import { MAIL_KINDS } from "./mail-kinds.ts";
import type { NodeMail } from "./node-mail.ts";

export interface NodeCallsOptions {
  readonly mail: NodeMail;
  /** The nodes that there are, this one included or not. */
  readonly nodes: () => Promise<readonly NodeId[]>;
  /** Told of what a handler threw. */
  readonly onFailure: (error: unknown, name: string) => void;
  /** Told of a body that its handler does not read, such as one of another version. */
  readonly onUnread: (problem: string, name: string) => void;
}

/** The node was lost before it answered, did not answer in time, or its handler failed. */
export type CallFailure = "lost" | "timeout" | "failed";

/** Takes a body that another node sent, validates it, and answers. What it throws is a `failed` there. */
export type CallHandler = (body: unknown, from: NodeId) => Eventually<unknown>;

interface PendingCall {
  readonly to: NodeId;
  readonly timer: NodeJS.Timeout;
  readonly settle: (result: Result<unknown, CallFailure>) => void;
}

const CALL_TIMEOUT_MS = 5_000;
/** Calls that wait for their answers at one time, and those of other nodes that are being answered. */
const MAX_PENDING = 100_000;
const MAX_UNDER_WAY = 10_000;
/** Bytes of JSON in one body. */
const MAX_JSON_BYTES = 16_777_216;
const ID_BYTES = 4;
const ID_LIMIT = 2 ** 32;
/** What an answer begins with. */
const ANSWERED = 1;
const FAILED = 0;

const decoder = new TextDecoder("utf-8", { fatal: true });

export class NodeCalls {
  readonly #options: NodeCallsOptions;
  readonly #handlers = new Map<string, CallHandler>();
  readonly #pending = new Map<number, PendingCall>();
  #lastId = 0;
  #underWay = 0;

  constructor(options: NodeCallsOptions) {
    const { mail } = options;
    this.#options = options;
    mail.on(MAIL_KINDS.call, (from, body) => this.#takeCall(from, body));
    mail.on(MAIL_KINDS.answer, (from, body) => this.#takeAnswer(from, body));
    mail.onBroadcast(MAIL_KINDS.tell, (from, body) => this.#takeTold(from, body));
    mail.onLost((node) => {
      for (const [id, { to }] of this.#pending) if (to === node) this.#settle(id, failure("lost"));
    });
  }

  /** One handler answers the calls of this name (1 to 255 bytes), and takes what `tellAll` says under it. */
  handle(name: string, handler: CallHandler): void {
    this.#handlers.set(name, handler);
  }

  /** Asks a node, which may be this one. Never rejects; throws where the body is no JSON. */
  call(
    to: NodeId,
    name: string,
    body: unknown,
    timeoutMs: number = CALL_TIMEOUT_MS,
  ): Promise<Result<unknown, CallFailure>> {
    if (this.#pending.size >= MAX_PENDING) return Promise.resolve(failure("failed"));
    const question = encodeNamed(name, body);
    const id = (this.#lastId = (this.#lastId + 1) % ID_LIMIT);
    return new Promise((settle) => {
      const timer = setTimeout(() => this.#settle(id, failure("timeout")), timeoutMs);
      this.#pending.set(id, { to, timer, settle });
      this.#options.mail.send(to, MAIL_KINDS.call, encodeId(id), question);
    });
  }

  /** Tells all other nodes: calls their handlers of this name. A node that the bus does not reach misses it. Throws where the body is over 512 KiB. */
  tellAll(name: string, body: unknown): void {
    this.#options.mail.broadcast(MAIL_KINDS.tell, encodeNamed(name, body));
  }

  /** Asks all other nodes; returns the answers that came in time. Rejects where it cannot be found out which nodes there are. */
  async askAll(name: string, body: unknown, timeoutMs?: number): Promise<ReadonlyMap<NodeId, unknown>> {
    const { mail, nodes } = this.#options;
    const others = (await nodes()).filter((node) => node !== mail.self);
    const answers = new Map<NodeId, unknown>();
    await Promise.all(
      others.map(async (node) => {
        const answer = await this.call(node, name, body, timeoutMs);
        if (answer.ok) answers.set(node, answer.value);
      }),
    );
    return answers;
  }

  /** Ends all calls that are under way as `lost`. */
  close(): void {
    for (const id of this.#pending.keys()) this.#settle(id, failure("lost"));
  }

  #settle(id: number, result: Result<unknown, CallFailure>): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    pending.settle(result);
  }

  #takeCall(from: NodeId, message: Uint8Array): void {
    const id = readId(message);
    if (id === undefined) return;
    const asked = readNamed(message.subarray(ID_BYTES));
    const handler = asked && this.#handlers.get(asked.name);
    if (asked === undefined || handler === undefined || this.#underWay >= MAX_UNDER_WAY)
      return this.#answer(from, id, FAILED);
    const answer = this.#ask(handler, asked, from);
    if (answer === undefined) return this.#answer(from, id, FAILED);
    if (!isLater(answer.value)) return this.#answer(from, id, ANSWERED, answer.value);
    this.#underWay += 1;
    void this.#answerLater(from, id, answer.value, asked.name);
  }

  async #answerLater(from: NodeId, id: number, answer: PromiseLike<unknown>, name: string): Promise<void> {
    try {
      this.#answer(from, id, ANSWERED, await answer);
    } catch (error) {
      this.#noteFailure(error, name);
      this.#answer(from, id, FAILED);
    } finally {
      this.#underWay -= 1;
    }
  }

  #ask(
    handler: CallHandler,
    { name, body }: NamedBody,
    from: NodeId,
  ): { readonly value: Eventually<unknown> } | undefined {
    try {
      return { value: handler(body, from) };
    } catch (error) {
      this.#noteFailure(error, name);
      return undefined;
    }
  }

  #answer(to: NodeId, id: number, how: number, value?: unknown): void {
    this.#options.mail.send(to, MAIL_KINDS.answer, encodeId(id), Uint8Array.of(how), encodeJson(value));
  }

  #takeAnswer(from: NodeId, message: Uint8Array): void {
    const id = readId(message);
    if (id === undefined || this.#pending.get(id)?.to !== from) return;
    const body = message[ID_BYTES] === ANSWERED ? readJson(message.subarray(ID_BYTES + 1)) : undefined;
    this.#settle(id, body === undefined ? failure("failed") : success(body.value));
  }

  #takeTold(from: NodeId, message: Uint8Array): void {
    const told = readNamed(message);
    const handler = told && this.#handlers.get(told.name);
    if (told === undefined || handler === undefined || this.#underWay >= MAX_UNDER_WAY) return;
    const answer = this.#ask(handler, told, from)?.value;
    if (!isLater(answer)) return;
    this.#underWay += 1;
    void this.#finish(answer, told.name);
  }

  #noteFailure(error: unknown, name: string): void {
    if (error instanceof ZodError) this.#options.onUnread(error.message, name);
    else this.#options.onFailure(error, name);
  }

  async #finish(answer: PromiseLike<unknown>, name: string): Promise<void> {
    try {
      await answer;
    } catch (error) {
      this.#noteFailure(error, name);
    } finally {
      this.#underWay -= 1;
    }
  }
}

interface NamedBody {
  readonly name: string;
  readonly body: unknown;
}

function encodeId(id: number): Buffer {
  const bytes = Buffer.allocUnsafe(ID_BYTES);
  bytes.writeUInt32BE(id);
  return bytes;
}

function readId(message: Uint8Array): number | undefined {
  if (message.length < ID_BYTES) return undefined;
  return Buffer.from(message.buffer, message.byteOffset, ID_BYTES).readUInt32BE();
}

function encodeNamed(name: string, body: unknown): Buffer {
  const nameBytes = Buffer.from(name);
  if (nameBytes.length === 0 || nameBytes.length > 255)
    throw new RangeError(`The name of a call is 1 to 255 bytes long, not ${nameBytes.length}.`);
  return Buffer.concat([Uint8Array.of(nameBytes.length), nameBytes, encodeJson(body)]);
}

function readNamed(message: Uint8Array): NamedBody | undefined {
  const [nameBytes = 0] = message;
  if (nameBytes === 0 || message.length < 1 + nameBytes) return undefined;
  const read = readJson(message.subarray(1 + nameBytes));
  if (read === undefined) return undefined;
  return { name: Buffer.from(message.subarray(1, 1 + nameBytes)).toString(), body: read.value };
}

/** JSON has no `undefined`: it becomes `null`. */
function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value) ?? "null");
}

function readJson(bytes: Uint8Array): { readonly value: unknown } | undefined {
  if (bytes.length > MAX_JSON_BYTES) return undefined;
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return { value };
  } catch {
    return undefined; // it is no JSON, which its sender learns
  }
}
