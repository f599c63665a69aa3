import { connect, createServer, type Server, type Socket } from "node:net";
import { listen } from "../support/listen.ts";
import { describe, expect, test } from "@jest/globals";
import { createCuttingProxy, type CuttingProxy } from "../../src/chaos/cutting-proxy.ts";
import { createRandom } from "../../src/chaos/random.ts";
import { scheduleFault, type Fault, type FaultProfile } from "../../src/chaos/fault-profile.ts";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually, Inbox } from "../support/inbox.ts";

/** One end of a TCP connection: what it got, and how it ended. */
class End {
  readonly socket: Socket;
  got = Buffer.alloc(0);
  /** `end` where a FIN came, or the code of the error. */
  ending: string | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (bytes: Buffer) => (this.got = Buffer.concat([this.got, bytes])));
    socket.on("end", () => (this.ending ??= "end"));
    socket.on("error", (error) => (this.ending ??= "code" in error ? String(error.code) : error.message));
    onTestEnd(() => socket.destroy());
  }

  async untilGot(bytes: number): Promise<void> {
    await eventually(`${bytes} bytes arrive`, () => this.got.length >= bytes);
  }

  async untilEnded(): Promise<string | undefined> {
    await eventually("the connection ends", () => this.ending !== undefined);
    return this.ending;
  }
}

/** A server that only listens, and a proxy before it. `dial` gives both ends of a new connection. */
async function startProxy(seed = 1, faultProfile?: FaultProfile) {
  const accepted = new Inbox<End>("the server");
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => accepted.push(new End(socket)));
  const port = await listen(server);
  onTestEnd(() => server.close());
  const proxy: CuttingProxy = await createCuttingProxy({
    target: { host: "127.0.0.1", port },
    seed,
    ...(faultProfile !== undefined && { faultProfile }),
  });
  onTestEnd(() => proxy.close());
  const dial = async () => {
    const client = new End(connect({ port: proxy.port, host: proxy.host, allowHalfOpen: true }));
    return { client, server: await accepted.next() };
  };
  return { proxy, dial };
}

const BYTES = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7 + (index >> 8)) % 256));
const NONE: Record<Fault, number> = { reset: 0, end: 0, deaf_client: 0, deaf_server: 0, late: 0, stall: 0, delay: 0 };

function only(fault: Fault, bytes: FaultProfile["bytes"] = [1_000, 50_000]): FaultProfile {
  return { bytes, odds: { ...NONE, [fault]: 1 }, stallMs: 5, delayMs: 5 };
}

describe("the cutting proxy without faults", () => {
  test("passes every byte on, both ways, and the end of each way", async () => {
    const { dial } = await startProxy();
    const { client, server } = await dial();
    client.socket.write(BYTES);
    server.socket.write(BYTES);
    await Promise.all([client.untilGot(BYTES.length), server.untilGot(BYTES.length)]);
    expect([client.got.equals(BYTES), server.got.equals(BYTES)]).toEqual([true, true]);

    client.socket.end();
    expect(await server.untilEnded()).toBe("end");
    server.socket.end("still heard");
    expect(await client.untilEnded()).toBe("end");
    expect(client.got.subarray(BYTES.length).toString()).toBe("still heard");
  });

  test("passes on that one side broke off", async () => {
    const { dial, proxy } = await startProxy();
    const { client, server } = await dial();
    client.socket.resetAndDestroy();
    expect(await server.untilEnded()).toBe("ECONNRESET");
    await eventually("the proxy has let go of both", () => proxy.openConnections === 0);
  });
});

describe("the cutting proxy on command", () => {
  test.each([
    ["reset", "ECONNRESET"],
    ["end", "end"],
  ] as const)("cuts by %s, which both sides see as %s", async (how, ending) => {
    const { dial, proxy } = await startProxy();
    const { client, server } = await dial();
    proxy.cutNow(how);
    expect(await Promise.all([client.untilEnded(), server.untilEnded()])).toEqual([ending, ending]);
    expect(proxy.cuts).toBe(1);
  });

  test.each(["client", "server"] as const)("goes half-open, of which the %s is told nothing", async (deaf) => {
    const { dial, proxy } = await startProxy();
    const ends = await dial();
    proxy.goHalfOpen(deaf);
    expect(await ends[deaf === "client" ? "server" : "client"].untilEnded()).toBe("ECONNRESET");
    ends[deaf].socket.write("is anybody there?");

    // A second line shows that time has passed, and that new lines are well.
    const next = await dial();
    next.client.socket.write("well");
    await next.server.untilGot(4);
    expect(ends[deaf]).toMatchObject({ ending: undefined, got: Buffer.alloc(0) });
    expect(ends[deaf].socket.destroyed).toBe(false);
  });

  test("holds old and new connections until it recovers", async () => {
    const { dial, proxy } = await startProxy();
    const { client, server } = await dial();
    proxy.stopReading();
    client.socket.write("held");
    const next = await dial();
    next.server.socket.write("held as well");
    const other = await startProxy();
    const passage = await other.dial();
    passage.client.socket.write("time passes");
    await passage.server.untilGot(11);
    expect([server.got.length, next.client.got.length]).toEqual([0, 0]);

    proxy.recover();
    await Promise.all([server.untilGot(4), next.client.untilGot(12)]);
    expect([server.got.toString(), next.client.got.toString()]).toEqual(["held", "held as well"]);
  });

  test("holds a sender back in the end, so that it buffers little", async () => {
    const { dial, proxy } = await startProxy();
    const { client, server } = await dial();
    proxy.stopReading();
    const megabyte = Buffer.alloc(1_048_576);
    let written = 0;
    while (client.socket.write(megabyte) || client.socket.writableLength < 4 * megabyte.length) {
      written += megabyte.length;
      await new Promise((resolve) => setImmediate(resolve));
      if (written > 256 * megabyte.length) throw new Error("It takes everything.");
    }
    proxy.recover();
    await server.untilGot(written);
    expect(written).toBeGreaterThan(0);
  });
});

describe("the cutting proxy with a fault profile", () => {
  test("cuts at the bytes that its seed draws", async () => {
    const schedule = (seed: number) => {
      const random = createRandom(seed);
      return Array.from({ length: 6 }, (_, line) => scheduleFault(only("end"), random.fork(line).fork(line % 2)));
    };
    const { dial } = await startProxy(7, only("end"));
    for (const [line, { afterBytes }] of schedule(7).entries()) {
      const { client, server } = await dial();
      const [from, to] = line % 2 === 0 ? [client, server] : [server, client];
      from.socket.write(BYTES);
      expect(await to.untilEnded()).toBe("end");
      expect(to.got.equals(BYTES.subarray(0, afterBytes))).toBe(true);
    }
    expect(schedule(8)).not.toEqual(schedule(7));
  });

  test.each(["deaf_client", "deaf_server"] as const)(
    "%s: one side hears of the cut, the other does not",
    async (fault) => {
      const { dial, proxy } = await startProxy(3, only(fault));
      const { client, server } = await dial();
      client.socket.write(BYTES);
      server.socket.write(BYTES);
      const [deaf, told] = fault === "deaf_client" ? [client, server] : [server, client];
      await told.untilEnded(); // by what, depends on what it was about to do
      expect([deaf.ending, deaf.got.length < BYTES.length]).toEqual([undefined, true]);
      expect(proxy).toMatchObject({ cuts: 1, counts: { ...NONE, [fault]: 1 } });
    },
  );

  test("late: the client is cut off, and what it had sent arrives after that", async () => {
    const { dial, proxy } = await startProxy(3, { ...only("late", [10, 10]), delayMs: 50 });
    const { client, server } = await dial();
    client.socket.write(BYTES.subarray(0, 1_000));
    await Promise.all([client.untilEnded(), server.untilGot(1_000)]);
    expect(server.got.equals(BYTES.subarray(0, 1_000))).toBe(true);
    expect([server.ending, proxy.cuts]).toEqual([undefined, 1]);
  });

  test("stalls and delays, and loses nothing by it", async () => {
    const odds = { ...NONE, stall: 1, delay: 1 };
    const { dial, proxy } = await startProxy(5, { bytes: [100, 20_000], odds, stallMs: 3, delayMs: 3 });
    const { client, server } = await dial();
    client.socket.write(BYTES);
    server.socket.write(BYTES);
    await Promise.all([client.untilGot(BYTES.length), server.untilGot(BYTES.length)]);
    expect([client.got.equals(BYTES), server.got.equals(BYTES)]).toEqual([true, true]);
    expect(proxy.counts.stall).toBeGreaterThan(0);
    expect(proxy.counts.delay).toBeGreaterThan(0);
    expect(proxy.cuts).toBe(0);
  });
});

describe("the cutting proxy that is closed", () => {
  test("leaves no socket and no timer behind, whatever state its connections were in", async () => {
    const { dial, proxy } = await startProxy(1, { ...only("stall", [1, 1]), stallMs: 600_000 });
    const lines = [];
    for (let line = 0; line < 6; line++) lines.push(await dial());
    lines[0]?.client.socket.write("stalled for ten minutes");
    proxy.goHalfOpen("server");
    lines.push(await dial(), await dial());
    proxy.stopReading();
    await proxy.close();
    await proxy.close();
    for (const { client, server } of lines) {
      client.socket.destroy();
      server.socket.destroy();
    }
    await eventually("no line is left", () => proxy.openConnections === 0);
    await eventually("no socket is left", () => !process.getActiveResourcesInfo().includes("TCPSocketWrap"));
  });
});
