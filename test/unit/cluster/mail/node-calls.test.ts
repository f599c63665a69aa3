import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { NodeCalls } from "../../../../src/cluster/mail/node-calls.ts";
import { MAIL_KINDS } from "../../../../src/cluster/mail/mail-kinds.ts";
import { onTestEnd } from "../../../support/clean-up.ts";
import { FaultyBus } from "../../../support/cluster/faulty-bus.ts";
import { startMail } from "../../../support/cluster/mail-nodes.ts";
import { eventually } from "../../../support/inbox.ts";
import * as fc from "../../../support/property-testing.ts";

async function startCalls(bus: FaultyBus, name: string, nodes: readonly string[]) {
  const node = await startMail(bus, name);
  const failures: string[] = [];
  const unread: string[] = [];
  const calls = new NodeCalls({
    mail: node.mail,
    nodes: async () => nodes,
    onFailure: (error, asked) => failures.push(`${asked}: ${String(error)}`),
    onUnread: (_, asked) => unread.push(asked),
  });
  onTestEnd(() => calls.close());
  return { ...node, calls, failures, unread };
}

async function startThree() {
  const bus = new FaultyBus();
  const nodes = ["a", "b", "c"];
  const [a, b, c] = await Promise.all([
    startCalls(bus, "a", nodes),
    startCalls(bus, "b", nodes),
    startCalls(bus, "c", nodes),
  ]);
  return { bus, a, b, c };
}

describe("calls between nodes", () => {
  test("are answered, at once or later", async () => {
    const { a, b } = await startThree();
    b.calls.handle("double", (body) => ({ twice: Number(body) * 2 }));
    b.calls.handle("who", async (_, from) => from);
    expect(await a.calls.call("b", "double", 21)).toEqual({ ok: true, value: { twice: 42 } });
    expect(await a.calls.call("b", "who", undefined)).toEqual({ ok: true, value: "a" });
  });

  test("may be to oneself", async () => {
    const { a } = await startThree();
    a.calls.handle("who", (_, from) => from);
    expect(await a.calls.call("a", "who", null)).toEqual({ ok: true, value: "a" });
  });

  test("fail where the handler throws or rejects, or there is none", async () => {
    const { a, b } = await startThree();
    b.calls.handle("throws", () => {
      throw new Error("no");
    });
    b.calls.handle("rejects", () => Promise.reject(new Error("later no")));
    const asked = ["throws", "rejects", "unknown"];
    for (const name of asked) expect(await a.calls.call("b", name, {})).toEqual({ ok: false, failure: "failed" });
    expect(b.failures).toEqual(["throws: Error: no", "rejects: Error: later no"]);
  });

  test("of another version, which the handler does not read, fail and are no bug", async () => {
    const { a, b } = await startThree();
    b.calls.handle("now", (body) => z.object({ of: z.string() }).parse(body).of);
    b.calls.handle("later", async (body) => z.object({ of: z.string() }).parse(body).of);
    for (const name of ["now", "later"])
      expect(await a.calls.call("b", name, { newly: 1 })).toEqual({ ok: false, failure: "failed" });
    expect([b.unread, b.failures]).toEqual([["now", "later"], []]);
  });

  test("end where no answer comes in time", async () => {
    const { a, b } = await startThree();
    b.calls.handle("never", () => new Promise(() => {}));
    expect(await a.calls.call("b", "never", {}, 20)).toEqual({ ok: false, failure: "timeout" });
  });

  test("end where the node is lost", async () => {
    const { a, b } = await startThree();
    b.calls.handle("never", () => new Promise(() => {}));
    const answer = a.calls.call("b", "never", {});
    b.calls.handle("now", () => 1);
    await a.calls.call("b", "now", {});
    await b.mail.close();
    expect(await answer).toEqual({ ok: false, failure: "lost" });
  });

  test("carry large bodies", async () => {
    const { a, b } = await startThree();
    b.calls.handle("echo", (body) => body);
    const text = "x".repeat(3_000_000);
    expect(await a.calls.call("b", "echo", text)).toEqual({ ok: true, value: text });
  });

  test("are answered to the node that was asked alone", async () => {
    const { a, b, c } = await startThree();
    let forged = 0;
    b.calls.handle("slow", async () => {
      // Another node answers in its place, under every number that may have been given.
      for (let id = 0; id < 5; id++)
        c.mail.send("a", MAIL_KINDS.answer, Buffer.from([0, 0, 0, id, 1]), Buffer.from('"forged"'));
      await eventually("the forged answers came", () => forged === 5);
      return "true";
    });
    const take = a.mail;
    const before = a.faults.length;
    const answer = a.calls.call("b", "slow", {});
    c.calls.handle("count", () => forged);
    a.calls.handle("seen", () => (forged = 5));
    await c.calls.call("a", "seen", {});
    expect(await answer).toEqual({ ok: true, value: "true" });
    expect([take.self, a.faults.length]).toEqual(["a", before]);
  });

  test("are told to all others, and asked of all that answer", async () => {
    const { a, b, c } = await startThree();
    const told: string[] = [];
    for (const { calls, mail } of [a, b, c])
      calls.handle("news", (body, from) => void told.push(`${mail.self} by ${from}: ${String(body)}`));
    a.calls.tellAll("news", "hot");
    await eventually("both are told", () => told.length === 2);
    expect(told.toSorted()).toEqual(["b by a: hot", "c by a: hot"]);
    b.calls.handle("size", () => 7);
    expect(await a.calls.askAll("size", {})).toEqual(new Map([["b", 7]]));
  });

  test("of random bytes never throw", async () => {
    const { a, b } = await startThree();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(1, 2, 3), fc.uint8Array({ maxLength: 100 }), async (kind, body) => {
        a.mail.send("b", kind, body);
        a.mail.broadcast(kind, body);
        await new Promise((resolve) => void setImmediate(resolve));
      }),
    );
    b.calls.handle("alive", () => true);
    expect(await a.calls.call("b", "alive", {})).toEqual({ ok: true, value: true });
    expect([b.bugs, b.faults]).toEqual([[], []]);
  });
});
