/**
 * The links between this node and others. At the edge a peer that has arrived here is let in at the home of its room (`open`, `join`); at the home what arrives by
 * a link is a connection like all others. All links between two nodes share their mail: a link costs the bus nothing, and ends with it.
 */
import {
  rejected,
  type AdmissionOutcome,
  type ArrivingPort,
  type ConnectRequest,
} from "../../admission/connect-request.ts";
import type { MemberRequest } from "../../admission/member-rooms.ts";
import { CLOSE_CODES } from "../../protocol/close-codes.ts";
import { isLater, type Eventually } from "../../protocol/eventually.ts";
import type { Cancel, Clock } from "../../room/ports.ts";
import type { ConnectionManager } from "../../transport/connection-manager.ts";
import { MAIL_KINDS } from "../mail/mail-kinds.ts";
import type { NodeMail } from "../mail/node-mail.ts";
import type { NodeId } from "../ports.ts";
import { EdgeLink, type EdgeLinkOwner, type EdgeLinkOptions, type LinkedPort } from "./edge-link.ts";
import { EdgeShares } from "./edge-shares.ts";
import { HomeShares } from "./home-shares.ts";
import { LinkConnection, type LinkOwner } from "./link-connection.ts";
import { encodeClose, MAX_LINK_ID, readControl, readFrame, TO_EDGE, TO_HOME } from "./link-format.ts";
import {
  decodeConnectRequest,
  decodeMemberRequest,
  encodeConnectRequest,
  encodeMemberRequest,
  MAX_REQUEST_BYTES,
  type LinkedMemberRequest,
} from "./link-request.ts";
import { LinkWire } from "./link-wire.ts";

export interface LinksOptions {
  readonly mail: NodeMail;
  readonly clock: Clock;
  /** Told of what is wrong with what other nodes say. */
  readonly onFault: (sentence: string, about: Readonly<Record<string, unknown>>) => void;
  /** Told of exceptions, which are bugs here. */
  readonly onBug: (error: unknown) => void;
}

/** What a node has that peers of other nodes may be let in. */
export interface LinkHome {
  readonly connections: Pick<ConnectionManager, "accept" | "budget" | "now" | "onBug" | "onToken" | "onEnded">;
  /** Gives a client over TCP its place. @default there is no TCP at the home */
  readonly joinMember?:
    | ((port: LinkConnection, request: LinkedMemberRequest, onAdmitted: () => void) => Eventually<AdmissionOutcome>)
    | undefined;
}

/** How often slow peers, and answers to probes, are looked for. */
const LOOK_MS = 250;
/** This node comes into being. */
const NOT_READY = encodeClose({ name: "restarting", reason: CLOSE_CODES.restarting.reason, hasFarewell: false });
const TOO_LARGE = "That request is too large.";

/** One end of each link, by the other node and the link's id. */
class LinkTable<End> {
  readonly #ends = new Map<NodeId, Map<number, End>>();

  get(node: NodeId, id: number): End | undefined {
    return this.#ends.get(node)?.get(id);
  }

  add(node: NodeId, id: number, end: End): void {
    const ends = this.#ends.get(node) ?? new Map<number, End>();
    this.#ends.set(node, ends.set(id, end));
  }

  delete(node: NodeId, id: number): void {
    const ends = this.#ends.get(node);
    if (ends?.delete(id) === true && ends.size === 0) this.#ends.delete(node);
  }

  /** Removes those of this node. */
  take(node: NodeId): readonly End[] {
    const ends = [...(this.#ends.get(node)?.values() ?? [])];
    this.#ends.delete(node);
    return ends;
  }

  get size(): number {
    let size = 0;
    for (const ends of this.#ends.values()) size += ends.size;
    return size;
  }
}

export class Links {
  readonly #options: LinksOptions;
  readonly #atEdge = new LinkTable<EdgeLink>();
  readonly #atHome = new LinkTable<LinkConnection>();
  /** What holds the other node of each link, so that its silence is noticed. */
  readonly #holds = new Map<EdgeLink | LinkConnection, Cancel>();
  readonly #toHome: LinkWire;
  readonly #toEdge: LinkWire;
  /** Audiences whose watchers are here, and those of rooms here. */
  readonly #edgeShares: EdgeShares;
  readonly #homeShares: HomeShares;
  readonly #watched = new Set<EdgeLink>();
  #looks: NodeJS.Timeout | undefined;
  #home: LinkHome | undefined;
  #homeOwner: LinkOwner | undefined;
  /** Ids are given once in the life of this process. */
  #lastId = 0;
  readonly #edgeOwner: EdgeLinkOwner;

  constructor(options: LinksOptions) {
    this.#options = options;
    const { mail, clock, onFault } = options;
    this.#toHome = new LinkWire(mail, MAIL_KINDS.linkToHome);
    this.#toEdge = new LinkWire(mail, MAIL_KINDS.linkToEdge);
    this.#edgeOwner = {
      wire: this.#toHome,
      watch: (link) => this.#watch(link),
      forget: (link) => this.#forget(this.#atEdge, link, link.home),
    };
    this.#homeShares = new HomeShares({ mail, onFault });
    this.#edgeShares = new EdgeShares({ mail, clock, onFault, linkOf: (home, id) => this.#atEdge.get(home, id) });
    mail.on(MAIL_KINDS.linkToHome, (from, body) => this.#takeAtHome(from, body));
    mail.on(MAIL_KINDS.linkToEdge, (from, body) => this.#takeAtEdge(from, body));
    mail.onLost((node) => this.#lose(node));
  }

  /** Lets peers of other nodes in here from now on. */
  attach(home: LinkHome): void {
    const { connections } = home;
    this.#home = home;
    this.#homeOwner = {
      wire: this.#toEdge,
      budget: connections.budget,
      now: connections.now,
      onBug: (error, peer) => connections.onBug(error, peer),
      onToken: (connection) => connections.onToken(connection),
      onEnded: (connection) => connections.onEnded(connection),
      forget: (link) => this.#forget(this.#atHome, link, link.edge),
    };
  }

  /** Links that this node is the edge of, and those that it is the home of. */
  get counts(): { readonly atEdge: number; readonly atHome: number } {
    return { atEdge: this.#atEdge.size, atHome: this.#atHome.size };
  }

  /** Shares of audiences, likewise. */
  get shares(): { readonly atEdge: number; readonly atHome: number } {
    return { atEdge: this.#edgeShares.count, atHome: this.#homeShares.count };
  }

  /**
   * Lets a peer in at the home of its room; refuses it with the home's name and reason, or with 1012 where the home is lost. From then on the outcome's handler
   * passes on what the peer says.
   */
  open(port: ArrivingPort, request: ConnectRequest, home: NodeId): Promise<AdmissionOutcome> {
    return this.#open(home, TO_HOME.open, encodeConnectRequest(request), { port });
  }

  /** As `open`, for a client over TCP that asks for a room. `shownRoom`: how it asked for it. */
  join(port: LinkedPort, request: MemberRequest, shownRoom: string, home: NodeId): Promise<AdmissionOutcome> {
    const content = encodeMemberRequest({ ...request, shownRoom });
    return this.#open(home, TO_HOME.join, content, { port, onAdmitted: request.onAdmitted });
  }

  #open(
    home: NodeId,
    op: number,
    content: Buffer,
    rest: Pick<EdgeLinkOptions, "port" | "onAdmitted">,
  ): Promise<AdmissionOutcome> {
    if (content.length > MAX_REQUEST_BYTES) return Promise.resolve(rejected("bad_request", TOO_LARGE));
    if (this.#lastId === MAX_LINK_ID) return Promise.resolve(rejected("overloaded"));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((settle) => {
      const link = new EdgeLink(this.#edgeOwner, { ...rest, id, home, settle });
      this.#atEdge.add(home, id, link);
      this.#toHome.control(home, id, op, content);
      this.#holds.set(link, this.#options.mail.hold(home));
    });
  }

  #takeAtEdge(from: NodeId, body: Uint8Array): void {
    const [op = 0] = body;
    switch (op) {
      case TO_EDGE.text:
      case TO_EDGE.binary:
      case TO_EDGE.corkedText:
      case TO_EDGE.corkedBinary:
        return readFrame(body, (id, data) => this.#atEdge.get(from, id)?.deliver(op, data));
      default: {
        const control = readControl(body);
        if (control !== undefined) this.#atEdge.get(from, control.id)?.obey(op, control.content);
      }
    }
  }

  #takeAtHome(from: NodeId, body: Uint8Array): void {
    const [op = 0] = body;
    if (op === TO_HOME.text || op === TO_HOME.binary)
      return readFrame(body, (id, data) => this.#atHome.get(from, id)?.take(data, op === TO_HOME.text));
    const control = readControl(body);
    if (control === undefined) return;
    const { id, content } = control;
    if (op !== TO_HOME.open && op !== TO_HOME.join) this.#atHome.get(from, id)?.obey(op, content);
    else if (this.#atHome.get(from, id) === undefined) this.#begin(from, id, op, content);
  }

  /** A peer that has arrived at another node. */
  #begin(from: NodeId, id: number, op: number, content: Uint8Array): void {
    const [home, owner] = [this.#home, this.#homeOwner];
    if (home === undefined || owner === undefined) return this.#toEdge.control(from, id, TO_EDGE.close, NOT_READY);
    const connection = new LinkConnection(owner, from, id);
    this.#atHome.add(from, id, connection);
    this.#holds.set(connection, this.#options.mail.hold(from));
    if (op === TO_HOME.open) this.#accept(home, connection, content);
    else this.#join(home, connection, content);
  }

  #accept({ connections }: LinkHome, connection: LinkConnection, content: Uint8Array): void {
    const request = decodeConnectRequest(content);
    if (request === undefined) return this.#refuse(connection);
    if (request.shareVersion > 0) connection.audienceNode = this.#homeShares.nodeOf(connection.edge);
    connections.accept(connection, request);
  }

  #join({ joinMember }: LinkHome, connection: LinkConnection, content: Uint8Array): void {
    const request = decodeMemberRequest(content);
    if (request === undefined || joinMember === undefined) return this.#refuse(connection);
    let outcome: Eventually<AdmissionOutcome>;
    try {
      outcome = joinMember(connection, request, () => connection.tellAdmitted());
    } catch (error) {
      this.#options.onBug(error);
      outcome = { at: "refused", name: "internal_error" };
    }
    if (isLater(outcome)) void this.#settleLater(connection, outcome);
    else this.#settle(connection, outcome);
  }

  async #settleLater(connection: LinkConnection, later: PromiseLike<AdmissionOutcome>): Promise<void> {
    connection.hold();
    try {
      this.#settle(connection, await later);
    } catch (error) {
      this.#options.onBug(error);
      this.#settle(connection, { at: "refused", name: "internal_error" });
    }
  }

  #settle(connection: LinkConnection, outcome: AdmissionOutcome): void {
    if (outcome.at === "refused") return connection.end(outcome.name, outcome.reason);
    if (!connection.isGone) return connection.letIn(outcome.handler);
    outcome.handler.gone("cut"); // it was let in too late
  }

  #refuse(connection: LinkConnection): void {
    this.#options.onFault("a link was refused: its request was not understood", { node: connection.edge });
    connection.end("internal_error");
  }

  /** Nothing that was said between the two nodes stands. */
  #lose(node: NodeId): void {
    this.#edgeShares.lose(node);
    this.#homeShares.lose(node);
    for (const link of this.#atEdge.take(node)) link.lose();
    for (const connection of this.#atHome.take(node)) connection.lose();
  }

  #forget<End extends EdgeLink | LinkConnection>(table: LinkTable<End>, end: End, node: NodeId): void {
    table.delete(node, end.id);
    this.#holds.get(end)?.();
    this.#holds.delete(end);
  }

  #watch(link: EdgeLink): void {
    this.#watched.add(link);
    this.#looks ??= setInterval(() => {
      for (const one of this.#watched) if (!one.look()) this.#watched.delete(one);
      if (this.#watched.size > 0) return;
      clearInterval(this.#looks);
      this.#looks = undefined;
    }, LOOK_MS).unref();
  }
}
