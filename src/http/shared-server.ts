/**
 * An HTTP server that belongs to another program, which Couchwire servers answer a part of. Every listener of `request` and `upgrade` hears
 * of every request: an express app answers 404 to the paths that it does not know, and a server of the library `ws` answers 400. So the
 * events that are for a Couchwire server do not reach the other listeners. `emit` sees to that: unlike taking the listeners away, that leaves
 * the owner free to add and remove its own at any time.
 */
import { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import { Server as HttpsServer } from "node:https";
import { Duplex } from "node:stream";
import { inspect } from "node:util";
import type { BoundAddress } from "../address/public-url.ts";
import { isBelowBasePath } from "../base-path.ts";
import { answerWithoutUpgrade } from "./answer-without-upgrade.ts";

/** One Couchwire server's part. */
export interface Attachment {
  /** No request is offered that is not below it. */
  readonly basePath: string;
  /** Answers a request, or passes on one that it does not know. @default all are passed on */
  readonly answer?: (request: IncomingMessage, response: ServerResponse, passOn: () => void) => void;
  /** Takes the upgrade over, or returns `false` where the path is not its own. */
  readonly upgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) => boolean;
  /** Called when the HTTP server listens on a port: at once where it does already. */
  readonly onListening: (bound: BoundAddress) => void;
}

type OwnersServer = HttpServer | HttpsServer;
type Emit = (event: string, ...details: readonly unknown[]) => boolean;

const SHARED = Symbol("Couchwire servers on this HTTP server");

/** Where an HTTP server keeps who shares it; all Couchwire servers on it find each other there. */
interface WithSharing {
  [SHARED]?: SharedServer | undefined;
}

/** Attaches to that server. Throws where that cannot be. Returns what takes the attachment off again, which is safe twice. */
export function attachTo(server: unknown, attachment: Attachment): () => void {
  if (!(server instanceof HttpServer || server instanceof HttpsServer)) {
    throw new TypeError(
      `attach() needs an HTTP server of Node, as http.createServer() or an express app's listen() returns it; this is ${inspect(server, { depth: -1 })}.`,
    );
  }
  const owner: (HttpServer | HttpsServer) & WithSharing = server;
  owner[SHARED] ??= new SharedServer(owner, () => delete owner[SHARED]);
  const remove = owner[SHARED].add(attachment);
  const onListening = (): void => {
    const bound = owner.address();
    const scheme = owner instanceof HttpsServer ? "https" : "http";
    if (typeof bound === "object" && bound !== null) attachment.onListening({ ...bound, scheme });
  };
  owner.on("listening", onListening);
  if (owner.listening) onListening();
  return () => {
    owner.off("listening", onListening);
    remove();
  };
}

class SharedServer {
  readonly #server: OwnersServer;
  readonly #onEmpty: () => void;
  /** The longest base path first, so that a server at the root leaves the others their paths. */
  #attachments: readonly Attachment[] = [];
  readonly #emitToOwner: Emit;
  readonly #stopListening: () => void;

  constructor(server: OwnersServer, onEmpty: () => void) {
    this.#server = server;
    this.#onEmpty = onEmpty;
    this.#emitToOwner = server.emit.bind(server);
    this.#stopListening = this.#listen();
  }

  add(attachment: Attachment): () => void {
    const { basePath } = attachment;
    if (this.#attachments.some((other) => other.basePath === basePath)) {
      throw new Error(
        `A Couchwire server is attached at ${basePath || "/"} already. Give each a publicUrl with a path of its own.`,
      );
    }
    this.#attachments = [...this.#attachments, attachment].toSorted((a, b) => b.basePath.length - a.basePath.length);
    return () => {
      const others = this.#attachments.filter((other) => other !== attachment);
      const isLast = others.length === 0 && this.#attachments.length > 0;
      this.#attachments = others;
      if (!isLast) return;
      this.#stopListening();
      this.#onEmpty();
    };
  }

  /** Returns what undoes it. */
  #listen(): () => void {
    const server = this.#server;
    const former = Object.getOwnPropertyDescriptor(server, "emit");
    const emit: Emit = (event, ...details) => this.#offer(event, details) || this.#emitToOwner(event, ...details);
    server.emit = emit;
    server.on("upgrade", askForUpgrades);
    return () => {
      server.off("upgrade", askForUpgrades);
      if (server.emit !== emit) return; // another program has put its own in front of this one, which passes everything on
      if (former === undefined) delete (server as Partial<OwnersServer>).emit;
      else Object.defineProperty(server, "emit", former);
    };
  }

  /** Returns whether the event is dealt with. */
  #offer(event: string, [request, other, head]: readonly unknown[]): boolean {
    if (!(request instanceof IncomingMessage)) return false;
    if (event === "request" && other instanceof ServerResponse) return this.#offerRequest(request, other);
    if (event !== "upgrade" || !(other instanceof Duplex) || !Buffer.isBuffer(head)) return false;
    return this.#offerUpgrade(request, other, head);
  }

  #offerRequest(request: IncomingMessage, response: ServerResponse): boolean {
    const answers = this.#attachments.flatMap(({ basePath, answer }) =>
      answer !== undefined && isBelowBasePath(request.url ?? "/", basePath) ? [answer] : [],
    );
    const passOn = (): void => {
      const answer = answers.shift();
      if (answer !== undefined) answer(request, response, passOn);
      else if (!this.#emitToOwner("request", request, response)) answerNothingHere(response);
    };
    passOn();
    return true;
  }

  #offerUpgrade(request: IncomingMessage, stream: Duplex, head: Buffer): boolean {
    for (const { basePath, upgrade } of this.#attachments) {
      if (isBelowBasePath(request.url ?? "/", basePath) && upgrade(request, stream, head)) return true;
    }
    if (this.#server.listenerCount("upgrade") > 1) return false;
    // Without us Node would have given it to the listeners of `request`.
    answerWithoutUpgrade((...exchange) => this.#server.emit("request", ...exchange), request, stream);
    return true;
  }
}

/** The owner listens to no request at all. */
function answerNothingHere(response: ServerResponse): void {
  response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("There is nothing at this path.");
}

/** Node asks its server for upgrades only while there is a listener. */
function askForUpgrades(): void {}
