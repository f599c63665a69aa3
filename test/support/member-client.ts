/** A member of an open room: a WebSocket on `/ws` or `/CODE` that speaks JSON, and bytes. */
import { createHmac } from "node:crypto";
import { WebSocket, type ClientOptions } from "ws";
import { z } from "zod";
import type { TokenClaims } from "../../src/auth/token-claims.ts";
import { createTokens } from "../../src/auth/tokens.ts";
import { onTestEnd } from "./clean-up.ts";
import { Inbox } from "./inbox.ts";
import type { TestServer } from "./server.ts";
import type { Closing } from "./socket-end.ts";

export const JWT_SECRET = "a secret of thirty-two bytes or more";

const tokens = createTokens({ secret: JWT_SECRET });

/** A token that counts on a server whose `jwtSecret` is `JWT_SECRET`. */
export function tokenFor(sub: string, room: string, claims: Partial<TokenClaims> = {}, seconds = 600): Promise<string> {
  return tokens.sign({ session_id: "s1", ...claims, sub, room }, seconds);
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A token made by hand, so that it may say anything. */
export function handmadeToken(
  payload: unknown,
  { header = { alg: "HS256", typ: "JWT" }, secret = JWT_SECRET }: { header?: object; secret?: string } = {},
): string {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

/** Text frames parsed, binary ones as bytes. */
export type MemberFrame = Record<string, unknown> | Uint8Array;

export interface MemberOptions {
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Keeps text frames as they came, in `rawFrames`: those of `couchwire.v1` are not all JSON. */
  readonly isRaw?: boolean;
}

const OBJECT = z.record(z.string(), z.unknown());

export class MemberClient {
  readonly socket: WebSocket;
  readonly closed: Promise<Closing>;
  readonly frames = new Inbox<MemberFrame>("a member");
  readonly rawFrames: string[] = [];

  private constructor(url: string, { protocols = [], headers = {}, isRaw = false }: MemberOptions) {
    const options: ClientOptions = { perMessageDeflate: false, headers: { ...headers } };
    this.socket = new WebSocket(url, [...protocols], options);
    onTestEnd(() => this.socket.terminate());
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    this.socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (isRaw) this.rawFrames.push(data.toString());
      else this.frames.push(isBinary ? new Uint8Array(data) : OBJECT.parse(JSON.parse(data.toString())));
    });
    this.socket.on("close", (code, reason) => this.frames.end(`closed with ${code} ${reason.toString()}`));
  }

  /** The handshake is done; whether there was a place is told by what comes next. */
  static async connect(
    server: Pick<TestServer, "ws">,
    path: string,
    options: MemberOptions = {},
  ): Promise<MemberClient> {
    const member = new MemberClient(`${server.ws}/${path}`, options);
    await new Promise<void>((resolve, reject) => {
      member.socket.on("open", resolve);
      member.socket.on("error", reject);
    });
    return member;
  }

  /** A member with a token and events, whose `joined` is the next frame. */
  static async join(
    server: Pick<TestServer, "ws">,
    sub: string,
    room: string,
    { query = "&events=1", claims = {} }: { query?: string; claims?: Partial<TokenClaims> } = {},
    seconds = 600,
  ): Promise<MemberClient> {
    return MemberClient.connect(server, `ws?token=${await tokenFor(sub, room, claims, seconds)}${query}`);
  }

  /** Says something, as P6.2 has it. */
  say(data: unknown, to?: readonly string[]): void {
    this.socket.send(JSON.stringify({ data, ...(to !== undefined && { to }) }));
  }

  send(frame: string | Uint8Array): void {
    this.socket.send(frame);
  }

  next(): Promise<MemberFrame> {
    return this.frames.next();
  }

  /** The next frame of which this is true; those before it are dropped. */
  async until(matches: (frame: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for (;;) {
      const frame = await this.next();
      if (!(frame instanceof Uint8Array) && matches(frame)) return frame;
    }
  }

  event(name: string): Promise<Record<string, unknown>> {
    return this.until(({ event }) => event === name);
  }

  error(): Promise<Record<string, unknown>> {
    return this.until((frame) => "error" in frame);
  }

  /** What is said next to this member, without what happens. */
  message(): Promise<Record<string, unknown>> {
    return this.until((frame) => "from" in frame);
  }

  close(code?: number): Promise<Closing> {
    this.socket.close(code);
    return this.closed;
  }
}
