/**
 * One WebSocket that speaks turbine's wire (P8): follows its commands one after the other, and sends it what is published on its channels. What the line cannot
 * take waits here, up to a limit; past it the line is closed and its client takes up where it was.
 */
import type { ChannelLineRequest } from "../admission/channel-port.ts";
import type { ArrivingPort, Rejection } from "../admission/connect-request.ts";
import type { LineToken } from "../admission/line-token.ts";
import {
  isChannelFrame,
  readChannelFrame,
  type ChannelCommand,
  type ChannelMethod,
  type ChannelPosition,
} from "../protocol/channels/channel-command.ts";
import {
  channelErrorFrame,
  resultFrame,
  unsubscribedFrame,
  type ChannelErrorCode,
  type ChannelResult,
} from "../protocol/channels/channel-frames.ts";
import { matchesChannel, MAX_PUBLICATION_BYTES } from "../protocol/channels/channel-name.ts";
import { CLOSE_CODES, type CloseName } from "../protocol/close-codes.ts";
import { isLater, type Eventually } from "../protocol/eventually.ts";
import { TokenBucket, type TokenBucketSize } from "../protocol/token-bucket.ts";
import type { MemoryAccount, MemoryBudget } from "../room/memory-budget.ts";
import type { Cancel, Clock, ConnectionHandler, PeerIds } from "../room/ports.ts";
import { WaitingFrames } from "../session/waiting-frames.ts";
import { ChannelUnavailableError, tooLarge, type ChannelService, type Followed } from "./channel-service.ts";
import { Subscription } from "./subscription.ts";

export interface ChannelLineOptions {
  readonly channels: ChannelService;
  readonly clock: Clock;
  /** Counts what waits for the line. */
  readonly budget: MemoryBudget;
}

/** Channels that one line may follow. */
const MAX_SUBSCRIPTIONS = 64;
/** Messages that wait for a line that does not keep up. */
const MAX_OUTBOUND = 256;
/** What a message that waits takes up beside its bytes. */
const OUTBOUND_OVERHEAD_BYTES = 64;
/** Commands a second. A long one counts as several. */
const COMMANDS: TokenBucketSize = { perSecond: 50, size: 50 };
/** Subscriptions have a rate of their own: a client that comes back takes up all of its channels at once. */
const SUBSCRIPTIONS: TokenBucketSize = { perSecond: 50, size: 2 * MAX_SUBSCRIPTIONS };
/** Lines that get what this one publishes, a second: as many as a host reaches with `hostRate` and `hostBurst` by default (P5.9.4). */
const DELIVERIES: TokenBucketSize = { perSecond: 32_000, size: 64_000 };
/** Commands over the rate that are answered, before the line is closed for them. */
const REFUSALS: TokenBucketSize = { perSecond: 10, size: 500 };
/** So many bytes of a frame count as one command more. */
const BYTES_PER_COMMAND = 16_384;
const MAX_BAD_CONNECTS = 3;
const MAX_BAD_COMMANDS = 10;
/** How long a line may take until it is connected. */
const CONNECT_MS = 10_000;
/** A line that is not connected may give way at this age, and one that follows no channel at that age, where no place is left (P5.9.10). */
const UNCONNECTED_MS = 1_000;
const UNUSED_MS = 60_000;
/** Bytes of commands that may wait for a token to be judged, or for another node. */
const MAX_WAITING_BYTES = 4_194_304;

const NOT_CONNECTED = "Connect with a token first.";
const NO_TOKEN = "`params.token` is missing: a token is needed here.";
const FORBIDDEN = "forbidden";
const TOO_FAST = "Too many commands: at most 50 a second.";
const TOO_MANY_DELIVERIES = `Too many lines get what is published here: at most ${DELIVERIES.perSecond} a second.`;
const TOO_MANY_SUBSCRIPTIONS = `Too many subscriptions: at most ${MAX_SUBSCRIPTIONS} on one line.`;
const MOVED = "A channel has moved to another node. Come back in a moment.";
const BUG = "The server made a mistake.";
const NOT_IN_TIME = "No token was shown within 10 seconds.";
const NOT_ASKED = 'A room is joined with a token in the address; a command for channels has a "method".';
const NO_GOOD_TOKEN = "Three tokens in a row did not count.";
const NOT_UNDERSTOOD = "Ten commands in a row could not be understood.";

/** What the answer to a token that does not count says, by the close code that it would be elsewhere. The server cannot judge a token now: 500. */
const TOKEN_ERRORS: Readonly<Partial<Record<CloseName, ChannelErrorCode>>> = { rate_limited: 429, overloaded: 500 };

const ALLOWED_UNCONNECTED: ReadonlySet<ChannelMethod> = new Set(["connect", "ping"]);

export class ChannelLine implements ConnectionHandler {
  readonly ids: PeerIds = {};
  readonly #port: ArrivingPort;
  readonly #request: ChannelLineRequest;
  readonly #options: ChannelLineOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Those that are sent what they missed, as fast as the line takes it. */
  readonly #catchingUp = new Set<Subscription>();
  /** What the line did not take yet, the oldest first. */
  readonly #outbound: Uint8Array[] = [];
  #account: MemoryAccount | undefined;
  readonly #commands: TokenBucket;
  readonly #subscribes: TokenBucket;
  /** Made when the line publishes, since few do. */
  #deliveries: TokenBucket | undefined;
  readonly #refusals: TokenBucket;
  /** The token of the line once it is connected. The line ends with it, for which the port sees. */
  #token: LineToken | undefined;
  #hasSpoken = false;
  #badConnects = 0;
  #badCommands = 0;
  /** A command is answered later: commands behind it wait, so that answers keep their order. */
  #isAnswering = false;
  readonly #waiting = new WaitingFrames();
  /** Ends the time until which the line has to be connected. */
  readonly #stopDeadline: Cancel;
  #isOver = false;

  constructor(port: ArrivingPort, request: ChannelLineRequest, options: ChannelLineOptions) {
    const { clock } = options;
    this.#port = port;
    this.#request = request;
    this.#options = options;
    const now = clock.now();
    this.#commands = new TokenBucket(COMMANDS, now);
    this.#subscribes = new TokenBucket(SUBSCRIPTIONS, now);
    this.#refusals = new TokenBucket(REFUSALS, now);
    this.#stopDeadline = clock.after(CONNECT_MS, () => this.#end("unauthorized", NOT_IN_TIME));
  }

  message(data: Uint8Array, isText: boolean): void {
    if (this.#isOver) return;
    if (!this.#hasSpoken && !isChannelFrame(data)) return this.#end("unauthorized", NOT_ASKED);
    this.#hasSpoken = true;
    if (!this.#isAnswering) return this.#follow(data, isText);
    const { capacity } = this.#waiting;
    this.#waiting.push({ data, isText });
    this.#memory.add(this.#waiting.capacity - capacity);
    if (this.#waiting.capacity > MAX_WAITING_BYTES) this.#end("rate_limited");
  }

  /** The line takes more. */
  drained(): void {
    while (!this.#port.isBusy) {
      const frame = this.#outbound.shift();
      if (frame === undefined) return this.#catchUp();
      this.#account?.release(frame, OUTBOUND_OVERHEAD_BYTES);
      this.#port.send(frame, true);
    }
  }

  gone(): void {
    this.#finish();
  }

  expel(reason: string): void {
    this.#end("kicked", reason);
  }

  idleRank(ageMs: number): number | undefined {
    if (this.#token === undefined) return ageMs >= UNCONNECTED_MS ? 0 : undefined;
    return this.#subscriptions.size === 0 && ageMs >= UNUSED_MS ? 1 : undefined;
  }

  part(): void {}

  confirmed(): void {}

  ban(): undefined {}

  /** Sends a frame, or keeps it until the line takes it. Returns whether the line gets it. */
  send(frame: Uint8Array): boolean {
    if (this.#isOver) return false;
    if (this.#outbound.length === 0 && !this.#port.isBusy) {
      this.#port.send(frame, true);
      return true;
    }
    if (this.#outbound.length >= MAX_OUTBOUND) {
      this.#end("slow_consumer");
      return false;
    }
    this.#outbound.push(frame);
    this.#memory.hold(frame, OUTBOUND_OVERHEAD_BYTES);
    return true;
  }

  /** The room is over whose channel this was. */
  ended(name: string): void {
    const subscription = this.#subscriptions.get(name);
    if (subscription === undefined) return;
    this.#subscriptions.delete(name);
    this.#catchingUp.delete(subscription);
    this.send(unsubscribedFrame(name));
  }

  /** Its channel cannot go on here: the client comes back with the positions that it has. */
  lost(): void {
    this.#end("restarting", MOVED);
  }

  /** Made when something waits, since most lines keep up. */
  get #memory(): MemoryAccount {
    return (this.#account ??= this.#options.budget.open({ cut: () => this.#end("slow_consumer") }));
  }

  #follow(data: Uint8Array, isText: boolean): void {
    const { id, method, command } = readChannelFrame(data, isText);
    if (this.#isTooFast(data.length, method)) return this.#refuse(id, 429, TOO_FAST);
    if (this.#token === undefined && method !== undefined && !ALLOWED_UNCONNECTED.has(method)) {
      return this.#refuse(id, 401, NOT_CONNECTED);
    }
    if (!command.ok) return this.#refuseBad(id, command.failure);
    this.#badCommands = 0;
    this.#answer(id, command.value);
  }

  #answer(id: string, command: ChannelCommand): void {
    switch (command.method) {
      case "connect":
        return this.#connect(id, command.token);
      case "subscribe":
        return this.#subscribe(id, command.channel, command.since);
      case "unsubscribe":
        return this.#unsubscribeAs(id, command.channel);
      case "ping":
        return this.#reply(id, {});
      case "publish":
        return this.#publish(id, command.channel, command.data);
      case "presence":
        if (!this.#may("channels", command.channel)) return this.#refuse(id, 403, FORBIDDEN);
        return this.#when(id, this.#options.channels.presence(command.channel), (clients) =>
          this.#reply(id, { clients }),
        );
      default:
        command satisfies never;
    }
  }

  #connect(id: string, shown: string | undefined): void {
    if (shown !== undefined) return void this.#wait(id, this.#show(id, shown));
    const token = this.#token ?? this.#request.token;
    if (token === undefined) this.#refuseToken(id, { name: "unauthorized", reason: NO_TOKEN });
    else this.#welcome(id, token);
  }

  /** Goes on with what a command asked for: at once, or when it is there. */
  #when<T>(id: string, answer: Eventually<T>, step: (answer: T) => void): void {
    if (isLater(answer)) void this.#wait(id, this.#stepLater(answer, step));
    else step(answer);
  }

  async #stepLater<T>(answer: PromiseLike<T>, step: (answer: T) => void): Promise<void> {
    step(await answer);
  }

  /** Reads nothing more from the peer until the command of this id is answered. */
  async #wait(id: string, answered: Promise<void>): Promise<void> {
    this.#isAnswering = true;
    this.#port.pause();
    try {
      await answered;
    } catch (error) {
      const isKnown = error instanceof ChannelUnavailableError;
      this.#refuse(id, 500, isKnown ? error.message : BUG);
      if (!isKnown) this.#tellBug(error);
    }
    try {
      this.#goOn();
    } catch (error) {
      this.#end("internal_error");
      this.#tellBug(error);
    }
  }

  /** The first token, or one that is to follow the token of the line. */
  async #show(id: string, shown: string): Promise<void> {
    const before = this.#token;
    if (before === undefined) {
      const judged = await this.#request.judge(shown);
      if (this.#isOver) return;
      if (judged.ok) this.#welcome(id, judged.value);
      else this.#refuseToken(id, judged.failure);
      return;
    }
    const renewed = await before.renew(shown);
    if (this.#isOver) return;
    if (renewed.ok) this.#welcome(id, before);
    else this.#refuseToken(id, { name: "unauthorized", reason: renewed.failure });
  }

  /** The token counts. Channels that it is not for are followed no more. */
  #welcome(id: string, token: LineToken): void {
    this.#stopDeadline();
    this.#token = token;
    this.#port.token = token;
    this.#badConnects = 0;
    this.#reply(id, { connected: true });
    for (const name of this.#subscriptions.keys()) {
      if (this.#may("channels", name)) continue;
      void this.#unsubscribe(name);
      this.send(unsubscribedFrame(name));
    }
  }

  #subscribe(id: string, name: string, since: ChannelPosition | undefined): void {
    const { channels } = this.#options;
    if (!this.#may("channels", name)) return this.#refuse(id, 403, FORBIDDEN);
    const known = this.#subscriptions.get(name);
    if (known === undefined && this.#subscriptions.size >= MAX_SUBSCRIPTIONS) {
      return this.#refuse(id, 429, TOO_MANY_SUBSCRIPTIONS);
    }
    const subscription = known ?? new Subscription(this, this.#token?.value.sub ?? "");
    this.#when(id, channels.follow(name, subscription, since), (followed) => {
      if (!followed.ok) return this.#refuse(id, 429, followed.failure);
      if (this.#isOver) return void channels.unsubscribe(followed.value.channel, subscription);
      this.#subscriptions.set(name, subscription);
      this.#begin(id, subscription, followed.value);
    });
  }

  #begin(id: string, subscription: Subscription, { channel, offset, recovered }: Followed): void {
    subscription.begin(channel, offset);
    if (subscription.next === undefined) this.#catchingUp.delete(subscription);
    else this.#catchingUp.add(subscription);
    this.#reply(id, { subscribed: true, epoch: channel.epoch, offset, recovered });
    if (this.#outbound.length === 0) this.#catchUp();
  }

  /** Sends what was missed, as far as the line takes it. */
  #catchUp(): void {
    for (const subscription of this.#catchingUp) {
      for (let frame = subscription.nextFrame; frame !== undefined; frame = subscription.nextFrame) {
        if (this.#port.isBusy) return;
        this.#port.send(frame, true);
        subscription.goOn();
      }
      if (subscription.next !== undefined) return this.#end("slow_consumer"); // what it waited for is gone meanwhile
      this.#catchingUp.delete(subscription);
    }
  }

  #unsubscribeAs(id: string, name: string): void {
    this.#when(id, this.#unsubscribe(name), () => this.#reply(id, { unsubscribed: true }));
  }

  /** Safe for a channel that it does not follow. */
  #unsubscribe(name: string): Eventually<void> {
    const subscription = this.#subscriptions.get(name);
    if (subscription === undefined) return;
    this.#subscriptions.delete(name);
    this.#catchingUp.delete(subscription);
    const { channel } = subscription;
    return channel === undefined ? undefined : this.#options.channels.unsubscribe(channel, subscription);
  }

  #publish(id: string, channel: string, data: Uint8Array): void {
    if (!this.#may("publish", channel)) return this.#refuse(id, 403, FORBIDDEN);
    if (data.length > MAX_PUBLICATION_BYTES) return this.#refuseBad(id, tooLarge(data.length));
    const now = this.#options.clock.now();
    this.#deliveries ??= new TokenBucket(DELIVERIES, now);
    if (!this.#deliveries.holds(1, now)) return this.#refuse(id, 429, TOO_MANY_DELIVERIES);
    const { channels, clock } = this.#options;
    this.#when(id, channels.publishJson(channel, data), (delivered) => {
      this.#deliveries?.spend(delivered, clock.now());
      this.#reply(id, { delivered });
    });
  }

  #may(claim: "channels" | "publish", channel: string): boolean {
    return this.#token !== undefined && matchesChannel(this.#token.value[claim], channel);
  }

  #isTooFast(bytes: number, method: ChannelMethod | undefined): boolean {
    const bucket = method === "subscribe" ? this.#subscribes : this.#commands;
    const now = this.#options.clock.now();
    if (!bucket.holds(1, now)) return true;
    bucket.spend(1 + Math.floor(bytes / BYTES_PER_COMMAND), now); // a long one on credit
    return false;
  }

  #reply(id: string, result: ChannelResult): void {
    this.send(resultFrame(id, result));
  }

  #refuse(id: string, code: ChannelErrorCode, message: string): void {
    this.send(channelErrorFrame(id, code, message));
    if (code === 429 && !this.#refusals.take(1, this.#options.clock.now())) this.#end("rate_limited");
  }

  #refuseBad(id: string, message: string): void {
    this.#refuse(id, 400, message);
    this.#badCommands += 1;
    if (this.#badCommands >= MAX_BAD_COMMANDS) this.#end("bad_request", NOT_UNDERSTOOD);
  }

  #refuseToken(id: string, { name, reason }: Rejection): void {
    if (name === "kicked") return this.#end(name, reason);
    this.#refuse(id, TOKEN_ERRORS[name] ?? 401, reason ?? CLOSE_CODES[name].reason);
    this.#badConnects += 1;
    if (this.#badConnects >= MAX_BAD_CONNECTS) this.#end("unauthorized", NO_GOOD_TOKEN);
  }

  /** The error of a promise goes where those of timers go. */
  #tellBug(error: unknown): void {
    this.#options.clock.after(0, () => {
      throw error;
    });
  }

  /** Follows what has come while a command was not answered. */
  #goOn(): void {
    this.#isAnswering = false;
    while (!this.#isAnswering && !this.#isOver) {
      const { capacity } = this.#waiting;
      const frame = this.#waiting.take();
      if (frame === undefined) return this.#port.resume();
      this.#memory.add(this.#waiting.capacity - capacity);
      this.#follow(frame.data, frame.isText);
    }
  }

  #end(name: CloseName, reason?: string): void {
    if (this.#isOver) return;
    this.#finish();
    this.#port.close(name, reason);
  }

  /** The line follows nothing any more, and nothing waits for it. Safe twice. */
  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopDeadline();
    for (const name of this.#subscriptions.keys()) void this.#unsubscribe(name);
    this.#outbound.length = 0;
    this.#waiting.clear();
    this.#account?.close();
  }
}
