import { Socket } from "node:net";
import { expect, test } from "@jest/globals";
import { IpcBus } from "../../../../src/cluster/workers/ipc-bus.ts";
import { answerWith, IpcQuestions } from "../../../../src/cluster/workers/ipc-questions.ts";
import { IpcSender, type ChannelEnd } from "../../../../src/cluster/workers/ipc-sender.ts";
import { PrimaryLine } from "../../../../src/cluster/workers/primary-line.ts";
import { Switchboard } from "../../../../src/cluster/workers/switchboard.ts";

type Sent = Parameters<NonNullable<ChannelEnd["send"]>>;

/** A channel whose other end takes nothing until it is told to. */
class SlowChannel implements ChannelEnd {
  readonly sent: Sent[] = [];
  connected = true;

  send(...sent: Sent): boolean {
    this.sent.push(sent);
    return true;
  }

  takeAll(error: Error | null = null): void {
    for (const [, , , taken] of this.sent.splice(0)) taken(error);
  }
}

/** Workers on one switchboard, whose lines are function calls. */
function workers(count: number) {
  const buses = new Map<object, IpcBus>();
  const board = new Switchboard<object>((to, subject, data) => buses.get(to)?.received(subject, data));
  const made = Array.from({ length: count }, () => {
    const worker = {};
    const bus = new IpcBus({
      publish: (subject, data) => board.publish(subject, data),
      subscribe: async (subject) => board.subscribe(worker, subject),
      unsubscribe: (subject) => board.unsubscribe(worker, subject),
    });
    buses.set(worker, bus);
    return { worker, bus };
  });
  return { board, made };
}

test("what one worker publishes reaches all that have subscribed, itself too, in order", async () => {
  const { board, made } = workers(3);
  const heard: string[] = [];
  const ends = await Promise.all(
    made.slice(0, 2).map(({ bus }, index) => bus.subscribe("a.b", (data) => heard.push(`${index}${String(data[0])}`))),
  );
  made[0]?.bus.publish("a.b", Uint8Array.of(1));
  made[2]?.bus.publish("a.b", Uint8Array.of(2));
  made[2]?.bus.publish("a.c", Uint8Array.of(3));
  expect(heard).toEqual(["01", "11", "02", "12"]);
  ends[0]?.();
  ends[0]?.();
  made[2]?.bus.publish("a.b", Uint8Array.of(4));
  expect(heard.slice(4)).toEqual(["14"]);
  ends[1]?.();
  expect(board.subjectCount).toBe(0);
});

test("a worker that is gone hears nothing, and leaves no subject behind", async () => {
  const { board, made } = workers(2);
  await Promise.all(made.map(({ bus }) => bus.subscribe("a", () => {})));
  for (const { worker } of made) board.forget(worker);
  expect(board.subjectCount).toBe(0);
  board.forget({});
});

test("one function that has subscribed twice is called twice, and each ends by itself", async () => {
  const { made } = workers(1);
  const bus = made[0]?.bus;
  let count = 0;
  const listener = (): void => void (count += 1);
  const first = await bus?.subscribe("a", listener);
  await bus?.subscribe("a", listener);
  bus?.publish("a", new Uint8Array(1));
  first?.();
  bus?.publish("a", new Uint8Array(1));
  expect(count).toBe(3);
});

test("what may be lost is dropped once 64 MiB wait for the other process, and goes again when it has taken them", () => {
  const channel = new SlowChannel();
  const sender = new IpcSender<{ readonly is: string }>(channel);
  const mebibyte = 2 ** 20;
  let sent = 0;
  while (sender.sendLossy({ is: "bus" }, mebibyte)) sent += 1;
  expect(sent).toBe(63); // and what each message costs
  expect(sender.waitingBytes).toBeGreaterThan(sent * mebibyte);
  channel.takeAll();
  expect(sender.waitingBytes).toBe(0);
  expect(sender.sendLossy({ is: "bus" }, mebibyte)).toBe(true);
});

test("records for a primary that takes nothing fail once 64 MiB of them wait, and are taken again when it has read those", async () => {
  const channel = new SlowChannel();
  const line = new PrimaryLine(Object.assign(channel, { on: () => undefined }), {
    start: () => {},
    serve: () => {},
    close: () => {},
    answer: async () => undefined,
  });
  const record = new Uint8Array(512 * 1_024);
  const failures: unknown[] = [];
  const save = (): void => {
    line.directory.save("a", "code:BCDF", 1, record).catch((error: unknown) => failures.push(error));
  };
  for (let count = 0; count < 200; count++) save();
  await new Promise((resolve) => setImmediate(resolve));
  expect(channel.sent).toHaveLength(127); // and what each message costs
  expect(failures).toHaveLength(200 - 127);
  expect(failures[0]).toEqual(new Error("The primary process answers too slowly."));
  channel.takeAll();
  save();
  expect(channel.sent).toHaveLength(1);
});

test("a socket whose worker ended before it arrived is destroyed, and past 20,000 none is taken", () => {
  const channel = new SlowChannel();
  const sender = new IpcSender<{ readonly is: string }>(channel);
  const sockets = Array.from({ length: 20_000 }, () => new Socket());
  for (const socket of sockets)
    expect(sender.sendSocket({ is: "socket" }, socket, { isKept: false, byteLength: 1 })).toBe(true);
  expect(sender.sendSocket({ is: "socket" }, new Socket(), { isKept: false, byteLength: 1 })).toBe(false);
  channel.takeAll();
  const late = new Socket();
  sender.sendSocket({ is: "socket" }, late, { isKept: true, byteLength: 1 });
  sender.abandon();
  expect([late.destroyed, sockets[0]?.destroyed]).toEqual([true, false]);
  channel.connected = false;
  const never = new Socket();
  sender.sendSocket({ is: "socket" }, never, { isKept: false, byteLength: 1 });
  expect(never.destroyed).toBe(true);
});

test("questions get their own answers, failures too, and all fail when the line ends", async () => {
  const questions = new IpcQuestions();
  const ids: number[] = [];
  const ask = (): Promise<unknown> => questions.ask((id) => ids.push(id));
  const [one, two, three] = [ask(), ask(), ask()];
  answerWith(ids[1] ?? 0, Promise.resolve("second"), (answer) => questions.take(answer));
  answerWith(ids[0] ?? 0, Promise.reject(new Error("no")), (answer) => questions.take(answer));
  await expect(two).resolves.toBe("second");
  await expect(one).rejects.toThrow("no");
  questions.end("over");
  await expect(three).rejects.toThrow("over");
});
