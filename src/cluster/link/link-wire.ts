/** Sends what the links of this node say. A frame that is sent to many links of one node in one go travels once. */
import { toOwned } from "../../room/borrowed-buffer.ts";
import type { NodeId } from "../ports.ts";
import type { NodeMail } from "../mail/node-mail.ts";
import { controlHead, encodeLinkId, frameHead } from "./link-format.ts";

/** Bytes that were stored last, and the copy of them. */
interface OwnedBytes {
  readonly data: Uint8Array;
  readonly owned: Uint8Array;
}

/** The frame that was sent to a node last. */
interface SentFrame {
  readonly op: number;
  readonly head: Uint8Array | undefined;
  readonly data: Uint8Array;
  readonly mark: number;
}

const NOTHING = new Uint8Array(0);

export class LinkWire {
  readonly #mail: Pick<NodeMail, "send" | "extend">;
  readonly #kind: number;
  /** By node, since a frame for a room's phones goes to many nodes in turn. Forgotten before its bytes may change: when the code that sends it has returned. */
  readonly #last = new Map<NodeId, SentFrame>();
  #owned: OwnedBytes | undefined;

  /** `kind`: of the mail that it sends. */
  constructor(mail: Pick<NodeMail, "send" | "extend">, kind: number) {
    this.#mail = mail;
    this.#kind = kind;
  }

  /** Sends one frame, of `head` and then `data`, over a link to this node. */
  frame(to: NodeId, id: number, op: number, data: Uint8Array, head?: Uint8Array): void {
    const last = this.#last.get(to);
    const isSame = last !== undefined && last.data === data && last.op === op && last.head === head;
    if (isSame && this.#mail.extend(to, last.mark, encodeLinkId(id))) return;
    const bytes = data.length + (head?.length ?? 0);
    const mark = this.#mail.send(to, this.#kind, frameHead(op, bytes), head ?? NOTHING, data, encodeLinkId(id));
    this.#forgetSoon();
    this.#last.set(to, { op, head, data, mark });
  }

  /** The same bytes, fit to be stored: one copy for all links that store them in one go. */
  owned(data: Uint8Array): Uint8Array {
    if (this.#owned?.data === data) return this.#owned.owned;
    this.#forgetSoon();
    this.#owned = { data, owned: toOwned(data) };
    return this.#owned.owned;
  }

  control(to: NodeId, id: number, op: number, content: Uint8Array = NOTHING): void {
    this.#mail.send(to, this.#kind, controlHead(op, id), content);
  }

  #forgetSoon(): void {
    if (this.#last.size > 0 || this.#owned !== undefined) return;
    queueMicrotask(() => {
      this.#last.clear();
      this.#owned = undefined;
    });
  }
}
