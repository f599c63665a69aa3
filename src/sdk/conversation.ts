/** The named events and the requests of one side, over frames of the SDK (P5.10.1). */
import { answerOf, failureOf, notAnswered, type Answer } from "./answers.ts";
import { checkEventName, isReserved, OWN_PREFIX } from "./event-names.ts";
import { invalid } from "./invalid-argument.ts";
import type { ListenerOutcome } from "./listeners.ts";
import { GotRequests, MAX_UNANSWERED } from "./got-requests.ts";
import { askTimeoutMs, OpenAsks, type AskOptions } from "./open-asks.ts";
import { isArrayBuffer, toJson } from "./payload.ts";
import { reportUncaught } from "./report-uncaught.ts";
import type { SdkFrame } from "./sdk-frames.ts";

/** The request that measures the way there and back. Both sides answer it. */
export const PING = "cw:ping";

/** The event of a page that begins from nothing: what it was asked, it has forgotten. */
export const AGAIN = "cw:again";

/** How a text of a conversation is sent. */
export interface SpeechOptions {
  /** Milliseconds after which it is worth nothing. */
  readonly ttl?: number;
  /** The SDK says it on its own behalf, whatever waits. */
  readonly isOwn?: boolean;
}

/** What a conversation needs of its room. `Peer` is whom it talks with: a player, or the TV. */
export interface ConversationPort<Peer> {
  /** Sends a text; `false` after the end. */
  send(peer: Peer, text: string, options: SpeechOptions): boolean;
  /** Calls the listeners of a game's event. */
  tell(name: string, peer: Peer, data: unknown): readonly ListenerOutcome[];
  readonly random: () => number;
}

/** What the SDK itself does at events and requests of its own, by their names; what it returns is the answer to a request. */
export type OwnListeners<Peer> = ReadonlyMap<string, OwnListener<Peer>["heard"]>;

/** A method, so that a room of a typed game may stand where any room may. */
interface OwnListener<Peer> {
  heard(peer: Peer, data: unknown): unknown;
}

export class Conversation<Peer> {
  readonly #port: ConversationPort<Peer>;
  readonly #asks: OpenAsks<Peer>;
  readonly #own: OwnListeners<Peer>;
  /** What each peer has asked this page. */
  readonly #got = new Map<Peer, GotRequests>();

  constructor(port: ConversationPort<Peer>, own: OwnListeners<Peer>) {
    this.#port = port;
    this.#own = own;
    this.#asks = new OpenAsks(port.random);
  }

  /** @throws {CouchwireError} by rejecting: see `OpenAsks`, and `invalid_argument` */
  async ask<Data>(peer: Peer, name: string, data: unknown, options: AskOptions): Promise<Data> {
    checkEventName(name);
    return await this.askOwn<Data>(peer, name, data, options);
  }

  /** As `ask`, for the SDK's own names. */
  async askOwn<Data>(peer: Peer, name: string, data?: unknown, options: AskOptions = {}): Promise<Data> {
    const timeoutMs = askTimeoutMs(options);
    const send = (id: number, ttl: number): boolean => this.#port.send(peer, eventText(name, data, id), { ttl });
    return await this.#asks.ask<Data>(peer, name, timeoutMs, send);
  }

  /** An answer came from this peer. */
  answered(peer: Peer, frame: SdkFrame): void {
    this.#asks.answer(peer, frame);
  }

  /** The other side begins from nothing, and says so, or frames to it were lost: what it was asked and has not answered is asked again. */
  askAgain(peer: Peer): void {
    this.#asks.sendAgain(peer);
  }

  /** An event or a request came from this peer. One with a name that is no game's is nothing, from any peer. */
  happened(peer: Peer, { name, data, id }: SdkFrame): void {
    if (typeof name !== "string") return;
    if (typeof id !== "number" || !Number.isSafeInteger(id)) {
      this.outcomes(name, peer, data);
      return;
    }
    const got = this.#got.get(peer) ?? new GotRequests();
    this.#got.set(peer, got);
    if (got.has(id)) return;
    if (!got.begin(id)) return this.reply(peer, id, notAnswered(`${MAX_UNANSWERED} requests have no answer yet.`));
    const answer = answerOf(name, this.outcomes(name, peer, data));
    if ("then" in answer) return void this.replyLater(peer, id, answer, got);
    got.answer(id);
    this.reply(peer, id, answer);
  }

  /** The conversation is over: with all, or with this one. What it was asked is not answered any more. */
  end(peer?: Peer): void {
    if (peer === undefined) this.#got.clear();
    else this.#got.delete(peer);
    this.#asks.end(peer);
  }

  private outcomes(name: string, peer: Peer, data: unknown): readonly ListenerOutcome[] {
    if (!isReserved(name)) return this.#port.tell(name, peer, data);
    const own = this.#own.get(name);
    return own === undefined ? [] : [{ value: own(peer, data) }];
  }

  private async replyLater(peer: Peer, id: number, answer: Promise<Answer>, got: GotRequests): Promise<void> {
    const settled = await answer;
    got.answer(id);
    this.reply(peer, id, settled);
  }

  private reply(peer: Peer, id: number, answer: Answer): void {
    try {
      this.#port.send(peer, replyText(id, answer), { isOwn: true });
    } catch (error) {
      reportUncaught(error); // what JSON cannot hold, or too much of it
      this.#port.send(peer, replyText(id, failureOf(error)), { isOwn: true });
    }
  }
}

/**
 * A game's event as a message and how it is sent: `volatile: true` stands for its name.
 * @throws {CouchwireError} `invalid_argument`
 */
export function eventMessage<Options extends { readonly volatile?: boolean | string }>(
  name: string,
  data: unknown,
  options: Options,
): [text: string, options: Options] {
  checkEventName(name);
  const text = eventText(name, data);
  return [text, typeof options === "object" && options?.volatile === true ? { ...options, volatile: name } : options];
}

/** An event or a request of the SDK itself. */
export function isOwnEvent({ cw, name }: SdkFrame): boolean {
  return cw === "event" && typeof name === "string" && name.startsWith(OWN_PREFIX);
}

/** A request that the SDK answers by itself, such as the one that measures the latency. */
export function isOwnRequest(frame: SdkFrame): boolean {
  return isOwnEvent(frame) && frame["id"] !== undefined;
}

/** The text of an event; with a number it is a request. @throws {CouchwireError} `invalid_argument` at data that JSON cannot hold */
export function eventText(name: string, data: unknown, id?: number): string {
  const fields = `"name":${JSON.stringify(name)}${data === undefined ? "" : `,"data":${jsonOf(data)}`}`;
  return `{"cw":"event",${fields}${id === undefined ? "" : `,"id":${id}`}}`;
}

function replyText(id: number, answer: Answer): string {
  if ("data" in answer) return `{"cw":"reply","id":${id},"data":${jsonOf(answer.data)}}`;
  return JSON.stringify({ cw: "reply", id, error: answer.error, code: answer.code });
}

function jsonOf(data: unknown): string {
  if (isArrayBuffer(data) || ArrayBuffer.isView(data)) {
    throw invalid("An event carries what JSON can hold; bytes travel with `send`.");
  }
  return toJson(data, `An event carries what JSON can hold; this is ${typeof data}.`);
}
