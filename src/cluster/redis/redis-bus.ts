/** The bus over Redis: PUBLISH and SUBSCRIBE. */
import type { Logger } from "pino";
import { assertMessage, BytesUnderWay } from "../bus-message.ts";
import { ClosedError } from "../connection-keeper.ts";
import { OnceAMinute } from "../once-a-minute.ts";
import type { Bus, Unsubscribe } from "../ports.ts";
import { LastingSubscriptions, type BusListener } from "../subscriptions.ts";
import type { RedisClients, RedisConnection } from "./redis-connection.ts";

export class RedisBus implements Bus {
  readonly #connection: RedisConnection;
  readonly #subscriptions: LastingSubscriptions<RedisClients>;
  readonly #underWay: BytesUnderWay;
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
    this.#subscriptions = new LastingSubscriptions(
      {
        whenUp: () => connection.whenUp(),
        stand: (clients, subject) => this.#stand(clients, subject),
        isOver: (clients) => clients.isOver,
        end: (subject) => this.#unsubscribe(subject),
      },
      log,
    );
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

  subscribe(subject: string, listener: BusListener): Promise<Unsubscribe> {
    return this.#subscriptions.add(subject, listener);
  }

  async close(): Promise<void> {
    this.#subscriptions.clear();
    await this.#connection.close();
  }

  async #subscribeAgain(clients: RedisClients): Promise<void> {
    this.#clients = clients;
    this.#standing = new Map();
    const subjects = [...this.#subscriptions.subjects];
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
    if (this.#standing.delete(subject)) {
      this.#clients?.subscriber.unsubscribe(subject, this.#hear, true).catch(() => {}); // A connection that broke has forgotten it.
    }
  }

  readonly #hear = (data: Buffer, subject: Buffer): void => {
    this.#subscriptions.hear(subject.toString("latin1"), data);
  };
}
