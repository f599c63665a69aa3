/** Named events and requests of the SDK, on the TV and on the phone, frame by frame. */
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { commands, encoder, openRoom, tell } from "../support/fake-tv.ts";
import { listenersAreThere, openFakePhone } from "../support/fake-phone.ts";
import type { FakeSocket } from "../support/fake-socket.ts";
import { catchReports } from "../support/reported-errors.ts";

/** JSON that can be read and not be written: it is nested too deep. */
const NESTED = "[".repeat(20_000) + "]".repeat(20_000);
const utf8 = new TextEncoder();
const fromUtf8 = new TextDecoder();
const fetchBefore = globalThis.fetch;
let reported: unknown[] = [];

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ["queueMicrotask", "nextTick"] });
  globalThis.fetch = () => Promise.reject(new TypeError("Failed to fetch"));
  reported = catchReports();
});
afterEach(() => {
  jest.useRealTimers();
  globalThis.fetch = fetchBefore;
});

/** A TV with two players. */
async function openTv() {
  const { room, network, heard } = await openRoom();
  tell(network.socket, { cmd: "player_joined", player: 1, name: "Ada" }, { cmd: "player_joined", player: 2 });
  const [ada, ben] = room.players;
  if (ada === undefined || ben === undefined) throw new Error("There are not two players.");
  heard.length = 0;
  const says = (player: number, frame: unknown): void =>
    network.socket.deliver(
      encoder.seat(player).frame(utf8.encode(typeof frame === "string" ? frame : JSON.stringify(frame)), true),
    );
  return { room, network, heard, ada, ben, says };
}

/** The texts that the TV sent, with to whom. */
function textsOf(socket: FakeSocket): unknown[] {
  return commands(socket).map((command) =>
    typeof command === "object" && command !== null && "data" in command && command.data instanceof Uint8Array
      ? Object.assign(command, { data: fromUtf8.decode(command.data) })
      : command,
  );
}

const byId = (one: unknown, other: unknown): number =>
  Number(Reflect.get(Object(one), "id")) - Number(Reflect.get(Object(other), "id"));

/** The answers that a phone sent, read. */
function repliesOf(socket: FakeSocket): unknown[] {
  return socket.sent.flatMap((frame): unknown => (String(frame).startsWith("{") ? JSON.parse(String(frame)) : []));
}

describe("P5.10.1 events of the TV", () => {
  test("P5.10.1 are text frames whose first member is cw, to all, to some, or to one", async () => {
    const { room, network, ada } = await openTv();
    room.emit("reveal", { right: "B" });
    room.emit("go");
    ada.emit("hand", ["7", "8"], { retain: "hand" });
    room.emit("ball", { x: 1 }, { volatile: true, except: ada });
    expect(textsOf(network.socket)).toEqual([
      { cmd: "to_str", to: "everybody", data: '{"cw":"event","name":"reveal","data":{"right":"B"}}' },
      { cmd: "to_str", to: "everybody", data: '{"cw":"event","name":"go"}' },
      { cmd: "to_str", to: [1], data: '{"cw":"event","name":"hand","data":["7","8"]}', retain: "hand" },
      {
        cmd: "to_str",
        to: "everybody",
        data: '{"cw":"event","name":"ball","data":{"x":1}}',
        volatile: "ball",
        except: [1],
      },
    ]);
  });

  test("P5.10.3 are not retained in the place of what the SDK retains, such as the state", async () => {
    const { room, network, ada } = await openTv();
    const own = { retain: "cw:state" };
    for (const say of [() => room.emit("x", 1, own), () => ada.emit("x", 1, own), () => room.send(ada, "x", own)]) {
      expect(say).toThrow('Names in `retain` that begin with "cw:" are the SDK\'s own');
    }
    expect(network.socket.sent).toEqual([]);
  });

  test("P5.10.1 to a player who has left, reach nobody", async () => {
    const { network, ada } = await openTv();
    tell(network.socket, { cmd: "player_left", player: 1 });
    expect(ada.emit("hand", 1)).toBe(true);
    await expect(ada.ask("ready?")).rejects.toMatchObject({ code: "closed" });
    expect(network.socket.sent).toEqual([]);
  });

  test("P5.10.1 of a phone are told with the player, and are no text or JSON", async () => {
    const { room, heard, ada, says } = await openTv();
    const told: unknown[] = [];
    room.on("answer", (player, data) => told.push([player === ada, data]));
    room.once("answer", () => told.push("once"));
    says(1, { cw: "event", name: "answer", data: { choice: 2 } });
    says(1, ' { "cw" : "event", "name" : "answer" }');
    expect(told).toEqual([[true, { choice: 2 }], "once", [true, undefined]]);
    expect(heard).toEqual([]);
  });

  test.each([
    '{"a":1,"cw":"event"}',
    '{"cw":1,"name":"x"}',
    '{"cw":"event"',
    '[{"cw":"event"}]',
    '{"cw":"event","cw":1}',
  ])("P5.10.1 a frame that is none of the SDK's is the game's: %s", async (text) => {
    const { heard, says } = await openTv();
    says(1, text);
    expect(heard[0]).toEqual(["text", 1, text]);
  });

  test.each([
    { cw: "event" },
    { cw: "event", name: 7 },
    { cw: "event", name: "cw:unheard-of" },
    { cw: "reply", id: 99, data: 1 },
    { cw: "reply" },
    { cw: "dance", step: 1 },
  ])("P5.10.1 what this SDK does not know is nothing: %j", async (frame) => {
    const { room, network, heard, says } = await openTv();
    room.on("event", () => heard.push(["event"]));
    says(1, frame);
    expect(heard).toEqual([]);
    expect(network.socket.sent).toEqual([]);
    expect(reported).toEqual([]);
  });

  test("P5.10.1 of a phone that a listener cannot read cost no other its turn, and each error is told once", async () => {
    const { room, network, says } = await openTv();
    const heard: unknown[] = [];
    // @ts-expect-error A game without types may still take apart what it hears.
    room.on("answer", (player, { choice }) => heard.push([Number(player), choice]));
    room.on("answer", (player, data) => heard.push([Number(player), data]));
    says(1, { cw: "event", name: "answer", data: null });
    says(1, { cw: "event", name: "answer" });
    says(2, { cw: "event", name: "answer", data: { choice: 2 } });
    jest.advanceTimersByTime(0);
    expect(heard).toEqual([
      [1, null],
      [1, undefined],
      [2, 2],
      [2, { choice: 2 }],
    ]);
    expect(reported).toEqual([expect.any(TypeError), expect.any(TypeError)]);
    expect(commands(network.socket).filter((command) => Object(command).cmd === "to_str")).toEqual([]); // the sender hears nothing
  });

  test.each(["join", "leave", "state", "close", "text"])(
    "P5.10.1 a phone cannot forge what the SDK itself tells: %s",
    async (name) => {
      const { room, network, says } = await openTv();
      const told: unknown[] = [];
      // oxlint-disable-next-line typescript/no-unsafe-argument
      room.on(name, (...values: unknown[]) => void told.push(values));
      says(1, { cw: "event", name, data: 1 });
      says(1, { cw: "event", name, data: 1, id: 5 });
      expect(told).toEqual([]);
      expect(textsOf(network.socket)).toEqual([
        { cmd: "to_str", to: [1], data: expect.stringContaining('"code":"not_answered"') },
      ]);
    },
  );
});

const ignore = (): void => undefined;

describe("names of events", () => {
  test.each(["join", "state", "open", "close", "profile", "refused"])(
    "%s is the SDK's own, on both sides",
    async (name) => {
      const { room, ada } = await openTv();
      const { me } = await openFakePhone();
      const message = `"${name}" is an event`;
      expect(() => room.emit(name)).toThrow(message);
      expect(() => ada.emit(name)).toThrow(message);
      expect(() => me.emit(name)).toThrow(message);
      await expect(me.ask(name)).rejects.toMatchObject({ code: "invalid_argument" });
      await expect(ada.ask(name)).rejects.toMatchObject({ code: "invalid_argument" });
    },
  );

  test("of the other side cannot be listened to, and those that begin with cw: neither", async () => {
    const { room } = await openTv();
    const { me } = await openFakePhone();
    expect(() => room.on("open", ignore)).toThrow('"open" is an event of the phone');
    expect(() => me.on("join", ignore)).toThrow('"join" is an event of the TV');
    for (const side of [room, me]) {
      expect(() => side.on("cw:ping", ignore)).toThrow('Names that begin with "cw:" are the SDK\'s own');
      expect(() => side.emit("cw:state")).toThrow('Names that begin with "cw:" are the SDK\'s own');
      expect(() => side.on("", ignore)).toThrow("1 to 64 bytes; this has 0");
      expect(() => side.emit("é".repeat(33))).toThrow("1 to 64 bytes; this has 66");
      // @ts-expect-error TypeScript would have said so.
      expect(() => side.emit(7)).toThrow('An event\'s name is a text such as "answer"; this is 7.');
    }
  });

  test.each(["__proto__", "toString", "constructor", "answer", "é".repeat(32)])(
    "%s is a name like any other",
    async (name) => {
      const { room, says } = await openTv();
      const told: unknown[] = [];
      room.on(name, (player, data) => told.push([Number(player), data]));
      says(2, { cw: "event", name, data: "x" });
      expect(told).toEqual([[2, "x"]]);
    },
  );

  test.each<[unknown, string]>([
    [() => 1, "An event carries what JSON can hold; this is function."],
    [1n, "An event carries what JSON can hold; this is bigint."],
    [new Uint8Array(2), "bytes travel with `send`"],
    [new ArrayBuffer(2), "bytes travel with `send`"],
  ])("data that JSON cannot hold is refused: %p", async (data, message) => {
    const { room, network } = await openTv();
    const { me } = await openFakePhone();
    expect(() => room.emit("x", data)).toThrow(message);
    expect(() => me.emit("x", data)).toThrow(message);
    await expect(me.ask("x", data)).rejects.toThrow(message);
    expect(network.socket.sent).toEqual([]);
  });
});

describe("events of a phone", () => {
  test("P5.10.1 go to the TV, and come from it by their names", async () => {
    const { me, network } = await openFakePhone();
    const told: unknown[] = [];
    me.on("text", (text) => told.push(["text", text]));
    me.on("hand", (data) => told.push(["hand", data]));
    listenersAreThere();
    me.emit("answer", 3);
    me.emit("buzz");
    network.socket.deliver('{"cw":"event","name":"hand","data":[1]}');
    network.socket.deliver('{"cw":"event","name":"unheard"}');
    network.socket.deliver("plain");
    expect(network.socket.sent).toEqual(['{"cw":"event","name":"answer","data":3}', '{"cw":"event","name":"buzz"}']);
    expect(told).toEqual([
      ["hand", [1]],
      ["text", "plain"],
    ]);
  });

  test("that are volatile are paced by their name, and what is not volatile sends the waiting one first", async () => {
    const { me, network } = await openFakePhone();
    for (const x of [1, 2, 3]) me.emit("pos", x, { volatile: true });
    me.emit("pos", 0);
    expect(network.socket.sent).toEqual([1, 3, 0].map((x) => `{"cw":"event","name":"pos","data":${x}}`));
  });

  test("that come before there is a listener wait for one, in order; what else happens is told at once", async () => {
    const { me, network } = await openFakePhone();
    const told: unknown[] = [];
    me.on("away", () => told.push("away"));
    network.socket.deliver("first");
    network.socket.deliver('{"cw":"event","name":"hand","data":7}');
    network.socket.deliver('{"cw":"event","name":"ready?","id":3}');
    listenersAreThere();
    network.socket.end(1006);
    expect(told).toEqual(["away"]);
    jest.runOnlyPendingTimers();
    network.socket.greet({ received: 0, next: 4 });
    me.on("hand", (data) => told.push(data));
    me.on("text", (text) => told.push(text));
    me.on("ready?", () => true);
    listenersAreThere();
    expect(told).toEqual(["away", "first", 7]);
    expect(repliesOf(network.socket)).toEqual([{ cw: "reply", id: 3, data: true }]);
  });
});

describe("P5.10.1 requests", () => {
  test("P5.10.1 of a phone are answered by what the first listener returns that returns something", async () => {
    const { room, network, says } = await openTv();
    room.on("half", () => undefined);
    room.on("half", (_player, data) => Number(data) / 2);
    room.on("half", () => "too late");
    says(2, { cw: "event", name: "half", data: 8, id: 7 });
    expect(textsOf(network.socket)).toEqual([{ cmd: "to_str", to: [2], data: '{"cw":"reply","id":7,"data":4}' }]);
  });

  test.each<[string, readonly (() => unknown)[], unknown]>([
    ["null where no listener returns anything", [() => undefined], { data: null }],
    ["a promise's value", [() => Promise.resolve("later")], { data: "later" }],
    ["the next one's where a promise has none", [() => Promise.resolve(), () => "second"], { data: "second" }],
    ["the first one's though the second is there at once", [async () => "first", () => "second"], { data: "first" }],
    ["null and false, which are answers", [() => false, () => true], { data: false }],
    ["an error where nothing listens", [], { code: "not_answered", error: 'Nothing listens to "q" there.' }],
    ["the error of a rejection", [() => Promise.reject(new Error("no"))], { code: "answer_failed", error: "no" }],
    ["another's where one rejects", [() => Promise.reject(new Error("no")), () => 2], { data: 2 }],
  ])("P5.10.1 are answered with %s", async (_what, listeners, answer) => {
    const { me, network } = await openFakePhone();
    for (const listener of listeners) me.on("q", listener);
    if (listeners.length === 0) me.on("text", () => undefined);
    listenersAreThere();
    network.socket.deliver('{"cw":"event","name":"q","id":12}');
    await jest.advanceTimersByTimeAsync(0);
    expect(repliesOf(network.socket)).toEqual([{ cw: "reply", id: 12, ...Object(answer) }]);
  });

  test("P5.10.1 whose listener throws are answered with its message, and the error is reported where it was thrown", async () => {
    const { me, network } = await openFakePhone();
    const bug = new Error("a bug in the game");
    me.on("q", () => {
      throw bug;
    });
    listenersAreThere();
    network.socket.deliver('{"cw":"event","name":"q","id":1}');
    expect(repliesOf(network.socket)).toEqual([
      { cw: "reply", id: 1, error: "a bug in the game", code: "answer_failed" },
    ]);
    expect(reported).toEqual([bug]);
  });

  test("P5.10.1 whose listener promises an answer and fails are answered and reported alike, also of several listeners", async () => {
    const { me, network } = await openFakePhone();
    const [first, second, late] = ["first", "second", "late"].map((message) => new Error(message));
    me.on("q", () => Promise.reject(first));
    me.on("q", () => Promise.reject(second));
    me.on("fine", () => Promise.resolve("fine"));
    me.on("fine", () => Promise.reject(late));
    network.socket.deliver('{"cw":"event","name":"q","id":1}');
    network.socket.deliver('{"cw":"event","name":"fine","id":2}');
    listenersAreThere();
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
    expect(repliesOf(network.socket).toSorted(byId)).toEqual([
      { cw: "reply", id: 1, error: "first", code: "answer_failed" },
      { cw: "reply", id: 2, data: "fine" },
    ]);
    expect(reported).toEqual([first, second, late]);
  });

  test("P5.10.1 whose listener throws what cannot be made text are answered, and so is the next one", async () => {
    const { me, network } = await openFakePhone();
    const bug: unknown = Object.create(null);
    me.on("q", () => {
      throw bug;
    });
    me.on("next", () => "fine");
    network.socket.deliver('{"cw":"event","name":"q","id":1}');
    network.socket.deliver('{"cw":"event","name":"next","id":2}');
    listenersAreThere();
    expect(repliesOf(network.socket)).toEqual([
      { cw: "reply", id: 1, error: "The listener threw what is no error.", code: "answer_failed" },
      { cw: "reply", id: 2, data: "fine" },
    ]);
  });

  test("P5.10.1 said again are answered once, a thousand of them too, and others answered meanwhile", async () => {
    const { room, network, says } = await openTv();
    const slowly: ((value: string) => void)[] = [];
    const calls: unknown[] = [];
    room.on("slow", (_player, data) => {
      calls.push(data);
      return new Promise((resolve) => void slowly.push(resolve));
    });
    room.on("quick", (_player, data) => calls.push(data));
    const ask = (name: string, id: number): void => says(1, { cw: "event", name, data: id, id });
    ask("slow", 1);
    for (let id = 2; id < 2_000; id++) ask("quick", id);
    for (let id = 1_100; id < 2_000; id++) ask("quick", id);
    ask("slow", 1);
    expect(calls).toEqual(Array.from({ length: 1_999 }, (_, index) => index + 1));
    for (const answer of slowly) answer("at last");
    await jest.advanceTimersByTimeAsync(0);
    ask("slow", 1);
    const replies = textsOf(network.socket).filter((text) => JSON.stringify(text).includes("reply"));
    expect(replies).toHaveLength(1_999);
    expect(calls).toHaveLength(1_999);
  });

  test.each(["1.5", "1e400", '"1"', "null", "{}"])("P5.10.1 an event whose id is %s is no request", async (id) => {
    const { room, network, says } = await openTv();
    const heard: unknown[] = [];
    room.on("q", (_player, data) => heard.push(data));
    says(1, `{"cw":"event","name":"q","data":1,"id":${id}}`);
    expect(heard).toEqual([1]);
    expect(textsOf(network.socket)).toEqual([]);
  });

  test("P5.10.1 that are answered with an error that is no text, however deep, reject", async () => {
    const { network, ada, says } = await openTv();
    const asked = ada.ask("ready?");
    const [request] = textsOf(network.socket).map((text) => JSON.parse(String(Object(text).data)));
    says(1, `{"cw":"reply","id":${request.id},"error":${NESTED}}`);
    await expect(asked).rejects.toMatchObject({ code: "answer_failed" });
  });

  test.each([
    ["a state", `{"cw":"state","set":{"deep":${NESTED}},"n":1}`],
    ["a profile", `{"cw":"event","name":"cw:profile","data":{"meta":{"deep":${NESTED}}}}`],
    ["a profile as a request", `{"cw":"event","name":"cw:profile","id":1,"data":{"meta":{"deep":${NESTED}}}}`],
    ["a request that is echoed", `{"cw":"event","name":"echo","id":2,"data":${NESTED}}`],
  ])("P5.10.1 %s that is nested too deep costs no other frame its turn", async (_what, text) => {
    const { room, ada, says } = await openTv();
    const heard: unknown[] = [];
    room.on("hello", (player) => heard.push(player.id));
    room.on("echo", (_player, data) => data);
    for (let time = 0; time < 2; time++) {
      says(1, text);
      says(2, { cw: "event", name: "hello" });
      await jest.advanceTimersByTimeAsync(0);
    }
    expect(heard).toEqual([2, 2]);
    expect([ada.meta, ada.state.all()]).toEqual([{}, {}]);
  });

  test("P5.10.1 whose answer JSON cannot hold say so", async () => {
    const { me, network } = await openFakePhone();
    me.on("q", () => new Uint8Array(3));
    listenersAreThere();
    network.socket.deliver('{"cw":"event","name":"q","id":1}');
    expect(repliesOf(network.socket)).toEqual([
      { cw: "reply", id: 1, error: expect.stringContaining("bytes travel with `send`"), code: "answer_failed" },
    ]);
    expect(reported).toHaveLength(1);
  });

  test("the latency of a player that never was is an error at once, and makes no player", async () => {
    const { room, network } = await openTv();
    await expect(room.latency(99)).rejects.toMatchObject({ code: "invalid_argument" });
    expect(room.player(99)).toBeUndefined();
    expect(network.socket.sent).toEqual([]);
  });

  test("P5.10.1 resolve with the first answer to their number, of the one who was asked", async () => {
    const { network, ada, ben, says } = await openTv();
    const asked = [ada.ask("ready?", { n: 1 }), ben.ask("ready?")];
    const [first, second] = textsOf(network.socket).map((text) => {
      const { data } = Object(text);
      return JSON.parse(data);
    });
    expect(first).toEqual({ cw: "event", name: "ready?", data: { n: 1 }, id: expect.any(Number) });
    expect(second.id).toBe(first.id + 1);
    says(2, { cw: "reply", id: first.id, data: "forged" });
    says(1, { cw: "reply", id: first.id, data: "yes" });
    says(1, { cw: "reply", id: first.id, data: "no" });
    says(2, { cw: "reply", id: second.id, error: "I cannot.", code: "answer_failed" });
    await expect(asked[0]).resolves.toBe("yes");
    await expect(asked[1]).rejects.toMatchObject({
      name: "CouchwireError",
      code: "answer_failed",
      message: "I cannot.",
    });
  });

  test.each([
    [{ error: "Nothing listens there.", code: "not_answered" }, "not_answered"],
    [{ error: "Of another program." }, "answer_failed"],
    [{ error: "A code of its own.", code: "invalid_argument" }, "answer_failed"],
    [{ error: "" }, "answer_failed"],
  ])("P5.10.1 reject with what the other side says: %j", async (said, code) => {
    const { me, network } = await openFakePhone();
    const asked = me.ask("q");
    const { id } = Object(repliesOf(network.socket)[0]);
    network.socket.deliver(JSON.stringify({ cw: "reply", id, ...said }));
    await expect(asked).rejects.toMatchObject({ code, message: said.error });
  });

  test("have a time-out, after which the answer is nothing; one that was never written is not sent any more", async () => {
    const { me, network } = await openFakePhone();
    const asked = me.ask("q", 1, { timeoutMs: 300 });
    const usual = me.ask("q");
    const rejections = Promise.allSettled([asked, usual]);
    jest.advanceTimersByTime(300);
    await expect(asked).rejects.toMatchObject({ code: "timeout", message: 'There is no answer to "q" after 300 ms.' });
    const { id } = Object(repliesOf(network.socket)[0]);
    network.socket.deliver(JSON.stringify({ cw: "reply", id, data: 1 }));
    jest.advanceTimersByTime(9_699);
    network.socket.end(1006);
    network.socket.sent.length = 0;
    jest.advanceTimersByTime(1);
    expect(await rejections).toMatchObject([{ reason: { code: "timeout" } }, { reason: { code: "timeout" } }]);
  });

  test.each([0, -1, 1.5, NaN, Infinity, 3_600_001, "10"])(
    "have a time-out of whole milliseconds, not %p",
    async (timeoutMs) => {
      const { me } = await openFakePhone();
      // @ts-expect-error TypeScript would have said so.
      await expect(me.ask("q", 1, { timeoutMs })).rejects.toThrow(
        "`timeoutMs` has to be whole milliseconds from 1 to 3600000",
      );
      // @ts-expect-error TypeScript would have said so.
      await expect(me.ask("q", 1, { timeout: 5 })).rejects.toThrow("Did you mean `timeoutMs`?");
    },
  );

  test("are closed when the phone leaves, when the room ends, and after that", async () => {
    const { me } = await openFakePhone();
    const { room, network, ada, ben } = await openTv();
    const asked = [me.ask("q"), ada.ask("q"), ben.ask("q")];
    me.close();
    tell(network.socket, { cmd: "player_left", player: 1 });
    room.close();
    const settled = await Promise.allSettled([...asked, me.ask("q"), ben.ask("q")]);
    expect(settled.map((each) => Object(each).reason.code)).toEqual(Array(5).fill("closed"));
    expect(jest.getTimerCount()).toBe(0);
  });

  test("wait for an answer at most a thousand at once", async () => {
    const { ada, room } = await openTv();
    const asked = Array.from({ length: 1_000 }, () => ada.ask("q"));
    await expect(ada.ask("q")).rejects.toMatchObject({ code: "queue_full" });
    const settled = Promise.allSettled(asked);
    room.close();
    expect((await settled).every(({ status }) => status === "rejected")).toBe(true);
  });

  test("of one peer are left unanswered at most a thousand at once", async () => {
    const { me, network } = await openFakePhone();
    me.on("q", () => new Promise(() => undefined));
    listenersAreThere();
    for (let id = 1; id <= 1_001; id++) network.socket.deliver(`{"cw":"event","name":"q","id":${id}}`);
    expect(repliesOf(network.socket).filter((reply) => Object(reply).cw === "reply")).toEqual([
      { cw: "reply", id: 1_001, error: "1000 requests have no answer yet.", code: "not_answered" },
    ]);
  });

  test("P5.10.3 that measure the line are answered at once, also where nothing listens yet", async () => {
    const { me, network } = await openFakePhone();
    network.socket.deliver('{"cw":"event","name":"cw:ping","id":4}');
    expect(repliesOf(network.socket)).toEqual([{ cw: "reply", id: 4, data: null }]);
    expect(me.isConnected).toBe(true);
  });
});
