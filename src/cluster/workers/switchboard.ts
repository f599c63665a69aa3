/** The bus of workers, in their primary: passes what one publishes on to those that have subscribed, itself among them. */

/** Passes on to a subscriber; it may drop what is too much. */
export type Deliver<Subscriber> = (to: Subscriber, subject: string, data: Uint8Array) => void;

/** Subjects that one worker may subscribe to. */
const MAX_SUBJECTS = 200_000;

export class Switchboard<Subscriber extends object> {
  readonly #deliver: Deliver<Subscriber>;
  readonly #bySubject = new Map<string, Set<Subscriber>>();
  readonly #subjectsOf = new Map<Subscriber, Set<string>>();

  constructor(deliver: Deliver<Subscriber>) {
    this.#deliver = deliver;
  }

  /** Subjects that have a subscriber. */
  get subjectCount(): number {
    return this.#bySubject.size;
  }

  publish(subject: string, data: Uint8Array): void {
    for (const subscriber of this.#bySubject.get(subject) ?? []) this.#deliver(subscriber, subject, data);
  }

  subscribe(subscriber: Subscriber, subject: string): void {
    const subjects = this.#subjectsOf.get(subscriber) ?? new Set();
    if (subjects.size >= MAX_SUBJECTS) throw new RangeError(`One worker may follow ${MAX_SUBJECTS} subjects.`);
    this.#subjectsOf.set(subscriber, subjects.add(subject));
    this.#bySubject.set(subject, (this.#bySubject.get(subject) ?? new Set()).add(subscriber));
  }

  unsubscribe(subscriber: Subscriber, subject: string): void {
    this.#subjectsOf.get(subscriber)?.delete(subject);
    const subscribers = this.#bySubject.get(subject);
    subscribers?.delete(subscriber);
    if (subscribers?.size === 0) this.#bySubject.delete(subject);
  }

  /** The subscriber is gone. */
  forget(subscriber: Subscriber): void {
    for (const subject of this.#subjectsOf.get(subscriber) ?? []) this.unsubscribe(subscriber, subject);
    this.#subjectsOf.delete(subscriber);
  }
}
