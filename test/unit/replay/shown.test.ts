/** What a replay waits for: what the other side had shown in the recording by then. */
import { describe, expect, test } from "@jest/globals";
import { answeredAsk, answering } from "../../../src/replay/replies.ts";
import { LiveShowing, RecordedShowing } from "../../../src/replay/shown.ts";
import { atThisTime } from "../../../src/replay/times.ts";

type Frame = string | Uint8Array<ArrayBuffer>;

const NEVER = new AbortController().signal;

/** The codes of the room here, and of the recorded one. */
const HERE = "CDFG";
const THERE = "BCDF";

const state = (set: object, more: object = {}): string => JSON.stringify({ cw: "state", set, ...more });
const event = (name: string, id?: number): string =>
  JSON.stringify({ cw: "event", name, ...(id !== undefined && { id }) });

function shown(...frames: readonly Frame[]): LiveShowing {
  const live = new LiveShowing(HERE);
  for (const frame of frames) live.add(frame);
  return live;
}

function recorded(...frames: readonly Frame[]): RecordedShowing {
  const showing = new RecordedShowing(THERE);
  for (const [index, frame] of frames.entries()) showing.add(frame, 1_000 * index);
  return showing;
}

describe("what has to be shown", () => {
  test("is each kind of frame as often as in the recording", () => {
    const needed = recorded("text", Uint8Array.of(1), event("time-up"), "more").neededFor("");
    expect(shown().lacks(needed)).toEqual(["text", "binary", "event time-up"]);
    expect(shown("other", Uint8Array.of(2), event("time-up")).lacks(needed)).toEqual(["text"]);
    expect(shown("other", Uint8Array.of(2), event("time-up"), "words").lacks(needed)).toEqual([]);
  });

  test("is the value of each key of a state, whatever its order, its version and its times of day", () => {
    const showing = recorded(state({ scene: { name: "vote", n: 1 }, until: 1_796_000_000_000 }, { v: 3 }));
    const needed = showing.neededFor("");
    expect(shown(state({ scene: { n: 1, name: "draw" } })).lacks(needed)).toEqual(["room.scene", "room.until"]);
    const other = state({ scene: { n: 1, name: "vote" }, until: 1_799_000_000_000 }, { v: 9 });
    expect(shown(other).lacks(needed)).toEqual([]);
  });

  test("leaves out the code of its room, which is another one here", () => {
    const needed = recorded(state({ scene: `lobby ${THERE}`, join: { url: `http://tv/${THERE}` } })).neededFor("");
    const lobby = { join: { url: `http://tv/${HERE}` }, scene: `lobby ${HERE}` };
    expect(shown(state(lobby)).lacks(needed)).toEqual([]);
    expect(shown(state({ ...lobby, scene: "lobby DFGH" })).lacks(needed)).toEqual(["room.scene"]);
  });

  test("counts as shown where it was, and has gone on since", () => {
    const needed = recorded(state({ step: 1 })).neededFor("");
    expect(shown(state({ step: 1 }), state({ step: 2 })).lacks(needed)).toEqual([]);
    expect(shown(state({ step: 0 }), state({ step: 2 })).lacks(needed)).toEqual(["room.step"]);
  });

  test("keeps the states of room and player apart, and knows keys that are gone", () => {
    const whole = recorded(state({ a: 1, b: 1 }, { player: 2 }), state({ b: 2 }, { player: 2, all: true }));
    const needed = whole.neededFor("");
    expect(shown(state({ b: 2 })).lacks(needed)).toEqual(["player.b"]);
    expect(shown(state({ a: 1, b: 2 }, { player: 4 }), state({ a: null }, { player: 4 })).lacks(needed)).toEqual([]);
  });

  test("leaves out what may be dropped, and a stream but for its beginning", () => {
    const showing = new RecordedShowing(THERE);
    showing.add("volatile", 0, false);
    for (let n = 0; n < 100; n++) showing.add(Uint8Array.of(n), 20 * n);
    expect([...showing.neededFor("").counts]).toEqual([["binary", 10]]);
  });

  test("is what is new since the last look alone", async () => {
    const showing = recorded(state({ a: 1 }));
    const live = shown(state({ a: 1 }));
    expect(await live.until(showing.neededFor(""), 0, NEVER)).toEqual([]);
    showing.settle();
    showing.add(state({ b: 1 }), 1);
    live.add(state({ a: 7 }));
    expect(live.lacks(showing.neededFor(""))).toEqual(["room.b"]);
  });
});

describe("waiting", () => {
  test("ends with the frame that was missing", async () => {
    const live = shown();
    const waiting = live.until(recorded("text", state({ a: 1 })).neededFor(""), 60_000, NEVER);
    live.add(state({ a: 1 }));
    live.add("words");
    expect(await waiting).toEqual([]);
  });

  test("ends after its time; what never came is not waited for again, and a key not more than twice", async () => {
    const live = shown();
    const needed = recorded("text", state({ a: 1 })).neededFor("");
    expect(await live.until(needed, 1, NEVER)).toEqual(["text", "room.a"]);
    expect(await live.until(needed, 1, NEVER)).toEqual(["room.a"]);
    expect(live.lacks(needed)).toEqual([]);
  });

  test("ends where the replay is stopped", async () => {
    const stop = new AbortController();
    const waiting = shown().until(recorded("text").neededFor(""), 60_000, stop.signal);
    stop.abort();
    expect(await waiting).toEqual(["text"]);
  });
});

describe("answers", () => {
  const asks = [71, 72, 73];
  const reply = JSON.stringify({ cw: "reply", id: 72, data: "blue" });

  test("have the number of the request that is asked now, and wait for it", () => {
    expect(answeredAsk(reply, asks)).toBe(1);
    expect(answering(reply, asks, [5, 6, 7])).toBe('{"cw":"reply","id":6,"data":"blue"}');
    const showing = recorded(event("colour", 71), event("colour", 72));
    expect(showing.neededFor(reply).asks).toBe(2);
    expect(shown(event("colour", 8)).lacks(showing.neededFor(reply))).toContain("request");
    expect(shown(event("colour", 8), event("colour", 9)).lacks(showing.neededFor(reply))).toEqual([]);
  });

  test("to nothing in the recording, and all else, stay as they are", () => {
    for (const frame of [JSON.stringify({ cw: "reply", id: 1 }), event("x", 72), "text", Uint8Array.of(1)]) {
      expect(answering(frame, asks, [5, 6, 7])).toBe(frame);
    }
    expect(answering(reply, asks, [5])).toBe(reply);
  });
});

test("times of day are as far from now as they were then; other numbers stay, and so do frames of the game", () => {
  const then = 1_796_000_000_000;
  const now = 1_800_000_000_000;
  expect(atThisTime(state({ until: then + 5_000, score: 1_000, big: 1e15 }), then, now)).toBe(
    state({ until: now + 5_000, score: 1_000, big: 1e15 }),
  );
  for (const frame of [String(then), `{"until":${then}}`, Uint8Array.of(1)]) {
    expect(atThisTime(frame, then, now)).toBe(frame);
  }
});
