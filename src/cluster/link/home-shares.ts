/** Shares of audiences at the home of their rooms: tells other nodes of the watchers that are there, and their rooms what those have counted. */
import type {
  AudienceNode,
  AudienceShare,
  SeatlessLine,
  ShareListener,
  ShareTerms,
  VoteReport,
} from "../../room/ports.ts";
import type { VoteRound } from "../../room/vote-round.ts";
import { MAIL_KINDS } from "../mail/mail-kinds.ts";
import type { NodeMail } from "../mail/node-mail.ts";
import type { NodeId } from "../ports.ts";
import { LinkConnection } from "./link-connection.ts";
import { costOfFrame, readCount, WINDOW_BYTES } from "./link-format.ts";
import {
  encodeAdded,
  encodeRound,
  encodeShareTerms,
  MAX_SHARE,
  readReport,
  readShare,
  SHARE_TO_EDGE,
  SHARE_TO_HOME,
  shareHead,
} from "./share-format.ts";

export interface HomeSharesOptions {
  readonly mail: NodeMail;
  /** Told of what is wrong with what other nodes say. */
  readonly onFault: (sentence: string, about: Readonly<Record<string, unknown>>) => void;
}

const NOTHING = new Uint8Array(0);
const NOT_READ = "a node has counted votes in a way that this one does not read";

export class HomeShares {
  readonly #options: HomeSharesOptions;
  readonly #nodes = new Map<NodeId, EdgeNode>();
  #lastShare = 0;

  constructor(options: HomeSharesOptions) {
    this.#options = options;
    options.mail.on(MAIL_KINDS.shareToHome, (from, body) => this.#take(from, body));
  }

  /** Shares that are open, or have not told their last votes. */
  get count(): number {
    let count = 0;
    for (const { shares } of this.#nodes.values()) count += shares.size;
    return count;
  }

  /** The node, to audiences. */
  nodeOf(id: NodeId): AudienceNode {
    const known = this.#nodes.get(id);
    if (known !== undefined) return known;
    const node = new EdgeNode(
      (op, share, content) => this.#tell(id, op, share, content),
      () => this.#newShare(),
    );
    this.#nodes.set(id, node);
    return node;
  }

  /** Nothing that was said between the two nodes stands. */
  lose(id: NodeId): void {
    const node = this.#nodes.get(id);
    this.#nodes.delete(id);
    for (const share of node?.shares.values() ?? []) share.over();
  }

  #newShare(): number {
    if (this.#lastShare === MAX_SHARE) throw new RangeError("No number is left for a share of an audience.");
    return (this.#lastShare += 1);
  }

  #tell(to: NodeId, op: number, share: number, content: Uint8Array): void {
    this.#options.mail.send(to, MAIL_KINDS.shareToEdge, shareHead(op, share), content);
  }

  #take(from: NodeId, body: Uint8Array): void {
    const [op = 0] = body;
    const message = readShare(body);
    const node = this.#nodes.get(from);
    const share = message && node?.shares.get(message.id);
    if (message === undefined || node === undefined || share === undefined) return;
    switch (op) {
      case SHARE_TO_HOME.taken:
        return share.taken(readCount(message.content)?.count ?? 0);
      case SHARE_TO_HOME.over:
        node.shares.delete(message.id);
        return share.over();
      case SHARE_TO_HOME.report: {
        const report = readReport(message.content);
        if (report !== undefined) return share.reported(report);
        this.#options.onFault(NOT_READ, { node: from });
        return share.failed();
      }
      default: // a later version says more
    }
  }
}

type Tell = (op: number, share: number, content: Uint8Array) => void;

class EdgeNode implements AudienceNode {
  readonly shares = new Map<number, HomeShare>();
  readonly #tell: Tell;
  readonly #newShare: () => number;

  constructor(tell: Tell, newShare: () => number) {
    this.#tell = tell;
    this.#newShare = newShare;
  }

  open(terms: ShareTerms, listener: ShareListener): AudienceShare {
    const number = this.#newShare();
    const share = new HomeShare(listener, (op, content) => this.#tell(op, number, content));
    this.shares.set(number, share);
    this.#tell(SHARE_TO_EDGE.open, number, encodeShareTerms(terms));
    return share;
  }
}

class HomeShare implements AudienceShare {
  readonly #listener: ShareListener;
  readonly #tell: (op: number, content: Uint8Array) => void;
  /** Of what is said to all: what was sent, and what has arrived there. */
  #sent = 0;
  #taken = 0;
  #hasEnded = false;

  constructor(listener: ShareListener, tell: (op: number, content: Uint8Array) => void) {
    this.#listener = listener;
    this.#tell = tell;
  }

  /** So much is on its way, or has arrived and was not reported yet; only what is over that waits. */
  get queued(): number {
    return Math.max(0, this.#sent - this.#taken - WINDOW_BYTES);
  }

  add(line: SeatlessLine, speaksControl: boolean): void {
    if (!(line instanceof LinkConnection)) throw new TypeError("A watcher of another node is at the end of a link.");
    this.#say(SHARE_TO_EDGE.add, encodeAdded(line.id, speaksControl));
  }

  send(data: Uint8Array, isText: boolean): void {
    this.#sent += costOfFrame(data.length);
    this.#say(isText ? SHARE_TO_EDGE.text : SHARE_TO_EDGE.binary, data);
  }

  begin(round: VoteRound): void {
    this.#say(SHARE_TO_EDGE.begin, encodeRound(round));
  }

  end(): void {
    this.#say(SHARE_TO_EDGE.end, NOTHING);
    this.#hasEnded = true;
  }

  taken(bytes: number): void {
    if (bytes <= this.#sent) this.#taken = Math.max(this.#taken, bytes);
  }

  reported(report: VoteReport): void {
    this.#listener.reported(report);
  }

  failed(): void {
    this.#listener.failed();
  }

  over(): void {
    this.#hasEnded = true;
    this.#listener.over();
  }

  #say(op: number, content: Uint8Array): void {
    if (!this.#hasEnded) this.#tell(op, content);
  }
}
