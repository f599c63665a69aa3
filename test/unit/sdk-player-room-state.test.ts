/** What a phone makes of its connection for the states. */
import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { openFakePhone } from "../support/fake-phone.ts";

beforeEach(() => void jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] }));
afterEach(() => void jest.useRealTimers());

const frame = (set: object, rest: object): string => JSON.stringify({ cw: "state", set, ...rest });

test("P5.10.2 a connection that begins from nothing brings the states whole, and its changes go on from there", async () => {
  const { me, network } = await openFakePhone();
  network.socket.deliver(frame({ round: 1, old: true }, { all: true, v: 7 }));
  me.state.set("ready", true);
  await Promise.resolve();
  network.socket.end(1006);
  jest.runOnlyPendingTimers();
  network.socket.greet({ epoch: "another" }, frame({ round: 2 }, { all: true, v: 2 }), frame({ round: 3 }, { v: 3 }));
  network.socket.deliver(frame({ round: 4 }, { v: 4 }));
  expect(me.state.all()).toEqual({ round: 4, ready: true });
  jest.advanceTimersByTime(100); // a quick way back finds the pause between two frames of a state still running
  expect(network.socket.sent.filter((text) => String(text).includes('"ready":true'))).toHaveLength(1);
  network.socket.deliver(frame({ ready: true }, { player: 1, all: true, v: 1 }));
  expect(me.room.state.all()).toEqual({ round: 4 });
});

test("P5.10.2 a state is no message: it is there before the page listens, and waits for no listener", async () => {
  const { me, network } = await openFakePhone();
  network.socket.deliver(frame({ round: 1 }, { all: true, v: 1 }));
  expect(me.state.get("round")).toBe(1);
  const heard: unknown[] = [];
  me.on("text", (text) => heard.push(text));
  me.on("state", (changes) => heard.push(changes));
  await Promise.resolve();
  jest.advanceTimersByTime(0);
  expect(heard).toEqual([{ round: 1 }]);
});

test("P5.10.2 what was set goes before what is sent, but not before what is volatile", async () => {
  const { me, network } = await openFakePhone();
  const texts = (): string[] =>
    network.socket.sent.flatMap((text) => (typeof text === "string" ? [text.replace(/"n":\d+/, '"n":1')] : []));
  me.state.set("x", 1);
  me.send("one");
  me.state.set("x", 2);
  me.send("two", { volatile: true });
  me.state.set("x", 3);
  me.emit("go");
  expect(texts()).toEqual([
    '{"cw":"state","set":{"x":1},"n":1}',
    "one",
    "two",
    '{"cw":"state","set":{"x":3},"n":1}',
    '{"cw":"event","name":"go"}',
  ]);
});
