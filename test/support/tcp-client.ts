/** A client of ghost-sync's wire that a test moves by hand: it answers no ping, and says what it is told to, byte by byte if need be. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { FrameSplitter } from "../../src/protocol/ghost-sync/frame-splitter.ts";
import {
  decodeServerMessage,
  encodeClientMessage,
  type ClientMessage,
  type ServerMessage,
} from "../../src/protocol/ghost-sync/messages.ts";
import { onTestEnd } from "./clean-up.ts";
import { Inbox } from "./inbox.ts";

const MAX_PAYLOAD = 2 ** 24;

export class TcpTestClient {
  readonly socket: Socket;
  /** All that the server said but pings and pongs. */
  readonly inbox = new Inbox<ServerMessage>("TCP client");
  readonly pings = new Inbox<"ping">("TCP client, pings");
  readonly pongs = new Inbox<"pong">("TCP client, pongs");
  /** Resolves when there is no connection any more. */
  readonly ended: Promise<unknown>;
  answersPings = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.ended = once(socket, "close");
    void this.ended.then(() => this.inbox.end("the connection has ended"));
    const splitter = new FrameSplitter(MAX_PAYLOAD);
    socket.on("data", (chunk: Buffer) => {
      splitter.push(new Uint8Array(chunk));
      for (let payload = splitter.next(); payload instanceof Uint8Array; payload = splitter.next()) this.#take(payload);
    });
    socket.on("error", () => {}); // `ended` tells of the end
  }

  static async connect(port: number, host = "127.0.0.1"): Promise<TcpTestClient> {
    const socket = connect({ port, host, noDelay: true });
    onTestEnd(() => socket.destroy());
    const client = new TcpTestClient(socket);
    await once(socket, "connect");
    return client;
  }

  say(...messages: ClientMessage[]): void {
    this.write(Buffer.concat(messages.map(encodeClientMessage)));
  }

  write(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  broadcast(text: string): void {
    this.say({ say: "broadcast", data: Buffer.from(text) });
  }

  /** Joins a room and returns the UUID that it got. */
  async join(room: string): Promise<string> {
    this.say({ say: "join_room", room });
    const answer = await this.inbox.next();
    if (answer.say !== "joined") throw new Error(`not joined: ${JSON.stringify(answer)}`);
    return answer.client;
  }

  /** The next frame that is not a broadcast of the room, which is an error. */
  async error(): Promise<string> {
    const answer = await this.inbox.next();
    if (answer.say !== "error") throw new Error(`no error: ${JSON.stringify(answer)}`);
    return answer.text;
  }

  #take(payload: Uint8Array): void {
    const read = decodeServerMessage(payload);
    if (!read.ok) throw new Error(`the server said what is no frame: ${read.failure}`);
    const message = read.value;
    if (message.say === "ping") {
      if (this.answersPings) this.say({ say: "pong" });
      this.pings.push("ping");
    } else if (message.say === "pong") this.pongs.push("pong");
    else this.inbox.push(message.say === "broadcast" ? { ...message, data: new Uint8Array(message.data) } : message);
  }
}

/** What a member is told when another one said this. */
export function heard(sender: string, text: string): ServerMessage {
  return { say: "broadcast", sender, data: new Uint8Array(Buffer.from(text)) };
}
