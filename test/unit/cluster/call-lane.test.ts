import { expect, test } from "@jest/globals";
import { CallLane } from "../../../src/cluster/call-lane.ts";

/** Answers when it is told to. */
class Server {
  readonly asked: string[] = [];
  readonly #answers: (() => void)[] = [];

  call(what: string): Promise<string> {
    this.asked.push(what);
    return new Promise((resolve) => this.#answers.push(() => resolve(`${what}!`)));
  }

  answer(): void {
    this.#answers.shift()?.();
  }
}

const laneOf = (maxRunning: number, timeoutMs = 60_000): CallLane =>
  new CallLane({ name: "The server", maxRunning, timeoutMs });

test("so many calls run at once, and the others in order", async () => {
  const server = new Server();
  const lane = laneOf(2);
  const calls = ["a", "b", "c", "d"].map((what) => lane.run(1, () => server.call(what)));
  expect(server.asked).toEqual(["a", "b"]);
  server.answer();
  expect(await calls[0]).toBe("a!");
  expect(server.asked).toEqual(["a", "b", "c"]);
  for (let left = 0; left < 3; left++) {
    server.answer();
    await calls[left + 1];
  }
  expect(server.asked).toEqual(["a", "b", "c", "d"]);
});

test("an urgent call goes before those that wait, behind other urgent ones", async () => {
  const server = new Server();
  const lane = laneOf(1);
  const calls = ["a", "b", "c"].map((what) => lane.run(1, () => server.call(what)));
  const urgent = ["renew", "enrol"].map((what) => lane.run(1, () => server.call(what), { isUrgent: true }));
  for (const call of [calls[0], ...urgent, calls[1], calls[2]]) {
    server.answer();
    await call;
  }
  expect(server.asked).toEqual(["a", "renew", "enrol", "b", "c"]);
});

test("an urgent call that waits is rejected with the others", async () => {
  const lane = laneOf(1, 20);
  const server = new Server();
  const calls = [lane.run(1, () => server.call("a")), lane.run(1, () => server.call("b"), { isUrgent: true })];
  for (const call of calls) await expect(call).rejects.toThrow("The server has not answered for 20 ms.");
});

test("a call that fails makes room for the next, and its error is its own", async () => {
  const server = new Server();
  const lane = laneOf(1);
  const failing = lane.run(1, () => Promise.reject(new Error("no such key")));
  const next = lane.run(1, () => server.call("next"));
  await expect(failing).rejects.toThrow("no such key");
  server.answer();
  expect(await next).toBe("next!");
});

test("all calls are rejected where the server answers nothing for a while, those that wait too", async () => {
  const server = new Server();
  const lane = laneOf(1, 20);
  const calls = ["a", "b", "c"].map((what) => lane.run(1, () => server.call(what)));
  for (const call of calls) await expect(call).rejects.toThrow("The server has not answered for 20 ms.");
  expect(server.asked).toEqual(["a"]);
  await expect(lane.run(1, () => server.call("d"))).rejects.toThrow("Too much waits for The server to answer");
  server.answer();
  await Promise.resolve();
  const later = lane.run(1, () => server.call("e"));
  server.answer();
  expect(await later).toBe("e!");
  expect(server.asked).toEqual(["a", "e"]);
});

test("what waits is bounded by its bytes, and bytes count until the answer", async () => {
  const server = new Server();
  const lane = laneOf(4);
  const half = 32 * 1_024 * 1_024;
  const first = lane.run(half, () => server.call("a"));
  const second = lane.run(half, () => server.call("b"));
  await expect(lane.run(1, () => server.call("c"))).rejects.toThrow("Too much waits");
  server.answer();
  await first;
  const third = lane.run(1, () => server.call("c"));
  server.answer();
  server.answer();
  expect(await Promise.all([second, third])).toEqual(["b!", "c!"]);
});
