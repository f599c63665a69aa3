/** Nodes that mail each other over a bus in this process. */
import { NodeMail, type NodeMailOptions } from "../../../src/cluster/mail/node-mail.ts";
import type { NodeId } from "../../../src/cluster/ports.ts";
import { onTestEnd } from "../clean-up.ts";
import { Inbox } from "../inbox.ts";
import { unlimitedMemory } from "../room/memory-budget.ts";
import { FaultyBus } from "./faulty-bus.ts";

/** Long enough that no test waits for it by accident; a test about silence takes a shorter one. */
const LONG_LEASE_MS = 60_000;

export type TestMailOptions = Partial<Pick<NodeMailOptions, "leaseMs" | "budget" | "now" | "maxBody" | "maxWaiting">>;

/** What a node got by mail. */
interface GotMail {
  readonly from: NodeId;
  readonly kind: number;
  readonly body: Buffer;
}

/** The kinds that a test node takes. */
export const KINDS = [100, 101, 102] as const;
const [KIND] = KINDS;

/** Starts a node of this name. */
export async function startMail(bus: FaultyBus, name: NodeId, options: TestMailOptions = {}) {
  const end = bus.end();
  const inbox = new Inbox<GotMail>(`the mail of ${name}`);
  const lost = new Inbox<NodeId>(`the losses of ${name}`);
  const faults: string[] = [];
  const bugs: unknown[] = [];
  const mail = new NodeMail({
    bus: end,
    prefix: "test",
    leaseMs: LONG_LEASE_MS,
    budget: unlimitedMemory(),
    now: () => performance.now(),
    onFault: (sentence, { why }) => faults.push(typeof why === "string" ? `${sentence}: ${why}` : sentence),
    onBug: (error) => bugs.push(error),
    ...options,
  });
  for (const kind of KINDS) mail.on(kind, (from, body) => inbox.push({ from, kind, body: Buffer.from(body) }));
  mail.onLost((node) => lost.push(node));
  onTestEnd(() => mail.close());
  await mail.start(name);
  return {
    mail,
    bus: end,
    inbox,
    lost,
    faults,
    bugs,
    say: (to: NodeId, text: string): void => void mail.send(to, KIND, Buffer.from(text)),
    hears: async (): Promise<string> => (await inbox.next()).body.toString(),
  };
}

/** Two nodes, `a` and `b`. */
export async function startTwo(options?: TestMailOptions) {
  const bus = new FaultyBus();
  return { bus, a: await startMail(bus, "a", options), b: await startMail(bus, "b", options) };
}
