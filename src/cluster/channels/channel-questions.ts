/** What this node has asked the homes of channels, and is not answered yet. */
import type { Cancel } from "../../room/ports.ts";
import type { NodeMail } from "../mail/node-mail.ts";
import { MAIL_KINDS } from "../mail/mail-kinds.ts";
import type { NodeId } from "../ports.ts";
import { encodeChannelMail, type ChannelAnswer, type ChannelQuestion } from "./channel-mail.ts";

/** A question without its number. */
type Unnumbered<Mail> = Mail extends { readonly request: number } ? Omit<Mail, "request"> : never;

/** Is told of each `kept`, and then of one other answer; `undefined`: the home is lost, and whether it has done what was asked is not known. */
export type OnAnswer = (answer: ChannelAnswer | undefined) => void;

interface Question {
  readonly home: NodeId;
  readonly name: string;
  readonly onAnswer: OnAnswer;
  readonly release: Cancel;
}

export class ChannelQuestions {
  readonly #mail: Pick<NodeMail, "send" | "hold">;
  readonly #open = new Map<number, Question>();
  #last = 0;

  constructor(mail: Pick<NodeMail, "send" | "hold">) {
    this.#mail = mail;
  }

  /** Asks a home. Its answers come in the order of the questions. Returns the number of the question. */
  ask(home: NodeId, question: Unnumbered<ChannelQuestion>, onAnswer: OnAnswer): number {
    this.#last += 1;
    const request = this.#last;
    this.#open.set(request, { home, name: question.name, onAnswer, release: this.#mail.hold(home) });
    this.#mail.send(home, MAIL_KINDS.channels, encodeChannelMail({ ...question, request }));
    return request;
  }

  /** The answer is of no interest any more. */
  forget(request: number): void {
    this.#open.get(request)?.release();
    this.#open.delete(request);
  }

  answer(from: NodeId, answer: ChannelAnswer): void {
    const question = this.#open.get(answer.request);
    if (question?.home !== from) return;
    if (answer.is !== "kept") this.forget(answer.request);
    question.onAnswer(answer);
  }

  /** What was asked there, of one channel or of all, is not answered any more. */
  lost(home: NodeId, name?: string): void {
    const all = [...this.#open].filter(
      ([, question]) => question.home === home && (name === undefined || question.name === name),
    );
    for (const [request] of all) this.forget(request);
    for (const [, { onAnswer }] of all) onAnswer(undefined);
  }
}
