/** The bus over Redis: PUBLISH and SUBSCRIBE. */
import type { Logger } from "pino";
import { assertMessage, assertSubject, BytesUnderWay } from "../bus-message.ts";
import { ClosedError } from "../connection-keeper.ts";
import { OnceAMinute } from "../once-a-minute.ts";
import type { Bus, Unsubscribe } from "../ports.ts";
import { Subscriptions, type BusListener } from "../subscriptions.ts";
import type { RedisClients, RedisConnection } from "./redis-connection.ts";

export class RedisBus implements Bus {
  readonly #connection: RedisConnection;
  readonly #subscriptions: Subscriptions;
  readonly #underWay: BytesUnderWay;
  /** Subjects that stand, and do again on the next connection before it counts as up. A refused one would hold all others up. */
  readonly #answered = new Set<string>();
  /** The answers to SUBSCRIBE, by subject, and the clients that they are of. */
  #standing = new Map<string, Promise<void>>();
  #clients: RedisClients | undefined;

  readonly #log: Pick<Logger, "warn" | "error">;
  /** The answer to the newest message. */
  #newest: Promise<void> | undefined;
  readonly #refusals = new OnceAMinute();

  /** Closing the bus closes the connection. */
  constructor(connection: RedisConnection, log: Pick<Logger, "warn" | "error">) {
    this.#log = log;
    this.#connection = connection;
    this.#subscriptions = new Subscriptions(log);
    this.#underWay = new BytesUnderWay(log);
    connection.beforeUp((clients) => this.#subscribeAgain(clients));
  }

  get isUp(): boolean {
    return this.#connection.isUp;
  }

  onStatus(listener: (isUp: boolean) => void): void {
    this.#connection.onStatus(listener);
  }

  /** Answers when Redis has the message, or the message is lost. */
  publish(subject: string, data: Uint8Array): Promise<void> | undefined {
    assertMessage(subject, data);
    const clients = this.#connection.current;
    const bytes = data.byteLength;
    if (clients === undefined) return undefined;
    if (!this.#underWay.take(bytes)) return this.#newest;
    const answered = (): void => this.#underWay.arrived(bytes);
    const refused = (error: unknown): void => {
      answered();
      if (clients.isOver || !this.#refusals.isDue()) return; // Where the connection broke, its keeper says so.
      this.#log.warn({ err: error, subject }, "Redis refuses a message");
    };
    const message = Buffer.from(data.buffer, data.byteOffset, bytes);
    this.#newest = clients.commands.publish(subject, message).then(answered, refused);
    return this.#newest;
  }

  async subscribe(subject: string, listener: BusListener): Promise<Unsubscribe> {
    assertSubject(subject);
    const remove = this.#subscriptions.add(subject, listener);
    const unsubscribe = (): void => {
      if (remove()) this.#unsubscribe(subject);
    };
    for (;;) {
      const clients = await this.#connection.whenUp().catch((error: unknown) => {
        unsubscribe();
        throw error;
      });
      try {
        await this.#stand(clients, subject);
        if (this.#subscriptions.has(subject)) this.#answered.add(subject);
        return unsubscribe;
      } catch (error) {
        if (clients.isOver) continue; // It broke meanwhile: the next one is asked.
        unsubscribe();
        throw error;
      }
    }
  }

  async close(): Promise<void> {
    this.#subscriptions.clear();
    this.#answered.clear();
    await this.#connection.close();
  }

  async #subscribeAgain(clients: RedisClients): Promise<void> {
    this.#clients = clients;
    this.#standing = new Map();
    const subjects = [...this.#answered];
    if (subjects.length === 0) return;
    const answer = clients.subscriber.subscribe(subjects, this.#hear, true);
    for (const subject of subjects) this.#standing.set(subject, answer);
    await answer;
  }

  #stand(clients: RedisClients, subject: string): Promise<void> {
    if (this.#clients !== clients) return Promise.reject(new ClosedError("This connection to Redis is over."));
    const standing = this.#standing.get(subject) ?? clients.subscriber.subscribe(subject, this.#hear, true);
    this.#standing.set(subject, standing);
    return standing;
  }

  #unsubscribe(subject: string): void {
    this.#answered.delete(subject);
    if (this.#standing.delete(subject)) {
      this.#clients?.subscriber.unsubscribe(subject, this.#hear, true).catch(() => {}); // A connection that broke has forgotten it.
    }
  }

  readonly #hear = (data: Buffer, subject: Buffer): void => {
    this.#subscriptions.hear(subject.toString("latin1"), data);
  };
}
