/** Questions that another process answers by their number. */
import type { IpcAnswer } from "./worker-messages.ts";

interface Asked {
  readonly answered: (value: unknown) => void;
  readonly failed: (error: Error) => void;
}

/** Questions under way; past them the next fail. */
const MAX_ASKED = 20_000;
export const TOO_SLOW = "The primary process answers too slowly.";

export class IpcQuestions {
  readonly #asked = new Map<number, Asked>();
  #lastId = 0;

  /** `send` asks under this number. Rejects where the other side failed. */
  ask(send: (id: number) => void): Promise<unknown> {
    if (this.#asked.size >= MAX_ASKED) return Promise.reject(new Error(TOO_SLOW));
    const id = ++this.#lastId;
    return new Promise((answered, failed) => {
      this.#asked.set(id, { answered, failed });
      send(id);
    });
  }

  take(answer: IpcAnswer): void {
    const asked = this.#asked.get(answer.id);
    this.#asked.delete(answer.id);
    if (answer.ok) asked?.answered(answer.value);
    else asked?.failed(new Error(answer.why));
  }

  /** All that is asked fails. */
  end(why: string): void {
    for (const { failed } of this.#asked.values()) failed(new Error(why));
    this.#asked.clear();
  }
}

/** Answers a question with what this comes to. */
export function answerWith(id: number, value: Promise<unknown>, send: (answer: IpcAnswer) => void): void {
  value.then(
    (answer) => send({ is: "answer", id, ok: true, value: answer }),
    (error: unknown) =>
      send({ is: "answer", id, ok: false, why: error instanceof Error ? error.message : String(error) }),
  );
}
