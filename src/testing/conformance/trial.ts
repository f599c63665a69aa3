/** One run of one check: its lines, which it closes at the end, and its time. */
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { randomBytes, randomInt } from "node:crypto";
import { BrokenRule, expectThat } from "./broken-rule.ts";
import type { ConformanceTarget } from "./conformance-target.ts";
import { HostLine, type HostNotice } from "./host-line.ts";
import { PeerLine } from "./peer-line.ts";
import type { PlainValue } from "./plain-cbor.ts";
import { shakeHands, WireLine, type HandshakeAnswer, type LineRequest } from "./wire-line.ts";

/** An answer over HTTP. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: string;
}

/** Of a line: what stands behind the `?`, and what it offers. */
export interface LineOptions {
  readonly query?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface RoomOptions extends LineOptions {
  readonly maxPlayers?: number;
  readonly name?: string;
  /** More fields of `prepare`. */
  readonly fields?: Readonly<Record<string, PlainValue>>;
}

/** A host with an open room. */
export interface OpenedByCheck {
  readonly host: HostLine;
  readonly code: string;
}

export interface PreparedRoom {
  readonly code: string;
  readonly before: readonly HostNotice[];
}

/** A phone with a seat. */
export interface SeatedPhone {
  readonly phone: PeerLine;
  readonly id: number;
  /** What the host was told behind `player_joined`. */
  readonly state: HostNotice;
}

export class Trial {
  readonly target: ConformanceTarget;
  readonly #lines = new Set<WireLine>();
  /** Called for what a server keeps, last first. */
  readonly #endings: (() => void)[] = [];
  /** Called when all lines are over. */
  readonly #atLast: (() => void)[] = [];
  /** Where WMBP's own server does otherwise; `undefined` where the check does not say which part of it that is. */
  #departures: BrokenRule[] | undefined;
  #deadline: number;
  #hasEnded = false;

  constructor(target: ConformanceTarget) {
    this.target = target;
    this.#deadline = performance.now() + target.timeoutMs;
  }

  /** Waits for what has to come, as long as the check has time. `what` is named where it does not come. */
  async within<T>(what: string, promise: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const leftMs = Math.max(0, this.#deadline - performance.now());
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const seconds = this.target.timeoutMs / 1_000;
        const message = `${what} did not come within the ${seconds} s that a check has.`;
        reject(new BrokenRule(message, { expected: what, actual: "nothing" }));
      }, leftMs);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** A part of the check in which WMBP's own server does otherwise. The check goes on where it does not hold, and fails at its end. */
  async departing(part: () => void | Promise<void>): Promise<void> {
    this.#departures ??= [];
    try {
      await part();
    } catch (error) {
      if (!(error instanceof BrokenRule)) throw error;
      this.#departures.push(error);
    }
  }

  /** The parts that did not hold. `undefined` where the check has none. */
  get departures(): readonly BrokenRule[] | undefined {
    return this.#departures;
  }

  /** What a server answers to a handshake. */
  async handshake(path: string, request: Omit<LineRequest, "path"> = {}): Promise<WireLine | HandshakeAnswer> {
    const full = `${this.target.basePath}${path}`;
    const shaking = shakeHands(this.target.address, { path: full, ...request }).then((line) => {
      if (!(line instanceof WireLine)) return line;
      if (this.#hasEnded) line.cut();
      this.#lines.add(line);
      return line;
    });
    shaking.catch(() => undefined); // it may be over only when the check has given up
    return this.within(`the answer to the handshake at ${path}`, shaking);
  }

  /** A WebSocket, which has to be accepted. */
  async line(path: string, { query = "", protocols = [], headers = {} }: LineOptions = {}): Promise<WireLine> {
    const whole = query === "" ? path : `${path}?${query}`;
    const answer = await this.handshake(whole, { protocols, headers });
    if (answer instanceof WireLine) return answer;
    throw new BrokenRule(`The WebSocket at ${path} was not accepted.`, {
      expected: "101 Switching Protocols",
      actual: `${answer.status} ${answer.body.slice(0, 200)}`,
    });
  }

  /** A line whose messages are looked at as they are. */
  async peer(path: string, who: string, options: LineOptions = {}): Promise<PeerLine> {
    return new PeerLine(await this.line(path, options), who, this);
  }

  async phone(code: string, options: LineOptions = {}, who = "the phone"): Promise<PeerLine> {
    return this.peer(`/${code}`, who, options);
  }

  /** A host that has connected and has said nothing yet. */
  async host(options: LineOptions = {}): Promise<HostLine> {
    return new HostLine(await this.line("/CREATE", options), this);
  }

  /** A host with an open room; it has heard what came up to its `prepare_reply`. */
  async room({
    maxPlayers = 8,
    name = "conformance",
    fields = {},
    ...options
  }: RoomOptions = {}): Promise<OpenedByCheck> {
    const host = await this.host(options);
    const { code } = await this.prepare(host, () =>
      host.say({ cmd: "prepare", max_players: maxPlayers, name, ...fields }),
    );
    return { host, code };
  }

  /** Has the host say `prepare` until there is a room. Resolves with its code, and with what the host heard ahead of it. */
  async prepare(host: HostLine, say: () => void): Promise<PreparedRoom> {
    const leftMs = this.#deadline - performance.now();
    const prepared = await this.target.waitForRoom(async () => {
      this.#deadline = performance.now() + this.target.timeoutMs; // the wait for a room is not the check's time
      say();
      const before: HostNotice[] = [];
      for (;;) {
        const notice = await host.next("prepare_reply");
        if (notice.cmd === "prepare_reply") return { code: String(notice["key"]), before };
        if (notice.cmd !== "error") before.push(notice);
        else if (notice["code"] === "room_limit") return undefined;
        else throw new BrokenRule("prepare is refused.", { expected: "prepare_reply", actual: notice["reason"] });
      }
    });
    this.#deadline = performance.now() + leftMs;
    this.#endings.push(() => host.say({ cmd: "stop" }));
    return prepared;
  }

  /** A phone that takes a seat. The host has heard `player_joined`, and a `state` with it. */
  async join(room: OpenedByCheck, options: LineOptions = {}, who = "the phone"): Promise<SeatedPhone> {
    const phone = await this.phone(room.code, options, who);
    return { phone, ...(await this.seated(room.host, phone)) };
  }

  /** A phone that takes a seat. The host has heard `player_joined`, and nothing of what follows. */
  async joinAlone({ host, code }: OpenedByCheck, who = "the phone"): Promise<Omit<SeatedPhone, "state">> {
    const phone = await this.phone(code, {}, who);
    const { player } = await host.until("player_joined", phone);
    expectThat(typeof player === "number", "The id in player_joined", "an integer", player);
    return { phone, id: player };
  }

  /** The host hears of the newcomer. In which order, P2.9 checks; here it is not looked at. */
  async seated(host: HostLine, phone: PeerLine): Promise<{ readonly id: number; readonly state: HostNotice }> {
    let id: number | undefined;
    let last: HostNotice | undefined;
    for (;;) {
      const notice = await host.nextUnlessOver("player_joined, and the state behind it", phone);
      if (notice.cmd === "state") {
        if (id !== undefined) return { id, state: notice };
        last = notice;
      }
      if (notice.cmd !== "player_joined") continue;
      const { player } = notice;
      expectThat(typeof player === "number", "The id in player_joined", "an integer", player);
      id = player;
      const players = last?.["players"];
      if (last !== undefined && Array.isArray(players) && players.includes(id)) return { id, state: last };
    }
  }

  /** Several phones, one after the other. */
  async joinAll(room: OpenedByCheck, count: number): Promise<readonly SeatedPhone[]> {
    const seated: SeatedPhone[] = [];
    while (seated.length < count) seated.push(await this.join(room, {}, `phone ${seated.length + 1}`));
    return seated;
  }

  /** A request over HTTP, on a connection of its own. */
  async request(method: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<PlainAnswer> {
    const { host, port, isSecure, ca } = this.target.address;
    const asked = new Promise<PlainAnswer>((resolve, reject) => {
      const send = isSecure ? requestHttps : requestHttp;
      const request = send(
        {
          host,
          port,
          method,
          path: `${this.target.basePath}${path}`,
          headers: { "User-Agent": "couchwire-conformance", ...headers },
          agent: false,
          timeout: this.target.timeoutMs,
          ...(ca !== undefined && { ca }),
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("error", reject).on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const { statusCode = 0, headers: answered } = response;
            resolve({ status: statusCode, headers: answered, body: Buffer.concat(chunks).toString("utf8") });
          });
        },
      );
      request.once("timeout", () => request.destroy());
      request.once("error", reject).end();
    });
    asked.catch(() => undefined); // it may be over only when the check has given up
    return this.within(`the answer to ${method} ${path}`, asked);
  }

  /** A token for a member of this room. Where all checks share one token, this check alone is its member until it ends. */
  async memberToken(room: string): Promise<string> {
    const leftMs = this.#deadline - performance.now();
    this.#atLast.push(await this.target.beTheMember());
    this.#deadline = performance.now() + leftMs; // the wait for others is not the check's time
    return this.target.anyToken(room);
  }

  /** A new session (P5.2.1). */
  session(): string {
    return randomBytes(24).toString("base64url");
  }

  /** A code of four letters that no room has: ours have no vowels, and of others there are very many. */
  unknownCode(): string {
    return `A${Array.from({ length: 3 }, () => String.fromCharCode(65 + randomInt(26))).join("")}`;
  }

  /** Frees the check's rooms and ends its lines; resolves when they are over. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    for (const end of this.#endings.toReversed()) end();
    for (const line of this.#lines) line.close(1000);
    // A server that answers no Close keeps the line: it has been told all that it needs to free what it holds.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_WITHIN_MS);
    });
    await Promise.race([Promise.all([...this.#lines].map(({ closed }) => closed)), late]);
    clearTimeout(timer);
    for (const line of this.#lines) line.cut();
    for (const tell of this.#atLast) tell();
  }
}

const CLOSE_WITHIN_MS = 1_000;
