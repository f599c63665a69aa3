/** Nodes with real hubs, admissions and connections, whose peers' sockets a test holds in its hand. */
import { createAdmission, type AdmissionOptions } from "../../../src/admission/admission.ts";
import type { ConnectTarget } from "../../../src/admission/connect-request.ts";
import type { OtherNodes } from "../../../src/admission/other-nodes.ts";
import { Links } from "../../../src/cluster/link/links.ts";
import type { HubOptions } from "../../../src/hub/hub.ts";
import { MemoryBudget } from "../../../src/room/memory-budget.ts";
import { ConnectionManager } from "../../../src/transport/connection-manager.ts";
import { TokenTerms } from "../../../src/transport/token-terms.ts";
import { onTestEnd } from "../clean-up.ts";
import { LIMITS } from "../room/fake-room.ts";
import { FakeHub } from "../room/fake-hub.ts";
import { FaultyBus } from "./faulty-bus.ts";
import { startMail, type TestMailOptions } from "./mail-nodes.ts";
import { requestOf, TestPeer, type PeerWishes } from "./test-peer.ts";

/** Enough for all that a test keeps, and counted. */
const MEMORY_BYTES = 1_000_000_000;
/** No heartbeat pings while a test waits, unless it asks for it. */
const LONG_PING_MS = 3_600_000;

export interface LinkedNodeOptions extends TestMailOptions {
  readonly hub?: Partial<HubOptions>;
  readonly admission?: Omit<AdmissionOptions, "hub" | "bytes" | "otherNodes">;
  readonly pingMs?: number;
  readonly maxConnections?: number;
  /** Where everything is at home. @default here */
  readonly home?: string;
  /** What the home knows of other nodes. @default it asks none */
  readonly homesOthers?: Omit<OtherNodes, "open">;
}

export async function startNode(
  bus: FaultyBus,
  name: string,
  { home, homesOthers, ...options }: LinkedNodeOptions = {},
) {
  const others = home === undefined ? homesOthers : allAt(home);
  const budget = options.budget ?? new MemoryBudget({ limit: MEMORY_BYTES, schedule: queueMicrotask });
  const node = await startMail(bus, name, { ...options, budget });
  const hub = new FakeHub({ limits: { ...LIMITS, maxPlayers: 1_000 }, ...options.hub, budget });
  const bugs: unknown[] = [];
  const refusals: string[] = [];
  const links = new Links({
    mail: node.mail,
    clock: hub.clock,
    onFault: (sentence) => node.faults.push(sentence),
    onBug: (error) => bugs.push(error),
  });
  const connections = new ConnectionManager({
    admission: createAdmission({
      ...options.admission,
      hub: hub.hub,
      bytes: "string",
      ...(others !== undefined && {
        otherNodes: { ...others, open: (port, request, at) => links.open(port, request, at) },
      }),
    }),
    tokenTerms: new TokenTerms({ clock: hub.clock }),
    budget,
    maxConnections: options.maxConnections ?? 10_000,
    pingMs: options.pingMs ?? LONG_PING_MS,
    idleMs: 2 * LONG_PING_MS,
    now: options.now ?? (() => performance.now()),
    onBug: (error) => bugs.push(error),
    onRefused: (why) => void refusals.push(why),
  });
  links.attach({ connections });
  onTestEnd(() => connections.drain());
  const arrive = (target: ConnectTarget, wishes?: PeerWishes): TestPeer => {
    const peer = new TestPeer(connections);
    connections.accept(peer, requestOf(target, wishes));
    return peer;
  };
  return { ...node, bugs, refusals, budget, hub, links, connections, arrive };
}

function allAt(home: string): Omit<OtherNodes, "open"> {
  return { isHere: () => false, isNowhere: () => false, whereIs: () => ({ home }) };
}

/** `home`, where the rooms are, and `edge`, where their peers arrive. */
export async function startLinked(options: LinkedNodeOptions = {}) {
  const bus = new FaultyBus();
  const home = await startNode(bus, "home", options);
  const edge = await startNode(bus, "edge", { ...options, home: "home" });
  return { bus, home, edge };
}
