/** A party on the SDK whose every line goes through the cutting proxy, and whose every frame is numbered, both ways. */
import { WebSocket } from "ws";
import { createCuttingProxy, type CuttingProxy } from "../../src/chaos/cutting-proxy.ts";
import { DeliveryLog } from "../../src/chaos/delivery-log.ts";
import { decodeNumbered, encodeNumbered } from "../../src/chaos/numbered-frames.ts";
import { createRandom } from "../../src/chaos/random.ts";
import type { FaultProfile } from "../../src/chaos/fault-profile.ts";
import { HostRoom } from "../../src/sdk/host-room.ts";
import type { Player } from "../../src/sdk/player.ts";
import { PlayerRoom } from "../../src/sdk/player-room.ts";
import { secretSubprotocols } from "../../src/sdk/secret-subprotocols.ts";
import { claimSession } from "../../src/sdk/session.ts";
import type { Environment } from "../../src/sdk/environment.ts";
import { onTestEnd } from "../support/clean-up.ts";
import type { TestServer } from "../support/server.ts";

export interface PartyOptions {
  readonly server: TestServer;
  readonly seed: number;
  /** On the phones' lines, and on the TV's, which carries what they carry together. */
  readonly faultProfile: { readonly phones: FaultProfile; readonly testHost: FaultProfile };
  readonly phones: number;
  /** How many frames each phone sends, and is sent. */
  readonly frames: number;
  /** Frames that may be on their way in one direction: so many have to be sent again after a cut, and no more. */
  readonly window: number;
  /** What the run may take at all: past it the party says what is missing. */
  readonly boundMs: number;
}

type Frame = string | Uint8Array<ArrayBuffer>;

/** One direction between the TV and one phone. */
interface Way {
  readonly deliveryLog: DeliveryLog;
  sent: number;
  /** Sends on as far as the window allows. What arrives calls it again. */
  pump: () => void;
}

/** Waits of the SDK, as far as they are left to chance, are a fiftieth of what they are in a living room. */
const HURRY = 0.02;
const LINE = {
  limitBytes: 1_048_576,
  maxFrameBytes: 1_048_576,
  whenFull: "refuse",
  pongTimeoutMs: 500,
  warn: () => undefined,
} as const;

interface Proxies {
  readonly phones: CuttingProxy;
  readonly testHost: CuttingProxy;
}

export class ChaosParty {
  readonly proxies: Proxies;
  /** By lane: what phones send, and what they are sent. */
  readonly ups: readonly Way[];
  readonly downs: readonly Way[];
  readonly #options: PartyOptions;
  readonly #environment: Environment;
  #end: (error?: Error) => void = () => undefined;

  /** Resolves when everything has arrived. Rejects at the first thing that is wrong, and when it takes too long. */
  readonly arrived: Promise<void>;

  private constructor(options: PartyOptions, proxies: Proxies) {
    const { seed, phones, boundMs } = options;
    const random = createRandom(seed).fork(1_000_000);
    this.#options = options;
    this.proxies = proxies;
    this.ups = ways(phones, (lane) => `phone ${lane} to TV`);
    this.downs = ways(phones, (lane) => `TV to phone ${lane}`);
    this.#environment = {
      WebSocket,
      soon: (start) => start(),
      onWake: () => () => undefined,
      isVisible: () => true,
      random: () => random.next() * HURRY,
      keepAwake: () => () => undefined,
    };
    this.arrived = new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fault("It takes too long."), boundMs);
      onTestEnd(() => clearTimeout(timer));
      this.#end = (error) => {
        clearTimeout(timer);
        if (error === undefined) resolve();
        else reject(error);
      };
    });
    this.arrived.catch(() => undefined); // it may be wrong before anybody waits
  }

  /** Opens the room, and lets everybody join and send. */
  static async begin(options: PartyOptions): Promise<ChaosParty> {
    const { server, seed, faultProfile, phones } = options;
    const startProxy = async (part: keyof Proxies): Promise<CuttingProxy> => {
      const target = { host: "127.0.0.1", port: server.port };
      const proxy = await createCuttingProxy({
        target,
        seed: part === "phones" ? seed : ~seed,
        faultProfile: faultProfile[part],
      });
      onTestEnd(() => proxy.close());
      return proxy;
    };
    const party = new ChaosParty(options, {
      phones: await startProxy("phones"),
      testHost: await startProxy("testHost"),
    });
    const room = await party.#openRoom();
    for (let lane = 1; lane <= phones; lane++) party.#join(room.code, lane);
    return party;
  }

  get cuts(): number {
    return this.proxies.phones.cuts + this.proxies.testHost.cuts;
  }

  /** Which numbers have not come, in words; empty where all have. */
  get missing(): string {
    const { frames } = this.#options;
    return [...this.ups, ...this.downs]
      .filter(({ deliveryLog }) => (deliveryLog.last?.number ?? 0) < frames)
      .map(
        ({ deliveryLog, sent }) =>
          `${deliveryLog.name}: ${deliveryLog.last?.number ?? 0} of ${sent} came, ${frames} should.`,
      )
      .join(" ");
  }

  async #openRoom(): Promise<HostRoom> {
    const session = claimSession(undefined, "host");
    const room = await new Promise<HostRoom>((resolve, reject) => {
      const host: HostRoom = new HostRoom(
        {
          ...LINE,
          server: this.#options.server.url,
          target: () => ({
            address: `${addressOf(this.proxies.testHost)}/CREATE`,
            query: { bytes: "string" },
            secrets: secretSubprotocols({ session: session.secret }),
          }),
          session,
          game: "chaos",
          maxPlayers: this.#options.phones,
          foreignJoinUrl: undefined,
          pin: undefined,
          meta: undefined,
          crowd: {},
          version: undefined,
          joinUrl: (code) => code,
          opened: () => resolve(host),
          handOver: () => false,
          closed: ({ code, reason }) => reject(new Error(`The room was not opened: ${code} ${reason}`)),
        },
        this.#environment,
      );
      onTestEnd(() => host.close());
    });

    const got = (player: Player, frame: Frame): void => this.#take(this.ups, laneOf(player), frame);
    room.on("join", (player) => {
      const lane = laneOf(player);
      this.#pumpWith(this.downs, lane, (frame) => room.send(player, frame));
    });
    room.on("text", got);
    room.on("binary", got);
    room.on("leave", (player) => this.#fault(`Player ${player.id} left.`));
    room.on("reopened", () => this.#fault("The room was lost, and another opened."));
    room.on("error", ({ reason }) => this.#fault(`The server refused a command: ${reason}`));
    room.on("gap", ({ lost, unsent }) => this.#fault(`The TV lost ${lost} frames, and ${unsent} of its own.`));
    room.on("close", ({ code, reason }) => this.#fault(`The TV was closed: ${code} ${reason}`));
    return room;
  }

  #join(code: string, lane: number): void {
    const session = claimSession(undefined, "phone");
    const phone = new PlayerRoom(
      {
        ...LINE,
        server: this.#options.server.url,
        target: () => ({
          address: `${addressOf(this.proxies.phones)}/${code}`,
          query: { name: String(lane) },
          secrets: secretSubprotocols({ session: session.secret }),
        }),
        code,
        profile: { name: String(lane), meta: {} },
        isSdk: false,
        tellsProfile: false,
        session,
        opened: () => undefined,
      },
      this.#environment,
    );
    onTestEnd(() => phone.close());
    phone.on("text", (text) => this.#take(this.downs, lane, text));
    phone.on("binary", (bytes) => this.#take(this.downs, lane, bytes));
    phone.on("gap", ({ lost, unsent }) => this.#fault(`Phone ${lane} lost ${lost} frames, and ${unsent} of its own.`));
    phone.on("close", (close) => this.#fault(`Phone ${lane} was closed: ${close.code} ${close.reason}`));
    this.#pumpWith(this.ups, lane, (frame) => phone.send(frame));
  }

  #pumpWith(all: readonly Way[], lane: number, send: (frame: Frame) => boolean): void {
    const { frames, window } = this.#options;
    const way = all[lane - 1];
    if (way === undefined) return this.#fault(`There is no lane ${lane}.`);
    way.pump = () => {
      while (way.sent < frames && way.sent - way.deliveryLog.got < window) {
        way.sent += 1;
        if (!send(encodeNumbered({ lane, page: 1, number: way.sent }))) {
          return this.#fault(`${way.deliveryLog.name}: number ${way.sent} could not be sent.`);
        }
      }
    };
    way.pump();
  }

  #take(all: readonly Way[], lane: number, frame: Frame): void {
    const way = all[lane - 1];
    if (way === undefined || decodeNumbered(frame)?.lane !== lane) {
      return this.#fault(`Lane ${lane} got what is not its own: ${JSON.stringify(frame)}.`);
    }
    way.deliveryLog.take(frame);
    const [wrong] = way.deliveryLog.faults;
    if (wrong !== undefined) return this.#fault(wrong);
    way.pump();
    if (way.deliveryLog.got === this.#options.frames && this.missing === "") this.#end();
  }

  #fault(sentence: string): void {
    const { seed } = this.#options;
    this.#end(new Error(`Seed ${seed}, after ${this.cuts} cuts: ${sentence} ${this.missing}`));
  }
}

/** A phone gives its lane as its name. */
function laneOf(player: Player): number {
  return Number(player.name);
}

function addressOf({ host, port }: CuttingProxy): string {
  return `ws://${host}:${port}`;
}

function ways(count: number, name: (lane: number) => string): readonly Way[] {
  return Array.from({ length: count }, (_, index) => ({
    deliveryLog: new DeliveryLog(name(index + 1)),
    sent: 0,
    pump: () => undefined,
  }));
}
