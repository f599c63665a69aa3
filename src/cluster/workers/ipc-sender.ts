/** Sends messages and sockets over a channel of `node:child_process`, and bounds what waits in it. */
import type { MessageOptions, SendHandle, Serializable } from "node:child_process";
import type { Socket } from "node:net";

/** An end of a channel: a child process, or this process where it has a parent. */
export interface ChannelEnd {
  send?(
    message: Serializable,
    sendHandle: SendHandle | undefined,
    options: MessageOptions | undefined,
    callback: (error: Error | null) => void,
  ): boolean;
  readonly connected: boolean;
}

/** Bytes that may wait for the other process; past them what can be lost is. */
const MAX_WAITING_BYTES = 64 * 2 ** 20;
/** What a message costs beside its bytes. */
const MESSAGE_BYTES = 256;
/** Sockets that may wait. Node sends one after the other, each when the one before has arrived. */
const MAX_WAITING_SOCKETS = 20_000;

export class IpcSender<Message extends object> {
  readonly #end: ChannelEnd;
  #waitingBytes = 0;
  readonly #waitingSockets = new Set<Socket>();

  constructor(end: ChannelEnd) {
    this.#end = end;
  }

  /** Bytes that the other process has not taken. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Whether so many more bytes may wait. */
  hasRoomFor(byteLength: number): boolean {
    return this.#waitingBytes + byteLength <= MAX_WAITING_BYTES;
  }

  /** A message that has to arrive, or the channel is over. `done`: it is on its way, or lost. */
  send(message: Message, byteLength = 0, done: () => void = () => {}): void {
    this.#send(message, byteLength + MESSAGE_BYTES, undefined, undefined, done);
  }

  /** A message that is dropped where too much waits. `false`: it was. */
  sendLossy(message: Message, byteLength: number): boolean {
    if (!this.hasRoomFor(byteLength)) return false;
    this.send(message, byteLength);
    return true;
  }

  /** Hands a socket over. `false`: too many wait. Where it cannot be sent, it is destroyed. */
  sendSocket(
    message: Message,
    socket: Socket,
    options: { readonly isKept: boolean; readonly byteLength: number },
  ): boolean {
    if (this.#waitingSockets.size >= MAX_WAITING_SOCKETS || this.#waitingBytes > MAX_WAITING_BYTES) return false;
    this.#waitingSockets.add(socket);
    this.#send(message, options.byteLength + MESSAGE_BYTES, socket, { keepOpen: options.isKept }, (error) => {
      this.#waitingSockets.delete(socket);
      if (error !== null) socket.destroy();
    });
    return true;
  }

  /** The other process is gone: so are the peers whose sockets had not arrived there. */
  abandon(): void {
    for (const socket of this.#waitingSockets) socket.destroy();
    this.#waitingSockets.clear();
  }

  #send(
    message: Message,
    bytes: number,
    socket: Socket | undefined,
    options: MessageOptions | undefined,
    done: (error: Error | null) => void,
  ): void {
    this.#waitingBytes += bytes;
    const sent = (error: Error | null): void => {
      this.#waitingBytes -= bytes;
      done(error);
    };
    if (!this.#end.connected || this.#end.send === undefined) return sent(new Error("The channel is over."));
    this.#end.send(message, socket, options, sent);
  }
}
