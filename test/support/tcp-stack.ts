/** The TCP transport with everything around it that is not a room, on a port of its own. */
import type { RoomLimits } from "../../src/room/environment.ts";
import { createAdmission } from "../../src/admission/admission.ts";
import { TokenGate } from "../../src/admission/token-gate.ts";
import type { Tokens } from "../../src/auth/tokens.ts";
import { MemoryBudget } from "../../src/room/memory-budget.ts";
import { ConnectionManager } from "../../src/transport/connection-manager.ts";
import { createTcpTransport } from "../../src/transport/tcp/tcp-transport.ts";
import { onTestEnd } from "./clean-up.ts";
import { FakeMemberRooms } from "./fake-member-rooms.ts";
import { FakeHub } from "./room/fake-hub.ts";
import { LIMITS } from "./room/fake-room.ts";
import { TcpTestClient } from "./tcp-client.ts";

export interface TcpStackOptions extends Partial<Pick<RoomLimits, "playerRate" | "playerBurst" | "playerBytes">> {
  readonly maxConnections?: number;
  readonly maxPayload?: number;
  readonly pingMs?: number;
  readonly idleMs?: number;
  readonly tcpQueueFrames?: number;
  /** Signs and judges tokens. @default no token counts */
  readonly tokens?: Tokens;
  readonly isTokenRequired?: boolean;
  readonly tokenMs?: number;
}

const HOUR_MS = 3_600_000;

const now = (): number => performance.now();

export async function startTcp({
  maxConnections = 100,
  maxPayload = 65_536,
  pingMs = HOUR_MS,
  idleMs = 2 * HOUR_MS,
  tcpQueueFrames = 0,
  tokens,
  isTokenRequired = false,
  tokenMs = HOUR_MS,
  ...limits
}: TcpStackOptions = {}) {
  const { hub } = new FakeHub();
  const rooms = new FakeMemberRooms();
  const budget = new MemoryBudget({ limit: 2 ** 30, schedule: queueMicrotask });
  const bugs: unknown[] = [];
  const connections = new ConnectionManager({
    admission: createAdmission({ hub, bytes: "string" }),
    budget,
    maxConnections,
    pingMs,
    idleMs,
    now,
    onBug: (error) => void bugs.push(error),
    onRefused: () => {},
  });
  const transport = createTcpTransport({
    ...LIMITS,
    ...limits,
    connections,
    rooms,
    hub,
    now,
    maxPayload,
    pingMs,
    tcpQueueFrames,
    tokenGate: tokens && new TokenGate({ tokens, guessLimit: 60, now }),
    isTokenRequired,
    tokenMs,
    tcpPort: 0,
    tcpHost: "127.0.0.1",
    onError: (error) => void bugs.push(error),
  });
  await transport.listen();
  onTestEnd(async () => {
    await connections.drain();
    await transport.drain();
  });
  const { port } = transport;
  if (port === undefined) throw new Error("It listens on no port.");
  return { rooms, hub, connections, transport, budget, bugs, port, connect: () => TcpTestClient.connect(port) };
}
