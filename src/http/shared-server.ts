/**
 * Attaches Couchwire servers to an HTTP server that belongs to another program, its owner. An event reaches all listeners of a server, and
 * most of them answer every request: an express app answers 404 on paths that it does not know, and the library `ws` answers 400. So
 * `emit` is replaced: it offers each request and upgrade to the Couchwire servers first, and the owner's listeners get what these pass on. The
 * listeners themselves stay in place, so the owner may add and remove its own at any time.
 */
import { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import { Server as HttpsServer } from "node:https";
import { Duplex } from "node:stream";
import { inspect } from "node:util";
import type { BoundAddress } from "../address/public-url.ts";
import { isBelowBasePath } from "../base-path.ts";
import { answerWithoutUpgrade } from "./answer-without-upgrade.ts";

/** What one Couchwire server does with requests. */
export interface Attachment {
  /** The server is offered only requests below this path. `""` stands for all. */
  readonly basePath: string;
  /** Answers a request, or calls `passOn` where it does not know the path. @default passes all requests on */
  readonly answer?: (request: IncomingMessage, response: ServerResponse, passOn: () => void) => void;
  /** Takes the socket over, or returns `false` where it does not know the path. */
  readonly upgrade: (request: IncomingMessage, stream: Duplex, head: Buffer) => boolean;
  /** Called when the HTTP server begins to listen on a port, or at once if it listens already. */
  readonly onListening: (bound: BoundAddress) => void;
}

type OwnersServer = HttpServer | HttpsServer;
type Emit = (event: string, ...details: readonly unknown[]) => boolean;

const SHARED = Symbol("Couchwire servers on this HTTP server");

/** The HTTP server itself holds the list of its Couchwire servers, so that they share one `emit`. */
interface WithSharing {
  [SHARED]?: SharedServer;
}

/** Returns a function that detaches the Couchwire server again. That function is safe to call twice. */
export function attachTo(server: unknown, attachment: Attachment): () => void {
  if (!(server instanceof HttpServer || server instanceof HttpsServer)) {
    throw new TypeError(
      `attach() needs an HTTP server of Node, as http.createServer() or an express app's listen() returns it; this is ${inspect(server, { depth: -1 })}.`,
    );
  }
  const owner: OwnersServer & WithSharing = server;
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
  /** Sorted by base path, longest first: a server at `/party` is asked before a server at `/`. */
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

  /** Replaces `emit`, and returns a function that restores it. */
  #listen(): () => void {
    const server = this.#server;
    const former = Object.getOwnPropertyDescriptor(server, "emit");
    const emit: Emit = (event, ...details) => this.#offer(event, details) || this.#emitToOwner(event, ...details);
    server.emit = emit;
    server.on("upgrade", askForUpgrades);
    return () => {
      server.off("upgrade", askForUpgrades);
      // If another program has replaced `emit` again, this one stays behind it. It passes everything on without attachments.
      if (server.emit !== emit) return;
      if (former === undefined) delete (server as Partial<OwnersServer>).emit;
      else Object.defineProperty(server, "emit", former);
    };
  }

  /** Returns `true` if the owner's listeners must not see the event. */
  #offer(event: string, [request, other, head]: readonly unknown[]): boolean {
    if (this.#attachments.length === 0 || !(request instanceof IncomingMessage)) return false;
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
    const hasOwnersListener = this.#server.listenerCount("upgrade") > 1; // one is `askForUpgrades`
    if (hasOwnersListener) return false;
    // Node emits `request` where a server has no listener for `upgrade`.
    answerWithoutUpgrade((...exchange) => this.#server.emit("request", ...exchange), request, stream);
    return true;
  }
}

/** The owner has no listener for `request`, so the request would never be answered. */
function answerNothingHere(response: ServerResponse): void {
  response.writeHead(404, { "Content-Type": "text/plain; charset=utf-8" }).end("There is nothing at this path.");
}

/** Node emits `upgrade` only while a listener exists. The new `emit` does the work. */
function askForUpgrades(): void {}
