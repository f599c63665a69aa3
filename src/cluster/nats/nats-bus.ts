/** The bus over NATS: core publish and subscribe. */
import type { Msg, Subscription } from "@nats-io/transport-node";
import type { Logger } from "pino";
import { assertMessage, BytesUnderWay, MAX_BUS_MESSAGE_BYTES } from "../bus-message.ts";
import { ClosedError } from "../connection-keeper.ts";
import type { Bus, Unsubscribe } from "../ports.ts";
import { LastingSubscriptions, type BusListener } from "../subscriptions.ts";
import type { NatsClient, NatsConnection } from "./nats-connection.ts";

/** Bytes after which NATS is asked whether it has what was said so far. */
const ASK_BYTES = 262_144;

/** What was subscribed to in one connection. */
interface Standing {
  readonly subscription: Subscription;
  /** Why the server has refused it. */
  refusal: Error | undefined;
}

export class NatsBus implements Bus {
  readonly #connection: NatsConnection;
  readonly #subscriptions: LastingSubscriptions<NatsClient>;
  readonly #log: Pick<Logger, "warn" | "error">;
  #underWay: BytesUnderWay;
  #standing = new Map<string, Standing>();
  #client: NatsClient | undefined;
  /** What was given to NATS since it was last asked. */
  #unasked = 0;
  #asking: Promise<void> | undefined;

  /** Closing the bus closes the connection. */
  constructor(connection: NatsConnection, log: Pick<Logger, "warn" | "error">) {
    this.#connection = connection;
    this.#log = log;
    this.#subscriptions = new LastingSubscriptions(
      {
        whenUp: () => connection.whenUp(),
        stand: (client, subject) => this.#stand(client, [subject]),
        isOver: (client) => client.connection.isClosed(),
        end: (subject) => this.#unsubscribe(subject),
      },
      log,
    );
    this.#underWay = new BytesUnderWay(log);
    connection.beforeUp((client) => this.#subscribeAgain(client));
  }

  get isUp(): boolean {
    return this.#connection.isUp;
  }

  onStatus(listener: (isUp: boolean) => void): void {
    this.#connection.onStatus(listener);
  }

  /** Where much is on its way, answers when NATS has taken it. */
  publish(subject: string, data: Uint8Array): Promise<void> | undefined {
    const client = this.#connection.current;
    assertMessage(subject, data, client?.connection.info?.max_payload ?? MAX_BUS_MESSAGE_BYTES);
    if (client === undefined || client.connection.isClosed()) return undefined;
    if (!this.#underWay.take(data.byteLength)) return this.#asking;
    client.connection.publish(subject, data);
    this.#unasked += data.byteLength;
    if (this.#unasked >= ASK_BYTES && this.#asking === undefined) this.#ask(client);
    return this.#asking;
  }

  subscribe(subject: string, listener: BusListener): Promise<Unsubscribe> {
    return this.#subscriptions.add(subject, listener);
  }

  async close(): Promise<void> {
    this.#subscriptions.clear();
    await this.#connection.close();
  }

  async #subscribeAgain(client: NatsClient): Promise<void> {
    this.#client = client;
    this.#standing = new Map();
    this.#underWay = new BytesUnderWay(this.#log);
    this.#unasked = 0;
    this.#asking = undefined;
    await this.#stand(client, this.#subscriptions.subjects);
  }

  /** Resolves when the subscriptions to these subjects stand. */
  async #stand(client: NatsClient, subjects: readonly string[]): Promise<void> {
    if (this.#client !== client) throw new ClosedError("This connection to NATS is over.");
    const standings = subjects.map((subject) => this.#standing.get(subject) ?? this.#begin(client, subject));
    await client.ping();
    for (const { refusal } of standings) if (refusal !== undefined) throw refusal;
  }

  #begin(client: NatsClient, subject: string): Standing {
    const callback = (error: Error | null, message: Msg): void => {
      if (error === null) this.#subscriptions.hear(subject, message.data);
      else standing.refusal = error;
    };
    const subscription = client.connection.subscribe(subject, { callback });
    const standing: Standing = { subscription, refusal: undefined };
    this.#standing.set(subject, standing);
    return standing;
  }

  #unsubscribe(subject: string): void {
    const standing = this.#standing.get(subject);
    this.#standing.delete(subject);
    if (standing !== undefined && !standing.subscription.isClosed()) standing.subscription.unsubscribe();
  }

  #ask(client: NatsClient): void {
    const bytes = this.#unasked;
    const underWay = this.#underWay;
    this.#unasked = 0;
    const answered = (): void => {
      underWay.arrived(bytes);
      if (this.#client !== client) return;
      this.#asking = undefined;
      if (this.#unasked >= ASK_BYTES) this.#ask(client);
    };
    this.#asking = client.ping().then(answered, answered);
  }
}
