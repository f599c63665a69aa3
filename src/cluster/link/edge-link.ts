/**
 * The end of a link where the socket is: passes on what the peer says to the home of its room, and tells the peer what the home says. The heartbeat of this node
 * watches over the socket; everything else is decided at the home.
 *
 * What the home sends counts as taken when the socket has taken it, so no more than a window waits here for a slow peer. While the home takes nothing, the peer is
 * not read.
 */
import { rejected, type AdmissionOutcome } from "../../admission/connect-request.ts";
import { memberFarewell, type Farewell } from "../../admission/farewell.ts";
import { whenAnswered, type Eventually } from "../../protocol/eventually.ts";
import type { CloseName } from "../../protocol/close-codes.ts";
import type { ConnectionHandler, DepartureReason, PeerIds, WatcherLine } from "../../room/ports.ts";
import type { PlayerPort } from "../../session/ports.ts";
import type { NodeId } from "../ports.ts";
import {
  costOfFrame,
  encodeCount,
  encodeText,
  readClose,
  readCount,
  REPORT_BYTES,
  TO_EDGE,
  TO_HOME,
  WINDOW_BYTES,
} from "./link-format.ts";
import type { LinkWire } from "./link-wire.ts";

/** A port as a link needs it: of a WebSocket, or of a client over TCP. */
export interface LinkedPort extends PlayerPort {
  farewell?: Farewell | undefined;
  isStillThere?(): Eventually<boolean>;
}

export interface EdgeLinkOwner {
  readonly wire: LinkWire;
  /** Calls `look` of this link now and then, until that returns `false`. */
  watch(link: EdgeLink): void;
  /** The link is over. */
  forget(link: EdgeLink): void;
}

export interface EdgeLinkOptions {
  readonly id: number;
  readonly home: NodeId;
  readonly port: LinkedPort;
  readonly settle: (outcome: AdmissionOutcome) => void;
  /** Called when it is certain that the peer is let in. @default nothing */
  readonly onAdmitted?: (() => void) | undefined;
}

/** Looks after which an answer to a probe is no longer waited for. */
const PROBE_LOOKS = 40;
/** Progress of a slow peer that is worth a report. */
const PROGRESS_BYTES = 4_096;

export class EdgeLink implements ConnectionHandler, WatcherLine {
  ids: PeerIds = {};
  readonly #options: EdgeLinkOptions;
  readonly #owner: EdgeLinkOwner;
  #isUndecided = true;
  #isOver = false;
  /** Of what the peer says: what was sent, and what the home has taken. */
  #sent = 0;
  #taken = 0;
  #isWindowFull = false;
  #isPausedByHome = false;
  /** Of what the home says: what came, and what the home was told that the socket has taken. */
  #received = 0;
  #reported = 0;
  /** The socket has not taken all, and the home was told so. */
  #isStuck = false;
  #looksForRtt = 0;
  #reportedRtt: number | undefined;
  /** Counts what the peer says at this node, where it is a watcher of a share. */
  #watcher: ConnectionHandler | undefined;
  #hasSpoken = false;

  constructor(owner: EdgeLinkOwner, options: EdgeLinkOptions) {
    this.#owner = owner;
    this.#options = options;
  }

  get id(): number {
    return this.#options.id;
  }

  get home(): NodeId {
    return this.#options.home;
  }

  /** Bytes that the socket has not taken. */
  get queued(): number {
    return this.#options.port.queued;
  }

  /** From now on what the peer says is counted here, and the home does not hear it. */
  watch(watcher: ConnectionHandler): void {
    this.#watcher = watcher;
  }

  /** Sends what a share says to all its watchers. */
  send(data: Uint8Array, isText: boolean): void {
    this.#options.port.send(data, isText);
  }

  /** Ends the stay of a watcher. One that says too much the home bans, and closes with the sentence that says for how long. */
  close(name: CloseName, reason?: string): void {
    if (name === "rate_limited") return this.ban();
    if (this.#isUndecided) return this.#refuse(name, reason);
    this.#options.port.close(name, reason);
    this.gone(name);
  }

  message(data: Uint8Array, isText: boolean): void {
    if (this.#isOver) return;
    if (this.#watcher !== undefined) return this.#count(this.#watcher, data, isText);
    this.#owner.wire.frame(this.home, this.id, isText ? TO_HOME.text : TO_HOME.binary, data);
    this.#sent += costOfFrame(data.length);
    if (this.#isWindowFull || this.#sent - this.#taken < WINDOW_BYTES) return;
    this.#isWindowFull = true;
    this.#options.port.pause();
  }

  part(): void {
    this.#tell(TO_HOME.part);
  }

  drained(): void {
    this.#report();
  }

  confirmed(count: number): void {
    this.#reportRtt();
    this.#tell(TO_HOME.confirmed, encodeCount(count));
  }

  gone(why: DepartureReason): void {
    if (this.#isOver) return;
    this.#watcher?.gone(why); // before the home is told, which gets the last votes first
    this.#tell(TO_HOME.gone, encodeText(why));
    this.#end();
  }

  /** The home bans the peer. It knows for how long; the socket is closed before that answer is here. */
  ban(): undefined {
    this.#tell(TO_HOME.ban);
  }

  expel(reason: string): void {
    this.#tell(TO_HOME.expel, encodeText(reason));
  }

  /** Whether it is idle, the home knows; there it gives way. */
  idleRank(): undefined {}

  /** What the home has sent. */
  deliver(op: number, data: Uint8Array): void {
    if (this.#isOver) return;
    const { port } = this.#options;
    switch (op) {
      case TO_EDGE.text:
      case TO_EDGE.binary:
        port.send(data, op === TO_EDGE.text);
        break;
      default:
        port.sendCorked(data, op === TO_EDGE.corkedText);
    }
    this.#received += costOfFrame(data.length);
    this.#report();
  }

  /** What the home says besides frames. What is unknown is ignored. */
  obey(op: number, content: Uint8Array): void {
    const { port } = this.#options;
    switch (op) {
      case TO_EDGE.letIn:
        return this.#letIn(content);
      case TO_EDGE.admitted:
        return this.#options.onAdmitted?.();
      case TO_EDGE.confirm:
        return port.confirm(readCount(content)?.count ?? 0);
      case TO_EDGE.probe:
        return this.#probe();
      case TO_EDGE.taken:
        return this.#takeCredit(readCount(content)?.count ?? 0);
      case TO_EDGE.pause:
        this.#isPausedByHome = true;
        return port.pause();
      case TO_EDGE.resume:
        this.#isPausedByHome = false;
        return this.#readOn();
      case TO_EDGE.close:
        return this.#close(content);
      case TO_EDGE.terminate:
        return this.lose();
      case TO_EDGE.ask:
        return this.#answerWhetherThere();
      default: // a later version says more
    }
  }

  /** The home, or the way there, is lost. */
  lose(): void {
    if (this.#isOver) return;
    this.#watcher?.gone("cut");
    this.#end();
    if (this.#isUndecided) this.#settle(rejected("restarting"));
    else this.#options.port.close("restarting");
  }

  /** Reports how far a slow peer has come, and the answer to a probe. Returns whether there is more to look for. */
  look(): boolean {
    if (this.#isOver) return false;
    if (this.#isStuck) this.#report();
    if (this.#looksForRtt > 0) {
      this.#looksForRtt -= 1;
      this.#reportRtt();
    }
    return this.#isStuck || this.#looksForRtt > 0;
  }

  #letIn(content: Uint8Array): void {
    if (!this.#isUndecided) return;
    const { hasFarewell, ids } = readLetIn(content);
    this.ids = ids;
    this.#setFarewell(hasFarewell);
    this.#settle({ at: "admitted", handler: this });
  }

  #settle(outcome: AdmissionOutcome): void {
    this.#isUndecided = false;
    this.#options.settle(outcome);
  }

  #close(content: Uint8Array): void {
    const { name, reason, hasFarewell } = readClose(content);
    this.#setFarewell(hasFarewell);
    this.#watcher?.gone(name);
    if (this.#isUndecided) this.#refuse(name, reason);
    else this.#options.port.close(name, reason);
  }

  #refuse(name: CloseName, reason: string | undefined): void {
    this.gone("cut");
    this.#settle(rejected(name, reason));
  }

  /** The home has to know which of its watchers have spoken: those that have not may give way (P5.9.10). */
  #count(watcher: ConnectionHandler, data: Uint8Array, isText: boolean): void {
    if (!this.#hasSpoken) this.#tell(TO_HOME.part);
    this.#hasSpoken = true;
    watcher.message(data, isText);
  }

  #setFarewell(hasFarewell: boolean): void {
    this.#options.port.farewell = hasFarewell ? memberFarewell : undefined;
  }

  #probe(): void {
    this.#options.port.probe();
    this.#looksForRtt = PROBE_LOOKS;
    this.#owner.watch(this);
  }

  #takeCredit(taken: number): void {
    if (taken > this.#sent) return;
    this.#taken = Math.max(this.#taken, taken);
    if (!this.#isWindowFull || this.#sent - this.#taken > WINDOW_BYTES / 2) return;
    this.#isWindowFull = false;
    this.#readOn();
  }

  #readOn(): void {
    if (!this.#isWindowFull && !this.#isPausedByHome) this.#options.port.resume();
  }

  #answerWhetherThere(): void {
    const isThere = this.#options.port.isStillThere?.() ?? true;
    void whenAnswered(isThere, (answer) => this.#tell(TO_HOME.there, Uint8Array.of(Number(answer))));
  }

  /** Tells the home how much the socket has taken, where that is worth it. */
  #report(): void {
    if (this.#isOver) return;
    const { port } = this.#options;
    const { queued } = port;
    const isStuck = queued > 0 || port.isBusy;
    const taken = isStuck ? Math.max(this.#reported, this.#received - queued) : this.#received;
    const isNews = isStuck !== this.#isStuck;
    const enough = isStuck ? PROGRESS_BYTES : REPORT_BYTES;
    if (isStuck && isNews) this.#owner.watch(this);
    this.#isStuck = isStuck;
    if (!isNews && taken - this.#reported < enough) return;
    this.#reported = taken;
    this.#tell(TO_HOME.taken, encodeCount(taken, isStuck));
  }

  #reportRtt(): void {
    const { rtt } = this.#options.port;
    if (rtt === undefined || rtt === this.#reportedRtt) return;
    this.#reportedRtt = rtt;
    this.#tell(TO_HOME.rtt, encodeCount(rtt));
  }

  #tell(op: number, content?: Uint8Array): void {
    if (!this.#isOver) this.#owner.wire.control(this.home, this.id, op, content);
  }

  #end(): void {
    this.#isOver = true;
    this.#owner.forget(this);
  }
}

/** What the home says of a peer that it has let in. */
export interface LinkLetIn {
  readonly ids: PeerIds;
  readonly hasFarewell: boolean;
}

export function encodeLetIn({ ids, hasFarewell }: LinkLetIn): Buffer {
  return encodeText(JSON.stringify({ room: ids.room, player: ids.player, hasFarewell }));
}

function readLetIn(content: Uint8Array): LinkLetIn {
  let said: unknown;
  try {
    said = JSON.parse(Buffer.from(content.subarray(0, MAX_LET_IN_BYTES)).toString());
  } catch {
    said = undefined; // the peer is let in all the same; the log lacks its name
  }
  if (typeof said !== "object" || said === null) return { ids: {}, hasFarewell: false };
  const { room, player, hasFarewell }: { room?: unknown; player?: unknown; hasFarewell?: unknown } = said;
  return {
    ids: {
      ...(typeof room === "string" && { room }),
      ...(typeof player === "number" && { player }),
    },
    hasFarewell: hasFarewell === true,
  };
}

const MAX_LET_IN_BYTES = 4_096;
