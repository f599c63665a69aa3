/**
 * One conversation between the server's end of `couchwire.v1` and the SDK's, step by step, as the client sees it. Both ends are the real ones; only
 * the line between them is made here, so that it may lose what is under way.
 */
import { createHostEncoder } from "../../dist/session/host-encoder.js";
import { FrameMemory } from "../../dist/room/frame-memory.js";
import { MemoryBudget } from "../../dist/room/memory-budget.js";
import { ReliableSession } from "../../dist/sdk/reliable-session.js";
import { ResumableSession } from "../../dist/session/resumable-session.js";
import { frameOf } from "./values.js";

const NOW_MS = Date.UTC(2026, 0, 1);
/** The time stands still, so that the file is the same each time. */
const CLOCK = { now: () => 0, time: () => NOW_MS, after: () => () => {} };
const MAX_FRAME_BYTES = 1_048_576;
const events = createHostEncoder("cbor", "string");

/** @typedef {string | Uint8Array<ArrayBuffer>} Data */
/** @typedef {{ outboxBytes?: number, whenFull?: "refuse" | "drop_oldest", seatBytes?: number, isHost?: boolean }} ConversationOptions */

export class Conversation {
  #rule;
  #about;
  #options;
  #client;
  /** @type {ResumableSession} */
  #server;
  #lives = 0;
  /** @type {object[]} */
  #steps = [];
  /** What the server has written to the line of the moment. @type {{ data: Uint8Array, isText: boolean }[]} */
  #line = [];
  #isConnected = false;
  /** What the client writes is lost on its way. */
  #isInVain = false;
  /** @type {{ data: Uint8Array, isText: boolean }[]} */
  #retained = [];

  /** @param {string} rule @param {string} about @param {ConversationOptions} [options] */
  constructor(rule, about, options = {}) {
    this.#rule = rule;
    this.#about = about;
    this.#options = options;
    const { outboxBytes: limitBytes = 1_048_576, whenFull = "refuse" } = options;
    this.#client = new ReliableSession({ limitBytes, maxFrameBytes: MAX_FRAME_BYTES, whenFull }, (frame) =>
      this.#written(frame),
    );
    this.#server = this.#newServer();
  }

  /** The client connects, shows what it has, and hears the greeting: all of it, or so many frames. @param {number} [frames] */
  connect(frames) {
    const resumption = this.#client.resumption;
    const { received, epoch } = resumption;
    this.#steps.push({ connect: resumption });
    this.#isConnected = true;
    const request = { isReliable: true, ...(received !== undefined && { received: Number(received), epoch }) };
    this.#server.attach(this.#port(), request, (isFresh) => (isFresh ? this.#retained : []));
    return this.arrive(frames);
  }

  /** What the server has written arrives: all of it, or so many frames. @param {number} [frames] */
  arrive(frames = Infinity) {
    for (let count = 0; count < frames; count++) {
      const frame = this.#line.shift();
      if (frame === undefined) break;
      this.#arrived(frame);
    }
    return this;
  }

  /** The client's game says something. @param {...Data} data */
  say(...data) {
    for (const one of data) {
      this.#steps.push({ say: frameOf(one) });
      this.#client.send(one);
    }
    return this;
  }

  /** As `say`; what is written does not get through. @param {...Data} data */
  sayInVain(...data) {
    this.#isInVain = true;
    this.say(...data);
    this.#isInVain = false;
    return this;
  }

  /** The server has something for the client. @param {...Data} data */
  serverSays(...data) {
    for (const one of data) this.#server.send(Buffer.from(one), typeof one === "string");
    return this;
  }

  /** The server has an event for its host. @param {any} event */
  serverTells(event) {
    const isText = event.cmd === "from_str";
    const frame = isText ? events.seat(event.from).frame(Buffer.from(event.data), true) : events.event(event);
    this.#server.send(frame.slice(), false);
    return this;
  }

  /** @param {string} reason */
  serverRefuses(reason) {
    this.#server.refuse(reason);
    return this;
  }

  /** Half a second has passed in which nothing came. */
  acknowledge() {
    this.#steps.push({ quiet: true });
    this.#client.acknowledge();
    return this;
  }

  /** The client has a reason to ask whether the line works. */
  ask() {
    this.#steps.push({ ask: true });
    this.#client.ask();
    return this;
  }

  /** The line is cut: what is under way is lost. */
  cut() {
    this.#steps.push({ cut: true });
    this.#isConnected = false;
    this.#line = [];
    this.#client.down();
    this.#server.detach(false);
    return this;
  }

  /** The server's process was started again, and the room has another life. */
  beginAnew() {
    this.#server = this.#newServer();
    return this;
  }

  /** What a page that starts from nothing is greeted with. @param {...string} texts */
  retain(...texts) {
    this.#retained.push(...texts.map((text) => ({ data: Buffer.from(text), isText: true })));
    return this;
  }

  /** The same for a host. @param {any} event */
  greetHost(event) {
    this.#retained.push({ data: events.event(event).slice(), isText: false });
    return this;
  }

  told() {
    const { outboxBytes, whenFull, isHost = false } = this.#options;
    return {
      rule: this.#rule,
      about: this.#about,
      role: isHost ? "host" : "player",
      ...(outboxBytes !== undefined && { outboxBytes }),
      ...(whenFull !== undefined && { whenFull }),
      steps: this.#steps,
    };
  }

  #newServer() {
    const { seatBytes: limitBytes = 100_000, isHost = false } = this.#options;
    const budget = new MemoryBudget({ limit: Infinity, schedule: queueMicrotask });
    const memory = new FrameMemory({ budget, limitBytes, holder: { cut: () => {} } });
    const player = isHost ? {} : { player: 3, game: () => "quiz" };
    this.#lives += 1;
    return new ResumableSession({
      memory,
      overflow: "drop_oldest",
      epoch: `life-${this.#lives}`,
      clock: CLOCK,
      ...player,
    });
  }

  /** @param {{ data: Uint8Array, isText: boolean }} frame */
  #arrived({ data, isText }) {
    const frame = frameOf(data, isText);
    this.#steps.push({ from_server: frame });
    const incoming = this.#client.read("text" in frame ? frame.text : new Uint8Array(data));
    switch (incoming.is) {
      case "data":
        this.#steps.push({ hear: frameOf(incoming.data) });
        return;
      case "refused":
        this.#steps.push({ refused: incoming.reason });
        return;
      case "greeting":
        this.#steps.push(...incoming.greeting.frames.map((greeted) => ({ hear: frameOf(greeted) })));
        if (incoming.greeting.hasGap)
          this.#steps.push({ gap: { lost: incoming.greeting.lost, unsent: incoming.greeting.unsent } });
        return;
      default: // nothing for the game
    }
  }

  /** The client writes a frame. @param {Data} frame */
  #written(frame) {
    this.#steps.push({ to_server: frameOf(frame) });
    if (this.#isInVain || !this.#isConnected) return;
    const isText = typeof frame === "string";
    if (this.#server.read(Buffer.from(frame), isText) === "nonsense")
      throw new Error(`The server does not read ${JSON.stringify(frame)}.`);
  }

  /** The server's end of a new line. */
  #port() {
    /** @type {{ data: Uint8Array, isText: boolean }[]} */
    const line = [];
    this.#line = line;
    const write = (/** @type {Uint8Array} */ data, /** @type {boolean} */ isText) =>
      void line.push({ data: data.slice(), isText });
    return {
      queued: 0,
      isBusy: false,
      send: write,
      sendCorked: write,
      sendParts: (/** @type {Uint8Array} */ head, /** @type {Uint8Array} */ data, isText = false) =>
        write(Buffer.concat([head, data]), isText),
      confirm: () => {},
      close: () => {},
    };
  }
}
