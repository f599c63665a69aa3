/** A client of turbine: a WebSocket on `/ws` whose first frame is a command, with an answer for each. */
import { WebSocket } from "ws";
import { z } from "zod";
import { createTokens, type TokenClaims } from "../../src/index.ts";
import { onTestEnd } from "./clean-up.ts";
import { Inbox } from "./inbox.ts";
import { JWT_SECRET } from "./member-client.ts";
import type { TestServer } from "./server.ts";
import type { Closing } from "./socket-end.ts";

const tokens = createTokens({ secret: JWT_SECRET });

/** A token for channels, on a server whose `jwtSecret` is `JWT_SECRET`. */
export function channelToken(claims: Partial<TokenClaims> = {}, seconds = 600): Promise<string> {
  return tokens.sign({ sub: "ann", channels: ["*"], publish: ["*"], ...claims }, seconds);
}

const FRAME = z.looseObject({
  id: z.union([z.number(), z.string(), z.null()]).optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.strictObject({ code: z.number(), message: z.string() }).optional(),
  method: z.string().optional(),
  params: z.looseObject({ channel: z.string() }).optional(),
});
/** What a subscription is answered. */
const SUBSCRIBED = z.strictObject({
  subscribed: z.literal(true),
  epoch: z.string(),
  offset: z.number(),
  recovered: z.boolean(),
});

/** Where a server is, and by which certificate it is known. */
type ChannelServer = Pick<TestServer, "ws"> & Partial<Pick<TestServer, "ca">>;

export type ChannelFrame = z.infer<typeof FRAME>;
export type Subscribed = z.infer<typeof SUBSCRIBED>;

export interface ChannelClientOptions {
  readonly path?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Called for each frame, before it is taken. */
  readonly onFrame?: (frame: ChannelFrame) => void;
}

export class ChannelClient {
  readonly socket: WebSocket;
  readonly closed: Promise<Closing>;
  /** All frames as text, in the order in which they came. */
  readonly frames = new Inbox<string>("a client of channels");
  #id = 0;

  private constructor(url: string, { protocols = [], headers = {}, onFrame }: ChannelClientOptions, ca?: string) {
    const tls = ca === undefined ? {} : { ca };
    this.socket = new WebSocket(url, [...protocols], { perMessageDeflate: false, headers: { ...headers }, ...tls });
    onTestEnd(() => this.socket.terminate());
    this.closed = new Promise((resolve) => {
      this.socket.on("close", (code, reason) => {
        this.frames.end(`closed with ${code} ${reason.toString()}`);
        resolve({ code, reason: reason.toString() });
      });
    });
    this.socket.on("message", (data: Buffer) => {
      const text = data.toString();
      onFrame?.(FRAME.parse(JSON.parse(text)));
      this.frames.push(text);
    });
  }

  /** The handshake is done, and nothing is said. */
  static async open({ ws, ca }: ChannelServer, options: ChannelClientOptions = {}): Promise<ChannelClient> {
    const client = new ChannelClient(`${ws}/${options.path ?? "ws"}`, options, ca);
    await new Promise<void>((resolve, reject) => {
      client.socket.on("open", resolve);
      client.socket.on("error", reject);
    });
    return client;
  }

  /** A client that is connected with a token of these claims. */
  static async connect(
    server: ChannelServer,
    claims: Partial<TokenClaims> = {},
    options: ChannelClientOptions = {},
  ): Promise<ChannelClient> {
    const client = await ChannelClient.open(server, options);
    const { result } = await client.call("connect", { token: await channelToken(claims) });
    if (result?.["connected"] !== true) throw new Error("The token was refused.");
    return client;
  }

  /** Says a command; returns its id. */
  tell(method: string, params?: unknown): number {
    this.#id += 1;
    this.socket.send(JSON.stringify({ id: this.#id, method, ...(params !== undefined && { params }) }));
    return this.#id;
  }

  send(frame: string | Uint8Array): void {
    this.socket.send(frame);
  }

  /** The answer to a command. What is pushed before it is dropped. */
  async call(method: string, params?: unknown): Promise<ChannelFrame> {
    const id = this.tell(method, params);
    return this.until((frame) => frame.id === id);
  }

  /** The code of the error with which a command is answered. */
  async refusal(method: string, params?: unknown): Promise<number | undefined> {
    return (await this.call(method, params)).error?.code;
  }

  async subscribe(channel: string, since?: { readonly epoch: string; readonly offset: number }): Promise<Subscribed> {
    const { result } = await this.call("subscribe", { channel, ...(since !== undefined && { since }) });
    return SUBSCRIBED.parse(result);
  }

  async publish(channel: string, data: unknown): Promise<unknown> {
    return (await this.call("publish", { channel, data })).result;
  }

  async next(): Promise<ChannelFrame> {
    return FRAME.parse(JSON.parse(await this.frames.next()));
  }

  /** What is published next. */
  async publication(): Promise<unknown> {
    return (await this.until(({ method }) => method === "publication")).params;
  }

  async until(isIt: (frame: ChannelFrame) => boolean): Promise<ChannelFrame> {
    for (;;) {
      const frame = await this.next();
      if (isIt(frame)) return frame;
    }
  }

  close(): Promise<Closing> {
    this.socket.close();
    return this.closed;
  }
}
