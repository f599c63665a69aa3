/**
 * Shares of audiences at the node of the watchers' sockets: counts what they vote, tells the home of the room one small sum four times a second at most, and sends
 * them what the home says to all. Who is let in and who has to go, the home decides for each link.
 */
import { PacedReport } from "../../room/paced-report.ts";
import type { Clock, ShareTerms } from "../../room/ports.ts";
import { REPORT_EVERY_MS } from "../../room/room-audience.ts";
import { TrafficCounter } from "../../room/traffic.ts";
import type { VoteRound } from "../../room/vote-round.ts";
import { Watchers } from "../../room/watchers.ts";
import { MAIL_KINDS } from "../mail/mail-kinds.ts";
import type { NodeMail } from "../mail/node-mail.ts";
import type { NodeId } from "../ports.ts";
import type { EdgeLink } from "./edge-link.ts";
import { costOfFrame, encodeCount, REPORT_BYTES } from "./link-format.ts";
import {
  encodeReport,
  readAdded,
  readRound,
  readShare,
  readShareTerms,
  SHARE_TO_EDGE,
  SHARE_TO_HOME,
  shareHead,
} from "./share-format.ts";

export interface EdgeSharesOptions {
  readonly mail: NodeMail;
  readonly clock: Clock;
  /** The link to this home that has this id. */
  readonly linkOf: (home: NodeId, id: number) => EdgeLink | undefined;
  /** Told of what is wrong with what other nodes say. */
  readonly onFault: (sentence: string, about: Readonly<Record<string, unknown>>) => void;
}

const NOTHING = new Uint8Array(0);
/** Shares of one home at one time. A home opens one for each room that has watchers here. */
const MAX_SHARES = 16_384;
const TOO_MANY = "a node has opened too many shares of audiences here";
const NOT_READ = "a node has said something of its audience that this one does not read";

export class EdgeShares {
  readonly #options: EdgeSharesOptions;
  readonly #shares = new Map<NodeId, Map<number, EdgeShare>>();

  constructor(options: EdgeSharesOptions) {
    this.#options = options;
    options.mail.on(MAIL_KINDS.shareToEdge, (from, body) => this.#take(from, body));
  }

  get count(): number {
    let count = 0;
    for (const shares of this.#shares.values()) count += shares.size;
    return count;
  }

  /** Nothing that was said between the two nodes stands. Called before the links to the node are lost. */
  lose(home: NodeId): void {
    for (const share of this.#shares.get(home)?.values() ?? []) share.close();
    this.#shares.delete(home);
  }

  #take(home: NodeId, body: Uint8Array): void {
    const [op = 0] = body;
    const message = readShare(body);
    if (message === undefined) return;
    const { id, content } = message;
    if (op === SHARE_TO_EDGE.open) return this.#open(home, id, content);
    const share = this.#shares.get(home)?.get(id);
    switch (op) {
      case SHARE_TO_EDGE.add:
        return this.#add(home, share, content);
      case SHARE_TO_EDGE.text:
      case SHARE_TO_EDGE.binary:
        return share?.send(content, op === SHARE_TO_EDGE.text);
      case SHARE_TO_EDGE.begin: {
        const round = readRound(content);
        return round === undefined ? this.#noteUnread(home) : share?.begin(round);
      }
      case SHARE_TO_EDGE.end:
        return this.#end(home, id, share);
      default: // a later version says more
    }
  }

  #open(home: NodeId, id: number, content: Uint8Array): void {
    const terms = readShareTerms(content);
    const shares = this.#shares.get(home) ?? new Map<number, EdgeShare>();
    const { mail, clock, onFault } = this.#options;
    const tell = (op: number, what: Uint8Array): void =>
      void mail.send(home, MAIL_KINDS.shareToHome, shareHead(op, id), what);
    if (terms === undefined || shares.size >= MAX_SHARES) {
      onFault(terms === undefined ? NOT_READ : TOO_MANY, { node: home });
      return tell(SHARE_TO_HOME.over, NOTHING); // or the home would wait for its votes
    }
    this.#shares.set(home, shares.set(id, new EdgeShare(terms, clock, tell)));
  }

  #add(home: NodeId, share: EdgeShare | undefined, content: Uint8Array): void {
    const added = readAdded(content);
    const link = added && this.#options.linkOf(home, added.link);
    if (added === undefined || link === undefined) return; // it is gone, as the home is about to hear
    if (share === undefined) link.close("restarting");
    else share.add(link, added.speaksControl);
  }

  #end(home: NodeId, id: number, share: EdgeShare | undefined): void {
    const shares = this.#shares.get(home);
    share?.end();
    if (shares?.delete(id) === true && shares.size === 0) this.#shares.delete(home);
  }

  #noteUnread(home: NodeId): void {
    this.#options.onFault(NOT_READ, { node: home });
  }
}

class EdgeShare {
  readonly #watchers: Watchers;
  readonly #report: PacedReport;
  readonly #traffic = new TrafficCounter();
  readonly #tell: (op: number, content: Uint8Array) => void;
  /** Of what the home says to all: what came, and what the home was told of that. */
  #received = 0;
  #reported = 0;
  #isOver = false;

  constructor({ room, limits, round }: ShareTerms, clock: Clock, tell: (op: number, content: Uint8Array) => void) {
    this.#tell = tell;
    this.#report = new PacedReport({
      clock,
      everyMs: REPORT_EVERY_MS,
      isHeld: () => false,
      tell: () => this.#tellVotes(false),
    });
    this.#watchers = new Watchers(round, {
      room,
      limits,
      clock,
      traffic: this.#traffic,
      ban: () => undefined, // the home does, as the link asks it to
      onVote: () => this.#report.request(),
      onLeft: () => this.#noteLeft(),
    });
  }

  add(link: EdgeLink, speaksControl: boolean): void {
    link.watch(this.#watchers.add(link, undefined, speaksControl));
  }

  send(data: Uint8Array, isText: boolean): void {
    this.#watchers.send(data, isText);
    this.#received += costOfFrame(data.length);
    if (this.#received - this.#reported < REPORT_BYTES) return;
    this.#reported = this.#received;
    this.#tell(SHARE_TO_HOME.taken, encodeCount(this.#received));
  }

  begin(round: VoteRound): void {
    this.#tellLast();
    this.#watchers.round = round;
  }

  end(): void {
    this.#tellLast();
    this.#tell(SHARE_TO_HOME.over, NOTHING);
    this.close();
  }

  /** Tells nothing more. Safe twice. */
  close(): void {
    this.#isOver = true;
    this.#report.close();
  }

  /** The home may be told that the last one has left, and this node may be about to end: the votes come first. */
  #noteLeft(): void {
    if (this.#watchers.size === 0) this.#report.tellNow();
  }

  #tellLast(): void {
    this.#report.close();
    this.#tellVotes(true);
  }

  #tellVotes(isLast: boolean): void {
    if (this.#isOver) return;
    const { round } = this.#watchers;
    const sum = round.hasNews ? round.takeReport() : undefined;
    const { framesIn: frames, bytesIn: bytes } = this.#traffic;
    this.#traffic.framesIn = 0;
    this.#traffic.bytesIn = 0;
    this.#tell(SHARE_TO_HOME.report, encodeReport({ round: round.number, sum, isLast, frames, bytes }));
  }
}
