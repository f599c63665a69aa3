import { describe, expect, test } from "@jest/globals";
import { decodeHostFrame } from "../../../src/protocol/decode-host-frame.ts";
import { createHostEncoder } from "../../../src/session/host-encoder.ts";
import { bytes, FakePort } from "../../support/room/fake-port.ts";
import { FakeRoom, LIMITS } from "../../support/room/fake-room.ts";

const TV = { isReliable: false, sessionHash: "tv" } as const;
const RELIABLE_TV = { isReliable: true, sessionHash: "tv" } as const;
/** What `{"cmd":"from_str","from":1,"data":"a"}` and its like cost in a buffer. */
const FRAME_COST = 38 + 64;

describe("a host that goes away", () => {
  test("P5.4.10 without a session the room is over, with one it waits and its players stay", () => {
    const plain = FakeRoom.open();
    const left = plain.join();
    plain.hostGone();
    expect([left.port.closing?.name, plain.isFindable]).toEqual(["room_closed", false]);

    const room = FakeRoom.open({}, TV);
    const stays = room.join();
    room.hostGone();
    expect([stays.port.closing, room.isFindable]).toEqual([undefined, true]);
  });

  test("P5.4.10 one that closes with 1000 has ended the game", () => {
    const room = FakeRoom.open({}, TV);
    const { port } = room.join();
    room.hostGone("left");
    expect(port.closing?.name).toBe("room_closed");
    expect(room.clock.pending).toBe(0);
  });

  test("P5.4.10 the grace ends the room with 1001", () => {
    const room = FakeRoom.open({}, TV);
    const { port } = room.join({ sessionHash: "anna" });
    room.hostGone();
    room.clock.pass(LIMITS.hostGraceMs - 1);
    expect(port.closing).toBeUndefined();
    room.clock.pass(1);
    expect([port.closing?.name, room.isFindable, room.clock.pending]).toEqual(["room_closed", false, 0]);
    expect(room.hostBack(TV)).toBe(false);
  });

  test("P5.4.10 a host that is back in time has the whole grace again the next time", () => {
    const room = FakeRoom.open({}, TV);
    for (let round = 0; round < 3; round++) {
      room.hostGone();
      room.clock.pass(LIMITS.hostGraceMs - 1);
      expect(room.hostBack(TV)).toBe(true);
    }
    expect(room.clock.pending).toBe(0);
    room.clock.pass(1_000_000);
    expect(room.isFindable).toBe(true);
  });

  test("P5.4.10 before `prepare` there is nothing to come back to", () => {
    const room = new FakeRoom({}, TV);
    room.hostGone();
    expect([room.isForgotten, room.clock.pending]).toEqual([true, 0]);
  });

  test("P5.4.10 phones join, leave and go away meanwhile; the host reads of it when it is back", () => {
    const room = FakeRoom.open({}, TV);
    room.heard();
    room.hostGone();
    const anna = room.join({ sessionHash: "anna", name: "Anna" });
    room.say(anna, "hi");
    room.cut(anna);
    room.clock.pass(LIMITS.awayMs);
    room.cut(room.join());
    room.hostBack(TV);
    expect(room.news()).toEqual([
      { cmd: "prepare_reply", key: "BCDF" },
      { cmd: "player_joined", player: 1, name: "Anna" },
      { cmd: "from_str", from: 1, data: "hi" },
      { cmd: "player_away", player: 1 },
      { cmd: "player_joined", player: 2 },
      { cmd: "player_left", player: 2 },
    ]);
  });

  test("P5.4.2 a host that connects again before its old line is known to be dead replaces it at once", () => {
    const room = FakeRoom.open({}, TV);
    const old = room.hostPort;
    const oldConnection = room.hostConnection;
    const phone = room.join();
    room.say(phone, "lost on the dead line");
    room.hostBack(TV);
    expect(old.closing?.name).toBe("replaced");
    oldConnection.message(bytes('{"cmd":"stop"}'), true);
    oldConnection.gone("cut");
    oldConnection.confirmed(99);
    expect(phone.port.closing).toBeUndefined();
    expect(room.news().at(-1)).toMatchObject({ data: "lost on the dead line" });
    expect([room.clock.pending, old.framesAfterClose]).toEqual([0, 0]);
  });

  test("P5.2.4 a connection that the same page's next one has overtaken does not take the room from it", () => {
    const room = FakeRoom.open({}, { ...TV, attempt: { page: "a", number: 1 } });
    expect(room.hostBack({ ...TV, attempt: { page: "a", number: 3 } })).toBe(true);
    expect(room.hostBack({ ...TV, attempt: { page: "a", number: 2 } })).toBe(false);
    expect(room.hostPort.closing).toBeUndefined();
    expect(room.hostBack({ ...TV, attempt: { page: "b", number: 1 } })).toBe(true);
  });

  test("P5.4.12 only in the format that it left in", () => {
    const room = FakeRoom.open({}, TV);
    room.hostGone();
    const back = room.hostConnection.host.comeBack(new FakePort(), createHostEncoder("cbor", "array"), TV);
    expect(back).toMatchObject({ ok: false, failure: "bad_request" });
    expect(room.hostBack(TV)).toBe(true);
  });
});

describe("what waits for an away host", () => {
  test("P5.4.12 comes after state, prepare_reply and restore, in order", () => {
    const room = FakeRoom.open({}, TV);
    const anna = room.join();
    const ben = room.join();
    room.tell({ cmd: "save", data: "round 2" });
    room.hostGone();
    for (const [phone, text] of [
      [anna, "1"],
      [ben, "2"],
      [anna, "3"],
    ] as const)
      room.say(phone, text);
    room.hostBack(TV);
    expect(room.heard()).toEqual([
      { cmd: "state", name: "sketch", players: [1, 2], max_players: 8, accept_conns: true },
      { cmd: "prepare_reply", key: "BCDF" },
      { cmd: "restore", data: "round 2" },
      { cmd: "from_str", from: 1, data: "1" },
      { cmd: "from_str", from: 2, data: "2" },
      { cmd: "from_str", from: 1, data: "3" },
    ]);
  });

  test("P5.4.11 beyond the buffer players are paused, nothing is dropped, and all goes on when it is back", () => {
    const room = FakeRoom.open({ hostBuffer: 5 * FRAME_COST, sendQueue: 10 }, TV);
    const anna = room.join();
    const ben = room.join({ sessionHash: "ben" });
    room.hostConnection.confirmed(99);
    room.heard();
    room.hostGone();
    for (let text = 1; text <= 5; text++) room.say(anna, String(text));
    expect(anna.port.isPaused).toBe(false);
    room.say(anna, "6");
    expect([anna.port.isPaused, ben.port.isPaused]).toEqual([true, true]);
    // What had been read before the pause still comes, and a phone that connects again waits like the others.
    room.say(ben, "7");
    const again = room.join({ sessionHash: "ben" });
    expect(again.port.isPaused).toBe(true);
    expect(room.refusal()).toBe("overloaded");
    room.hostBack(TV);
    expect([anna.port.isPaused, again.port.isPaused]).toEqual([false, false]);
    expect(
      room
        .heard()
        .filter(({ cmd }) => cmd === "from_str")
        .map(({ data }) => data),
    ).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
  });

  test("P5.4.11 a host that was too slow and then went away leaves its players free until the larger buffer is full", () => {
    const room = FakeRoom.open({ sendQueue: 10 }, TV);
    const anna = room.join();
    room.hostPort.queued = 11;
    room.say(anna, "1");
    expect(anna.port.isPaused).toBe(true);
    room.hostGone();
    expect(anna.port.isPaused).toBe(false);
  });

  test("P5.4.13 a slow host pauses its players, and a drained one lets them go on", () => {
    const room = FakeRoom.open({ sendQueue: 10 }, TV);
    const anna = room.join();
    room.hostPort.queued = 11;
    room.say(anna, "1");
    expect(anna.port.isPaused).toBe(true);
    room.hostPort.queued = 10;
    room.hostConnection.drained();
    expect(anna.port.isPaused).toBe(false);
    expect(room.observer.seen.filter(([what]) => what === "hostCongested")).toEqual([
      ["hostCongested", "BCDF", true],
      ["hostCongested", "BCDF", false],
    ]);
  });

  test("P5.4.13 a host that does not even read what the room tells is cut with 4031 and may come back", () => {
    const room = FakeRoom.open({ sendQueue: 1_000 }, TV, 30);
    const { port } = room.join({ sessionHash: "anna" });
    const others = Array.from({ length: 20 }, () => room.join());
    room.heard();
    const slow = room.hostPort;
    slow.queued = 1_001;
    for (const other of others) {
      if (slow.closing !== undefined) break;
      room.cut(other, "cut");
      room.hostConnection.drained(); // of a little: it is still behind
    }
    expect(slow.closing?.name).toBe("slow_consumer");
    expect(slow.framesAfterClose).toBe(0);
    expect(port.closing).toBeUndefined();
    room.hostBack(TV);
    expect(room.news().filter(({ cmd }) => cmd === "player_left").length).toBeGreaterThan(3);
    room.hostPort.queued = 1_001; // what waited for it is a lot, and says nothing of how it reads now
    room.join();
    expect(room.hostPort.closing).toBeUndefined();
  });

  test("P5.4.13 what one has caught up with is not held against it the next time", () => {
    const room = FakeRoom.open({ sendQueue: 1_000 }, TV, 30);
    for (let round = 0; round < 5; round++) {
      room.hostPort.queued = 1_001;
      for (let count = 0; count < 3; count++) room.cut(room.join(), "cut");
      room.hostPort.queued = 1_000;
      room.hostConnection.drained();
    }
    expect(room.hostPort.closing).toBeUndefined();
    expect(room.refusal()).toBeUndefined();
  });
});

describe("newcomers to a host that is slow", () => {
  test("P5.4.13 are told to it, until so much waits for it that they alone could fill its queue", () => {
    const room = FakeRoom.open({ sendQueue: 1_000 }, TV);
    room.hostPort.queued = 1_001;
    let refusal: string | undefined;
    for (let count = 0; count < 50 && refusal === undefined; count++) {
      const joined = room.room.join(new FakePort());
      if (joined.ok) joined.value.gone("cut");
      else refusal = joined.failure;
    }
    expect(refusal).toBe("overloaded");
    expect(room.hostPort.closing).toBeUndefined();
    room.hostPort.queued = 0;
    expect(room.refusal({ isReliable: false })).toBeUndefined();
  });
});

describe("checkpoints", () => {
  test("P5.3.6 the newest is restored, text and bytes, at each return", () => {
    const room = FakeRoom.open({}, TV);
    room.tell({ cmd: "save", data: "old" });
    room.tell({ cmd: "save", data: Uint8Array.of(1, 2) });
    for (let round = 0; round < 2; round++) {
      room.hostBack(TV);
      expect(room.heard()).toContainEqual({ cmd: "restore", data: [1, 2] });
    }
  });

  test("P5.3.6 no save, no restore; and no answer to a save", () => {
    const room = FakeRoom.open({}, TV);
    room.hostGone();
    room.hostBack(TV);
    expect(room.heard().map(({ cmd }) => cmd)).toEqual(["state", "prepare_reply"]);
    expect(room.tell({ cmd: "save", data: "" })).toEqual([]);
    room.hostBack(TV);
    expect(room.heard().at(-1)).toEqual({ cmd: "restore", data: "" });
  });

  test("P5.3.6 64 KiB, in text and in bytes, and not one more", () => {
    expect(save("x".repeat(65_536))).toMatchObject({ ok: true });
    expect(save("x".repeat(65_537))).toMatchObject({ ok: false, failure: { code: "too_large", in: "save" } });
    expect(save("ü".repeat(32_769))).toMatchObject({ ok: false, failure: { code: "too_large" } });
    expect(save(Array.from({ length: 65_537 }, () => 1))).toMatchObject({ ok: false, failure: { code: "too_large" } });
    expect(save(7)).toMatchObject({ ok: false, failure: { code: "invalid_field" } });
  });

  test("P5.9.8 values with keys come back with the one without, whatever the host speaks", () => {
    for (const format of ["json", "cbor"] as const) {
      const room = FakeRoom.open({ format }, TV);
      room.tellFrame({ cmd: "save", key: "round", data: "3" });
      room.hostBack(TV);
      expect(room.heard()[2]).toEqual({ cmd: "restore", keys: { round: "3" } });
      room.tellFrame({ cmd: "save", data: "whole" });
      expect(room.tellFrame({ cmd: "save", keys: { round: null, bytes: [1, 2], __proto: "x" } })).toEqual([]);
      room.hostBack(TV);
      const bytesOf = format === "json" ? [1, 2] : Uint8Array.of(1, 2);
      const keys = { bytes: bytesOf, __proto: "x" };
      expect(room.heard()[2]).toEqual({ cmd: "restore", data: "whole", keys });
    }
  });

  test("P5.9.8 a save that is too large is refused and changes nothing, the count of its frames neither", () => {
    const room = openCounting();
    const anna = room.join();
    const seen = room.hostPort.read().data.length;
    for (const text of ["1", "2"]) room.say(anna, text);
    room.tellFrame({ cmd: "save", key: "a", data: "x".repeat(200_000), received: seen + 1 });
    const refused = room.tellFrame({ cmd: "save", key: "b", data: "x".repeat(100_000), received: seen + 2 });
    expect(refused).toMatchObject([{ cmd: "error", code: "too_large", in: "save" }]);
    room.hostGone();
    room.hostBack(RELIABLE_TV);
    const events = room.hostPort.read().data.map((frame) => JSON.parse(String(frame)) as unknown);
    expect(events[2]).toEqual({ cmd: "restore", keys: { a: "x".repeat(200_000) } });
    expect(events[3]).toMatchObject({ data: "2" });
  });

  test("P5.9.8 a save with keys says what it includes only where it has `received`; without, it changes nothing in that", () => {
    const room = openCounting();
    const anna = room.join();
    const seen = room.hostPort.read().data.length;
    for (const text of ["1", "2", "3"]) room.say(anna, text);
    room.tellFrame({ cmd: "save", keys: { a: "knows 1" }, received: seen + 1 });
    room.tellFrame({ cmd: "save", keys: { b: "knows nothing" } });
    room.hostConnection.message(bytes(`\0ack ${seen + 3}`), true);
    room.hostBack(RELIABLE_TV);
    const { data } = room.hostPort.read();
    expect(data.slice(3).map((frame) => JSON.parse(String(frame)) as unknown)).toMatchObject([
      { data: "2" },
      { data: "3" },
    ]);
  });

  test("P5.5.10 a reloaded counting host gets its checkpoint and then every frame after it", () => {
    const room = openCounting();
    const anna = room.join();
    const seen = room.hostPort.read().data.length; // state, state, prepare_reply, player_joined, state
    for (const text of ["1", "2", "3"]) room.say(anna, text);
    room.hostConnection.host.command({ cmd: "save", data: "knows 1", received: seen + 1 });
    room.hostConnection.message(bytes(`\0ack ${seen + 3}`), true);
    room.hostGone();
    room.say(anna, "4");
    room.hostBack(RELIABLE_TV);
    const { hello, data } = room.hostPort.read();
    expect(hello).toMatchObject({ greeting: 3, next: seen + 2, lost: 0, received: 0 });
    expect(data.map((frame) => JSON.parse(String(frame)) as unknown)).toMatchObject([
      { cmd: "state" },
      { cmd: "prepare_reply" },
      { cmd: "restore", data: "knows 1" },
      { data: "2" },
      { data: "3" },
      { data: "4" },
    ]);
  });

  test("P5.5.10 a reloaded counting host that ends its checkpoint's hold is still sent every frame that waits for it", () => {
    const room = openCounting();
    const anna = room.join();
    const seen = room.hostPort.read().data.length;
    for (const text of ["1", "2", "3"]) room.say(anna, text);
    room.hostConnection.host.command({ cmd: "save", data: "knows 1", received: seen + 1 });
    room.hostConnection.message(bytes(`\0ack ${seen + 3}`), true);
    room.hostGone();
    const slow = new FakePort();
    slow.isBusy = true;
    room.hostBack(RELIABLE_TV, slow);
    expect(slow.read().data).toHaveLength(3);
    room.hostConnection.host.command({ cmd: "save", data: "knows 1" });
    slow.isBusy = false;
    room.hostConnection.drained();
    room.say(anna, "4");
    expect(slow.read().data.map((frame) => JSON.parse(String(frame)) as unknown)).toMatchObject([
      { data: "2" },
      { data: "3" },
      { data: "4" },
    ]);
  });

  test("P5.5.2 a counting host that goes on gets exactly what it had not, after the same greeting", () => {
    const room = openCounting();
    const first = room.hostPort.read();
    const epoch = first.hello?.epoch ?? "";
    const anna = room.join();
    room.say(anna, "1");
    room.hostGone();
    room.hostBack({ ...RELIABLE_TV, received: first.data.length + 2, epoch });
    const { hello, data } = room.hostPort.read();
    expect(hello).toMatchObject({ epoch, greeting: 2, next: first.data.length + 3, lost: 0 });
    expect(data.at(-1)).toBe('{"cmd":"from_str","from":1,"data":"1"}');
    expect(data).toHaveLength(3);
  });

  test("P5.5.6 a host that claims more than was sent is refused, and the room stays", () => {
    const room = openCounting();
    const epoch = room.hostPort.read().hello?.epoch ?? "";
    expect(room.hostBack({ ...RELIABLE_TV, received: 1_000, epoch })).toBe(false);
    expect(room.hostPort.closing).toBeUndefined();
  });

  test("P5.5.6 nonsense ends the line with 4500, and nothing else: the room waits for the host, the seat for the phone", () => {
    const room = FakeRoom.open({}, RELIABLE_TV);
    const anna = room.join({ sessionHash: "anna", isReliable: true });
    room.say(anna, "\0nonsense");
    expect(anna.port.closing?.name).toBe("bad_request");
    room.show("waits");
    expect([anna.port.framesAfterClose, room.join({ sessionHash: "anna", isReliable: true }).player]).toEqual([0, 1]);
    const host = room.hostPort;
    room.hostConnection.message(bytes("\0nonsense"), true);
    expect(host.closing?.name).toBe("bad_request");
    expect(room.isFindable).toBe(true);
    expect(room.hostBack(RELIABLE_TV)).toBe(true);
    expect(host.framesAfterClose).toBe(0);
  });

  test("P5.5.5 the host hears of frames that a phone had to drop, and not of those of its own", () => {
    const room = FakeRoom.open();
    const anna = room.join({ sessionHash: "anna", isReliable: true });
    room.heard();
    room.say(anna, "1");
    room.say(anna, "\0skip 2");
    room.say(anna, "4");
    expect(room.heard()).toEqual([
      { cmd: "from_str", from: 1, data: "1" },
      { cmd: "gap", player: 1, lost: 2 },
      { cmd: "from_str", from: 1, data: "4" },
    ]);
  });
});

/** An open room of a counting host, none of whose frames has been read yet. */
function openCounting(): FakeRoom {
  const room = new FakeRoom({}, RELIABLE_TV);
  room.room.command({ cmd: "prepare", max_players: 8, name: "sketch" });
  return room;
}

function save(data: unknown): unknown {
  return decodeHostFrame(bytes(JSON.stringify({ cmd: "save", data })), true);
}
