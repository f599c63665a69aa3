import { describe, expect, test } from "@jest/globals";
import { bytes, FakePort } from "../../support/room/fake-port.ts";
import { FakeRoom, LIMITS } from "../../support/room/fake-room.ts";

const ANNA = { sessionHash: "anna" } as const;
const BEN = { sessionHash: "ben" } as const;

describe("going away and coming back", () => {
  test("P5.4.3 the host is told nothing of a player that is back within the debounce", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    room.heard();
    room.cut(anna);
    room.clock.pass(LIMITS.awayMs - 1);
    expect(room.join(ANNA).player).toBe(1);
    room.clock.pass(1_000_000);
    expect(room.heard()).toEqual([]);
  });

  test("P5.4.3 player_away after the debounce, player_back with what was missed, and no state: nothing has changed", () => {
    const room = FakeRoom.open({ seatBuffer: 2 * 65 });
    const anna = room.join(ANNA);
    room.heard();
    room.cut(anna);
    room.clock.pass(LIMITS.awayMs);
    expect(room.heard()).toEqual([{ cmd: "player_away", player: 1 }]);
    for (const text of ["1", "2", "3", "4", "5"]) room.show(text);
    const back = room.join(ANNA);
    expect(room.heard()).toEqual([{ cmd: "player_back", player: 1, missed: 3 }]);
    expect(back.port.take()).toEqual(["4", "5"]);
  });

  test("P5.4.3 the debounce runs on while the host locks and opens the room", () => {
    const room = FakeRoom.open();
    room.cut(room.join(ANNA));
    room.heard();
    room.clock.pass(LIMITS.awayMs - 1);
    room.tell({ cmd: "start" });
    room.tell({ cmd: "open" });
    room.heard();
    room.clock.pass(1);
    expect(room.heard()).toEqual([{ cmd: "player_away", player: 1 }]);
  });

  test("P5.4.3 missed frames are told even where the absence was not", () => {
    const room = FakeRoom.open({ seatBuffer: 65 });
    room.cut(room.join(ANNA));
    room.heard();
    room.show("1");
    room.show("2");
    room.join(ANNA);
    expect(room.heard()).toEqual([{ cmd: "player_back", player: 1, missed: 1 }]);
  });

  test("P5.4.3 an away player is still a player: in the state, and in no other player's way", () => {
    const room = FakeRoom.open({}, undefined, 2);
    room.cut(room.join(ANNA));
    room.clock.pass(LIMITS.awayMs);
    room.join(BEN);
    expect(room.heard().at(-1)).toMatchObject({ cmd: "state", players: [1, 2], accept_conns: false });
  });

  test("P5.4.1 a full and locked room lets in phones that have a seat, and no others", () => {
    const room = FakeRoom.open({}, undefined, 1);
    room.cut(room.join(ANNA));
    room.tell({ cmd: "start" });
    expect(room.refusal(BEN)).toBe("room_locked");
    expect(room.refusal()).toBe("room_locked");
    expect(room.join(ANNA).player).toBe(1);
    room.tell({ cmd: "open" });
    expect(room.refusal(BEN)).toBe("room_full");
    expect(room.join(ANNA).player).toBe(1);
  });

  test("P5.4.2 a second connection takes the seat at once; the first is closed with replaced and counts no more", () => {
    const room = FakeRoom.open();
    const old = room.join(ANNA);
    room.heard();
    const fresh = room.join(ANNA);
    expect(old.port.closing?.name).toBe("replaced");
    room.say(old, "from the grave");
    room.cut(old);
    room.say(fresh, "alive");
    room.clock.pass(1_000_000);
    expect(room.heard()).toEqual([{ cmd: "from_str", from: 1, data: "alive" }]);
    room.show("hello");
    expect(fresh.port.take()).toEqual(["hello"]);
    expect(old.port.framesAfterClose).toBe(0);
  });

  test("P5.4.2 what the dead line had not confirmed goes to the new one", () => {
    const room = FakeRoom.open();
    const old = room.join(ANNA);
    room.show("1");
    old.connection.confirmed(1);
    room.show("2");
    room.show("3");
    const fresh = room.join(ANNA);
    expect(fresh.port.take()).toEqual(["2", "3"]);
    old.connection.confirmed(3); // a pong from the grave confirms nothing
    room.cut(fresh, "timeout");
    expect(room.join(ANNA).port.take()).toEqual(["2", "3"]);
  });

  test("P5.2.4 a connection that the same page's next one has overtaken is turned away, and the seat stays with that", () => {
    const room = FakeRoom.open();
    const attempt = (page: string, number: number) => ({ ...ANNA, attempt: { page, number } });
    room.join(attempt("a", 1));
    const third = room.join(attempt("a", 3));
    expect(room.refusal(attempt("a", 2))).toBe("replaced");
    expect(third.port.closing).toBeUndefined();
    const reloaded = room.join(attempt("b", 1));
    expect([reloaded.player, third.port.closing?.name]).toEqual([1, "replaced"]);
    expect(room.join(ANNA).player).toBe(1); // one that does not count is taken at its word
  });

  test("P5.4.4 a phone that closes with 1000 leaves for good, session or not; a phone without one is gone with its line", () => {
    const room = FakeRoom.open();
    room.cut(room.join(ANNA), "left");
    room.cut(room.join(), "cut");
    expect(room.news().filter(({ cmd }) => cmd === "player_left")).toEqual([
      { cmd: "player_left", player: 1 },
      { cmd: "player_left", player: 2 },
    ]);
    expect(room.join(ANNA).player).toBe(3);
    expect(room.clock.pending).toBe(0);
  });

  test("P5.4.5 before start an away seat is kept for the grace, then it is free", () => {
    const room = FakeRoom.open();
    room.cut(room.join(ANNA));
    room.heard();
    room.clock.pass(LIMITS.seatGraceMs - 1);
    expect(room.news()).toEqual([{ cmd: "player_away", player: 1 }]);
    room.clock.pass(1);
    expect(room.heard()).toMatchObject([
      { cmd: "player_left", player: 1 },
      { cmd: "state", players: [] },
    ]);
    expect(room.join(ANNA).player).toBe(2);
  });

  test("P5.4.5 after start it is kept for as long as the room lives", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    room.cut(anna);
    room.clock.pass(LIMITS.seatGraceMs - 1);
    room.tell({ cmd: "start" });
    const ben = room.join({ ...ANNA });
    room.cut(ben);
    room.clock.pass(1_000 * 3_600_000);
    expect(room.join(ANNA).player).toBe(1);
  });

  test("P5.4.5 `open` begins the grace of away players again, and tells each once", () => {
    const room = FakeRoom.open();
    room.cut(room.join(ANNA));
    room.tell({ cmd: "start" });
    room.clock.pass(3_600_000);
    expect(room.news()).toEqual([{ cmd: "player_away", player: 1 }]);
    room.tell({ cmd: "open" });
    room.clock.pass(LIMITS.seatGraceMs - 1);
    expect(room.news()).toEqual([]);
    room.clock.pass(1);
    expect(room.news()).toEqual([{ cmd: "player_left", player: 1 }]);
  });

  test("P5.4.7 frames for an away player wait, text and binary, in order", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    room.show("before");
    expect(anna.port.take()).toEqual(["before"]);
    room.cut(anna);
    room.show("one");
    room.room.command({ cmd: "to", to: [1], data: Uint8Array.of(2) });
    room.show("not for you", { to: [7] });
    expect(room.join(ANNA).port.take()).toEqual(["one", [2]]);
  });

  test("P5.4.8 a line that was jammed or silent is asked again, one that ended is not", () => {
    for (const [why, again] of [
      ["timeout", ["1"]],
      ["slow_consumer", ["1"]],
      ["cut", []],
      ["rate_limited", []],
    ] as const) {
      const room = FakeRoom.open();
      const anna = room.join(ANNA);
      room.show("1");
      room.cut(anna, why);
      expect([why, room.join(ANNA).port.take()]).toEqual([why, again]);
    }
  });
});

describe("kick and ban", () => {
  test("P5.4.6 an away player can be kicked; the session may come again, as a new player", () => {
    const room = FakeRoom.open();
    room.cut(room.join(ANNA));
    expect(room.tell({ cmd: "kick", player: 1 })).toMatchObject([
      { cmd: "player_left", player: 1 },
      { cmd: "state", players: [] },
    ]);
    expect(room.clock.pending).toBe(0);
    room.show("for the dead");
    const again = room.join(ANNA);
    expect([again.player, again.port.take()]).toEqual([2, []]);
  });

  test("P5.3.2 a ban is not cleared by coming again, nor by `open`, nor by a rescue link", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    room.join(BEN);
    room.tell({ cmd: "kick", player: 1, ban: true, reason: "No bots." });
    expect(anna.port.closing).toEqual({ name: "kicked", reason: "No bots." });
    room.tell({ cmd: "start" });
    room.tell({ cmd: "open" });
    const token = rescueToken(room, 2);
    for (const request of [ANNA, { ...ANNA, isReliable: true }, { ...ANNA, seatTransferProof: token }]) {
      expect(room.refusal(request)).toBe("kicked");
    }
    expect(room.join({ sessionHash: "carl", seatTransferProof: token }).player).toBe(2);
  });

  test("P5.3.2 a ban of a player without a session keeps no phone out", () => {
    const room = FakeRoom.open();
    room.join();
    room.tell({ cmd: "kick", player: 1, ban: true });
    expect(room.refusal()).toBeUndefined();
  });

  test("P5.3.2 a reason longer than a Close frame holds is cut at a character's border", () => {
    const room = FakeRoom.open();
    const { port } = room.join();
    room.tell({ cmd: "kick", player: 1, reason: "ü".repeat(100) });
    expect(port.closing?.reason).toBe("ü".repeat(61));
  });
});

describe("a ban after a rescue", () => {
  test("P5.3.2 is for all phones that were this player's", () => {
    const room = FakeRoom.open();
    room.join(ANNA);
    room.join({ sessionHash: "spare", seatTransferProof: rescueToken(room, 1) });
    room.join({ sessionHash: "third", seatTransferProof: rescueToken(room, 1) });
    room.tell({ cmd: "kick", player: 1, ban: true });
    for (const session of [ANNA.sessionHash, "spare", "third"])
      expect(room.refusal({ sessionHash: session })).toBe("kicked");
    expect(room.refusal({ sessionHash: "ben" })).toBeUndefined();
  });

  test("P5.3.2 and for the last sixteen of those that it was before, and no more", () => {
    const room = FakeRoom.open();
    room.join({ sessionHash: "phone 0" });
    for (let phone = 1; phone <= 17; phone++) {
      room.join({ sessionHash: `phone ${phone}`, seatTransferProof: rescueToken(room, 1) });
    }
    room.tell({ cmd: "kick", player: 1, ban: true });
    for (let phone = 1; phone <= 17; phone++) {
      expect([phone, room.refusal({ sessionHash: `phone ${phone}` })]).toEqual([phone, "kicked"]);
    }
    expect(room.refusal({ sessionHash: "phone 0" })).toBeUndefined();
  });

  test("P5.3.2 but not for one that is another player's by then", () => {
    const room = FakeRoom.open();
    room.join(ANNA);
    room.join({ sessionHash: "spare", seatTransferProof: rescueToken(room, 1) });
    const brother = room.join(ANNA);
    room.tell({ cmd: "kick", player: 1, ban: true });
    expect(room.refusal({ sessionHash: "spare" })).toBe("kicked");
    expect(room.join(ANNA).player).toBe(brother.player);
  });
});

describe("rescue links", () => {
  test("P5.3.8 another phone gets the seat, what waited and what is retained; the old one is replaced and cannot come back to it", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    room.show("screen", { retain: "screen" });
    anna.connection.confirmed(1);
    const rescuer = room.join({ sessionHash: "spare", seatTransferProof: rescueToken(room, 1) });
    expect([rescuer.player, rescuer.port.take()]).toEqual([1, ["screen"]]);
    expect(anna.port.closing?.name).toBe("replaced");
    room.tell({ cmd: "start" });
    expect(room.refusal(ANNA)).toBe("room_locked");
    room.cut(rescuer);
    expect(room.join({ sessionHash: "spare" }).player).toBe(1);
  });

  test("P5.3.8 a seat without a session becomes one that keeps what its rescuer misses", () => {
    const room = FakeRoom.open();
    const plain = room.join();
    const request = { sessionHash: "spare", isReliable: true };
    const rescuer = room.join({ ...request, seatTransferProof: rescueToken(room, 1) });
    expect([rescuer.player, plain.port.closing?.name]).toEqual([1, "replaced"]);
    rescuer.connection.message(new TextEncoder().encode("\0ack 0"), true);
    expect(rescuer.port.closing).toBeUndefined();
    room.tell({ cmd: "start" });
    room.cut(rescuer);
    room.show("screen");
    expect(room.join(request).port.take().at(-1)).toBe("screen");
  });

  test("P5.3.8 a seat with a session that is rescued to a phone without one still keeps what it is sent", () => {
    const room = FakeRoom.open();
    room.join(ANNA);
    const spare = room.join({ seatTransferProof: rescueToken(room, 1) });
    spare.port.take();
    spare.port.isBusy = true;
    room.show("newest", { volatile: true });
    spare.port.isBusy = false;
    spare.connection.drained();
    expect(spare.port.take()).toEqual(["newest"]);
    room.show("sent and not confirmed");
    const another = room.join({ seatTransferProof: rescueToken(room, 1) });
    expect(another.port.take()).toEqual(["newest", "sent and not confirmed"]);
  });

  test("P5.3.8 a volatile frame that waits for a phone without a session comes to the phone that rescues its seat", () => {
    const room = FakeRoom.open();
    const plain = room.join();
    plain.port.isBusy = true;
    room.show("newest", { volatile: true });
    expect(room.join({ seatTransferProof: rescueToken(room, 1) }).port.take()).toEqual(["newest"]);
  });

  test("P5.8.2 a phone that has rescued a seat and floods is banned, and not the phone that had it before", () => {
    const room = FakeRoom.open({ playerRate: 1, playerBurst: 1 });
    room.join({ ...ANNA, visitor: "anna" });
    const rescuer = room.join({ sessionHash: "spare", visitor: "spare", seatTransferProof: rescueToken(room, 1) });
    for (let frames = 0; frames < 3; frames++) rescuer.connection.message(new Uint8Array(1), false);
    expect(room.directory.banned).toEqual(["spare"]);
  });

  test("P5.3.8 a link is good once, for five minutes, and a newer one ends it", () => {
    const room = FakeRoom.open();
    room.join(ANNA);
    room.tell({ cmd: "start" });
    const first = rescueToken(room, 1);
    const second = rescueToken(room, 1);
    expect(room.refusal({ sessionHash: "x", seatTransferProof: first })).toBe("room_locked");
    expect(room.join({ sessionHash: "x", seatTransferProof: second }).player).toBe(1);
    expect(room.refusal({ sessionHash: "y", seatTransferProof: second })).toBe("room_locked");
    const third = rescueToken(room, 1);
    room.clock.pass(5 * 60_000 - 1);
    expect(room.join({ sessionHash: "y", seatTransferProof: third }).player).toBe(1);
    const fourth = rescueToken(room, 1);
    room.clock.pass(5 * 60_000);
    expect(room.refusal({ sessionHash: "z", seatTransferProof: fourth })).toBe("room_locked");
  });

  test("P5.9.14 another user does not get a user's seat by its link, is no known phone, and does not use the link up", () => {
    const room = FakeRoom.open();
    room.join({ sessionHash: "ann's", user: "ann" });
    room.tell({ cmd: "start" });
    const link = rescueToken(room, 1);
    const ben = { sessionHash: "ben's", seatTransferProof: link, user: "ben" };
    expect(room.room.knows(ben)).toBe(false);
    expect(room.refusal(ben)).toBe("room_locked");
    const spare = { sessionHash: "spare", seatTransferProof: link, user: "ann" };
    expect(room.room.knows(spare)).toBe(true);
    expect(room.join(spare).player).toBe(1);
    expect(room.room.knows(spare)).toBe(true); // by its session
    expect(room.room.knows({ seatTransferProof: link, user: "ann" })).toBe(false);
  });

  test("P5.8.4 a link that is still good is known without being used up, one that is not is as if there were none", () => {
    const room = FakeRoom.open();
    room.join(ANNA);
    const first = rescueToken(room, 1);
    const token = rescueToken(room, 1);
    for (const [rescue, isKnown] of [
      [first, false],
      [token, true],
      [token, true],
      ["made up", false],
    ] as const) {
      expect(room.room.knows({ seatTransferProof: rescue })).toBe(isKnown);
    }
    room.join({ sessionHash: "spare", seatTransferProof: token });
    expect(room.room.knows({ seatTransferProof: token })).toBe(false);
    const late = rescueToken(room, 1);
    room.clock.pass(5 * 60_000);
    expect(room.room.knows({ seatTransferProof: late })).toBe(false);
  });

  test("P5.3.8 an away seat can be rescued, without a PIN, in a full and locked room", () => {
    const room = new FakeRoom();
    room.tell({ cmd: "prepare", max_players: 1, name: "", pin: "1234" });
    room.cut(room.join({ ...ANNA, pin: "1234" }));
    room.tell({ cmd: "start" });
    expect(room.join({ sessionHash: "spare", seatTransferProof: rescueToken(room, 1) }).player).toBe(1);
    room.clock.pass(1_000_000);
    expect(room.news().filter(({ cmd }) => cmd === "player_left")).toEqual([]);
  });

  test("P5.3.8 a phone that rescues a seat leaves the one it had, for one session has one seat", () => {
    const room = FakeRoom.open();
    room.join(ANNA);
    const ben = room.join(BEN);
    const token = rescueToken(room, 1);
    room.heard();
    expect(room.join({ ...BEN, seatTransferProof: token }).player).toBe(1);
    expect(ben.port.closing?.name).toBe("replaced");
    expect(room.news()).toEqual([{ cmd: "player_left", player: 2 }]);
    expect(room.join(BEN).player).toBe(1);
  });

  test("P5.3.8 the counts of the seat that the rescuer had before mean nothing in the rescued one", () => {
    const room = FakeRoom.open();
    room.join({ ...ANNA, isReliable: true });
    const ben = room.join({ ...BEN, isReliable: true });
    const epoch = ben.port.read().hello?.epoch ?? "";
    room.show("a");
    room.show("b");
    const { port } = room.join({
      ...BEN,
      isReliable: true,
      received: 2,
      epoch,
      seatTransferProof: rescueToken(room, 1),
    });
    expect(port.read()).toMatchObject({ hello: { next: 1, received: 0 }, data: ["a", "b"] });
  });

  test("P5.3.8 there is no link for a player that is not there or has left, nor before prepare", () => {
    const room = new FakeRoom();
    expect(room.tell({ cmd: "rescue", player: 1 })).toMatchObject([
      { cmd: "error", code: "not_prepared", in: "rescue" },
    ]);
    room.tell({ cmd: "prepare", max_players: 8, name: "" });
    expect(room.tell({ cmd: "rescue", player: 1 })).toMatchObject([
      { cmd: "error", code: "invalid_field", in: "rescue" },
    ]);
    room.join(ANNA);
    const token = rescueToken(room, 1);
    room.tell({ cmd: "kick", player: 1 });
    expect(room.join({ sessionHash: "x", seatTransferProof: token }).player).toBe(2);
  });
});

describe("the join policy", () => {
  test("P5.3.9 a pin is asked of newcomers and not of players that come back", () => {
    const room = new FakeRoom();
    room.tell({ cmd: "prepare", max_players: 8, name: "", pin: "12" });
    expect(room.refusal(ANNA)).toBe("unauthorized");
    expect(room.refusal({ ...ANNA, pin: "13" })).toBe("unauthorized");
    room.cut(room.join({ ...ANNA, pin: "12" }));
    expect(room.join(ANNA).player).toBe(1);
    expect(room.join({ ...ANNA, pin: "wrong" }).player).toBe(1);
  });

  test("P5.3.1 `open` lets newcomers in again after `start`, and needs a room", () => {
    const room = new FakeRoom();
    expect(room.tell({ cmd: "open" })).toMatchObject([{ cmd: "error", code: "not_prepared", in: "open" }]);
    room.tell({ cmd: "prepare", max_players: 8, name: "" });
    room.tell({ cmd: "start" });
    expect(room.refusal()).toBe("room_locked");
    expect(room.tell({ cmd: "open" })).toMatchObject([{ cmd: "state", accept_conns: true }]);
    expect(room.refusal()).toBeUndefined();
  });

  test("P5.3.10 the host is told the display name of a player that has one", () => {
    const room = FakeRoom.open();
    room.join({ name: "Anna 🎉" });
    room.join();
    expect(room.news().slice(-2)).toEqual([
      { cmd: "player_joined", player: 1, name: "Anna 🎉" },
      { cmd: "player_joined", player: 2 },
    ]);
  });

  test("P5.3.3 `except` leaves out some of all, and some of those named", () => {
    const room = FakeRoom.open();
    const phones = [room.join(), room.join(), room.join()];
    room.show("all but 2", { except: [2, 99] });
    room.show("1 and 2, but 1", { to: [1, 2], except: [1] });
    expect(phones.map(({ port }) => port.take())).toEqual([["all but 2"], ["1 and 2, but 1"], ["all but 2"]]);
  });
});

/** What a page that starts from nothing gets, after the phone has got everything so far. */
function reload(room: FakeRoom): unknown[] {
  return room.join(ANNA).port.take();
}

describe("retained frames", () => {
  test("P5.3.5 the last frame of each name is sent again to a page that starts from nothing, oldest first", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    room.show("score 1", { retain: "score" });
    room.show("question", { retain: "screen" });
    room.show("score 2", { retain: "score" });
    room.show("gone by");
    room.cut(anna);
    expect(reload(room)).toEqual(["question", "score 2"]);
    expect(reload(room)).toEqual(["question", "score 2"]);
  });

  test("P5.3.5 not to one that goes on, and not twice where the frame itself waits", () => {
    const room = FakeRoom.open();
    const anna = room.join({ ...ANNA, isReliable: true });
    const epoch = anna.port.read().hello?.epoch ?? "";
    room.show("old", { retain: "a" });
    room.cut(anna);
    room.show("new", { retain: "a" });
    room.show("b", { retain: "b" });
    const on = room.join({ ...ANNA, isReliable: true, received: 1, epoch });
    expect(on.port.read()).toMatchObject({ hello: { greeting: 0 }, data: ["new", "b"] });
    room.say(on, "\0ack 2");
    room.cut(on);
    const fresh = room.join({ ...ANNA, isReliable: true });
    expect(fresh.port.read()).toMatchObject({ hello: { greeting: 1, next: 3 }, data: ["new", "b"] });
  });

  test("P5.3.5 it outlives the buffer that the frame itself fell out of", () => {
    const room = FakeRoom.open({ seatBuffer: 4 * 65 });
    room.cut(room.join(ANNA));
    room.show("s", { retain: "screen" });
    for (const text of ["1", "2", "3", "4"]) room.show(text);
    expect(reload(room)).toEqual(["s", "2", "3", "4"]);
  });

  test("P5.9.13 frames that are appended come in order, each behind those of its name, and a plain one begins anew", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    room.show("whole", { retain: "state" });
    room.show("+1", { retain: "state", append: true });
    room.show("screen", { retain: "screen" });
    room.show("+2", { retain: "state", append: true });
    expect(anna.port.take()).toEqual(["whole", "+1", "screen", "+2"]);
    room.cut(anna);
    expect(reload(room)).toEqual(["whole", "+1", "screen", "+2"]);
    room.show("whole 2", { retain: "state" });
    expect(reload(room)).toEqual(["screen", "whole 2"]);
  });

  test("P5.9.13 a silent frame is kept in the place of the others and not sent", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    const ben = room.join();
    room.show("a", { retain: "state" });
    room.show("b", { retain: "state", append: true });
    room.show("ab", { retain: "state", silent: true });
    room.show("c", { retain: "state", append: true });
    expect([anna.port.take(), ben.port.take()]).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
    room.cut(anna);
    expect(reload(room)).toEqual(["ab", "c"]);
  });

  test("P5.9.13 frames that wait are not sent twice, whatever is kept before them", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    room.show("whole", { retain: "state" });
    room.cut(anna);
    for (const text of ["+1", "+2"]) room.show(text, { retain: "state", append: true });
    expect(reload(room)).toEqual(["whole", "+1", "+2"]);
    expect(reload(room)).toEqual(["whole", "+1", "+2"]);
  });

  test("P5.9.13 a list past its limit goes whole, and the host is told how many frames a fresh page misses", () => {
    const room = FakeRoom.open({ awayMs: 0 });
    const anna = room.join(ANNA);
    room.show("whole", { retain: "state" });
    room.show("screen", { retain: "screen" });
    for (let frame = 1; frame <= 4_096; frame++) room.show("+", { retain: "state", append: true });
    room.show("behind it", { retain: "state", append: true });
    anna.port.take();
    room.cut(anna);
    room.clock.pass(1);
    room.heard();
    expect(reload(room)).toEqual(["screen"]);
    expect(room.news()).toContainEqual({ cmd: "player_back", player: 1, missed: 4_098 });
    room.show("whole again", { retain: "state" });
    room.show("+", { retain: "state", append: true });
    expect(reload(room)).toEqual(["screen", "whole again", "+"]);
  });

  test("P5.9.13 a list counts with all that is kept, and is shed with it", () => {
    const room = FakeRoom.open({ seatBuffer: 1_000 });
    const { connection } = room.join(ANNA);
    room.show("x".repeat(600), { retain: "a" });
    connection.confirmed(1);
    room.show("y".repeat(300), { retain: "a", append: true });
    connection.confirmed(2);
    expect(reload(room)).toEqual(["x".repeat(600), "y".repeat(300)]);
    room.show("z".repeat(101), { retain: "a", append: true });
    expect(reload(room)).toEqual(["z".repeat(101)]); // it waits: the page before has not confirmed it
    expect(room.news()).toContainEqual({ cmd: "player_back", player: 1, missed: 3 });
  });

  test("P5.3.5 a volatile frame that another one replaced is retained all the same", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    anna.port.isBusy = true;
    room.show("a1", { retain: "a", volatile: true });
    room.show("b1", { retain: "b", volatile: true });
    room.cut(anna);
    expect(reload(room)).toEqual(["a1", "b1"]);
  });

  test("P5.3.5 sixteen names are kept, and so many bytes as the seat's buffer; the oldest go first", () => {
    const room = FakeRoom.open({ seatBuffer: 20_000 });
    room.join(ANNA);
    for (let name = 1; name <= 17; name++) room.show(String(name), { retain: String(name) });
    const phone = room.join(ANNA);
    phone.port.take();
    phone.connection.confirmed(17);
    expect(reload(room)).toEqual(Array.from({ length: 16 }, (_, index) => String(index + 2)));
    room.show("x".repeat(19_990), { retain: "big" });
    const again = room.join(ANNA);
    again.connection.confirmed(18);
    expect(reload(room)).toHaveLength(6); // nine names of two digits and one large frame are too much; five and it are not
    room.show("y".repeat(20_001), { retain: "too big" });
    room.cut(room.join(ANNA), "cut");
    expect(reload(room)).toEqual([]);
  });

  test("P5.3.5 each player has its own, and one without a session none", () => {
    const room = FakeRoom.open();
    room.cut(room.join(ANNA));
    room.cut(room.join(BEN));
    room.show("for anna", { to: [1], retain: "screen" });
    room.show("for ben", { to: [2], retain: "screen" });
    for (const session of [ANNA, BEN]) room.cut(room.join(session));
    expect(room.join(ANNA).port.take()).toEqual(["for anna"]);
    expect(room.join(BEN).port.take()).toEqual(["for ben"]);
    expect(room.join().port.take()).toEqual([]);
  });
});

describe("slow phones", () => {
  test("P5.4.9 over the queue's limit a phone is closed with 4031, may come back, and gets what its line had not confirmed", () => {
    const room = FakeRoom.open({ sendQueue: 100 });
    const anna = room.join(ANNA);
    const other = room.join(BEN);
    room.show("1");
    anna.connection.confirmed(1);
    room.show("2");
    anna.port.queued = 101;
    room.show("3");
    expect(anna.port.closing?.name).toBe("slow_consumer");
    expect(anna.port.framesAfterClose).toBe(0);
    expect(other.port.take()).toEqual(["1", "2", "3"]);
    expect(room.join(ANNA).port.take()).toEqual(["2", "3"]);
  });

  test("P5.4.9 without a session it is gone, and the host hears so", () => {
    const room = FakeRoom.open({ sendQueue: 100 });
    const { port } = room.join();
    port.queued = 101;
    room.heard();
    room.show("x");
    expect([port.closing?.name, port.take()]).toEqual(["slow_consumer", []]);
    expect(room.news()).toEqual([{ cmd: "player_left", player: 1 }]);
  });

  test("P5.4.9 a phone with much to catch up on is given the time to", () => {
    const room = FakeRoom.open({ sendQueue: 100 });
    room.cut(room.join(ANNA));
    for (let count = 0; count < 50; count++) room.show("x".repeat(50));
    const port = new FakePort();
    const send = port.send.bind(port);
    port.send = (data, isText) => {
      port.queued += data.length;
      send(data, isText);
    };
    expect(room.room.join(port, { isReliable: false, ...ANNA }).ok).toBe(true);
    room.show("next");
    expect([port.queued, port.closing]).toEqual([2_504, undefined]);
    port.queued = 0;
    room.show("x".repeat(101));
    room.show("more");
    expect(port.closing?.name).toBe("slow_consumer");
  });

  test("P5.3.4 the newest volatile frame goes out when the phone can take it", () => {
    const room = FakeRoom.open();
    const { port, connection } = room.join();
    port.isBusy = true;
    for (const text of ["1", "2", "3"]) room.show(text, { volatile: true });
    expect(port.take()).toEqual([]);
    port.isBusy = false;
    connection.drained();
    expect(port.take()).toEqual(["3"]);
  });
});

describe("health", () => {
  test("P5.3.7 is told at once and then every so many seconds, measured each time", () => {
    const room = FakeRoom.open();
    const anna = room.join(ANNA);
    room.cut(room.join(BEN));
    room.show("12345", { to: [2] });
    anna.port.rtt = 25;
    anna.port.queued = 7;
    expect(room.tell({ cmd: "health", every: 2 })).toEqual([
      {
        cmd: "health",
        players: { 1: { rtt: 25, queued: 7, away: false }, 2: { rtt: null, queued: 69, away: true } },
      },
    ]);
    expect(anna.port.probes).toBe(1);
    room.clock.pass(10_000);
    expect(room.news().filter(({ cmd }) => cmd === "health")).toHaveLength(5);
    room.tell({ cmd: "health", every: 0 });
    room.clock.pass(10_000);
    expect(room.news()).toEqual([]);
  });

  test("P5.3.7 frames that wait behind the queue of a phone's line are told, too", () => {
    const room = FakeRoom.open();
    const { port } = room.join(ANNA);
    port.isBusy = true;
    port.queued = 7;
    room.show("12345", { ttl: 1_000 });
    expect(room.tell({ cmd: "health", every: 2 })).toMatchObject([{ players: { 1: { queued: 76, away: false } } }]);
  });

  test("P5.3.7 a new interval replaces the old; the reports end with the room and need one", () => {
    const room = new FakeRoom();
    expect(room.tell({ cmd: "health", every: 1 })).toMatchObject([{ cmd: "error", code: "not_prepared" }]);
    room.tell({ cmd: "prepare", max_players: 8, name: "" });
    room.tell({ cmd: "health", every: 1 });
    room.tell({ cmd: "health", every: 5 });
    room.clock.pass(5_000);
    expect(room.heard()).toHaveLength(1);
    room.room.command({ cmd: "stop" });
    expect(room.clock.pending).toBe(0);
  });

  test("P5.3.7 an away host gets no reports to read later", () => {
    const room = FakeRoom.open({}, { isReliable: false, sessionHash: "tv" });
    room.tell({ cmd: "health", every: 1 });
    room.hostGone();
    room.clock.pass(30_000);
    room.hostBack({ isReliable: false, sessionHash: "tv" });
    expect(room.news()).toEqual([{ cmd: "prepare_reply", key: "BCDF" }]);
    room.clock.pass(1_000);
    expect(room.news()).toMatchObject([{ cmd: "health" }]);
  });
});

test("P5.4 when the room ends every line is closed, every timer is stopped and the code is free", () => {
  const room = FakeRoom.open({}, { isReliable: false, sessionHash: "tv" });
  const anna = room.join(ANNA);
  room.cut(room.join(BEN));
  room.join({ sessionHash: "carl" });
  room.tell({ cmd: "health", every: 1 });
  room.tell({ cmd: "stop" });
  expect([anna.port.closing?.name, room.hostPort.closing?.name]).toEqual(["room_closed", "room_closed"]);
  expect([room.clock.pending, room.isFindable, room.isForgotten]).toEqual([0, false, true]);
  expect(room.refusal(ANNA)).toBe("room_not_found");
  room.cut(anna);
  anna.connection.message(bytes("late"), true);
  room.show("late");
  expect([room.clock.pending, room.hostPort.framesAfterClose, anna.port.framesAfterClose]).toEqual([0, 0, 0]);
});

function rescueToken(room: FakeRoom, player: number): string {
  const [reply] = room.tell({ cmd: "rescue", player });
  expect(reply).toMatchObject({ cmd: "rescue_reply", player });
  return new URL(String(reply?.url)).searchParams.get("rescue") ?? "";
}
