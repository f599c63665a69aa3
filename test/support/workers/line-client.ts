/** A client on bare TCP that keeps all it gets as text. */
import { connect, type Socket } from "node:net";
import { onTestEnd } from "../clean-up.ts";

export class LineClient {
  readonly socket: Socket;
  /** The connection is over. */
  readonly gone: Promise<void>;
  #text = "";
  readonly #looks = new Set<() => void>();

  constructor(port: number) {
    this.socket = connect({ port, host: "127.0.0.1", noDelay: true });
    onTestEnd(() => this.socket.destroy());
    this.socket.setEncoding("latin1").on("data", (text: string) => {
      this.#text += text;
      for (const look of this.#looks) look();
    });
    this.socket.on("error", () => {}); // `gone` follows
    this.gone = new Promise((resolve) => void this.socket.once("close", () => resolve()));
  }

  /** All that has come. */
  get text(): string {
    return this.#text;
  }

  /** Writes each of these bytes in a read of its own, as far as the system lets it. */
  async writeSlowly(bytes: Buffer | string, size = 1): Promise<void> {
    const all = Buffer.from(bytes);
    for (let at = 0; at < all.length; at += size) {
      await new Promise<void>((resolve) => this.socket.write(all.subarray(at, at + size), () => resolve()));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Resolves with the text when this is in it. Rejects when the connection ends before. */
  until(what: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = what.exec(this.#text);
        if (found === null) return;
        this.#looks.delete(look);
        resolve(found);
      };
      this.#looks.add(look);
      look();
      void this.gone.then(() =>
        reject(new Error(`The connection ended before ${what}: ${JSON.stringify(this.#text)}`)),
      );
    });
  }
}

export function upgradeTo(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;
}

export function pageAt(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
}
