/** The bus of a worker: its primary passes on what workers publish. */
import type { Bus, Unsubscribe } from "../ports.ts";

/** What a worker says to its primary about the bus. */
export interface BusLine {
  /** May be lost where too much waits. */
  publish(subject: string, data: Uint8Array): void;
  /** Answers once the primary passes on what is published there. */
  subscribe(subject: string): Promise<unknown>;
  unsubscribe(subject: string): void;
}

type BusListener = (data: Uint8Array) => void;

interface SubjectListeners {
  readonly listeners: Set<BusListener>;
  readonly standing: Promise<unknown>;
}

export class IpcBus implements Bus {
  readonly #line: BusLine;
  readonly #subjects = new Map<string, SubjectListeners>();

  constructor(line: BusLine) {
    this.#line = line;
  }

  publish(subject: string, data: Uint8Array): void {
    this.#line.publish(subject, data);
  }

  async subscribe(subject: string, listener: BusListener): Promise<Unsubscribe> {
    const known = this.#subjects.get(subject) ?? {
      listeners: new Set<BusListener>(),
      standing: this.#line.subscribe(subject),
    };
    this.#subjects.set(subject, known);
    /** Its own, so that a function may subscribe twice. */
    const own: BusListener = (data) => listener(data);
    known.listeners.add(own);
    const unsubscribe = (): void => {
      if (!known.listeners.delete(own) || known.listeners.size > 0 || this.#subjects.get(subject) !== known) return;
      this.#subjects.delete(subject);
      this.#line.unsubscribe(subject);
    };
    try {
      await known.standing;
    } catch (error) {
      unsubscribe();
      throw error;
    }
    return unsubscribe;
  }

  /** The primary passes on what was published. */
  received(subject: string, data: Uint8Array): void {
    for (const listener of this.#subjects.get(subject)?.listeners ?? []) listener(data);
  }

  close(): void {
    for (const subject of this.#subjects.keys()) this.#line.unsubscribe(subject);
    this.#subjects.clear();
  }
}
