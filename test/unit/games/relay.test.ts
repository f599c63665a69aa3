import { describe, expect, test } from "@jest/globals";
import { plainEncoder } from "../../../src/session/member-encoder.ts";
import { FakeOpenRooms } from "../../support/room/fake-open-rooms.ts";

const PLAIN = { encoder: plainEncoder } as const;

describe("relay", () => {
  test("P6.4 passes what a member says to all others, in order", async () => {
    const fake = new FakeOpenRooms();
    const [ann, ben, cid] = [fake.joinNow("lobby", "ann"), fake.joinNow("lobby", "ben"), fake.joinNow("lobby", "cid")];
    for (const member of [ann, ben, cid]) member.heard();
    ann.say("hello");
    ben.say({ text: "hi", to: ["ann"] });
    expect(ann.heard()).toEqual([{ from: "ben", data: { text: "hi", to: ["ann"] } }]);
    expect(ben.heard()).toEqual([{ from: "ann", data: "hello" }]);
    expect(cid.heard()).toEqual([
      { from: "ann", data: "hello" },
      { from: "ben", data: { text: "hi", to: ["ann"] } },
    ]);
  });

  test("P6.4 passes what has `to` to those in the room, once each, and to nobody where the list is empty", () => {
    const fake = new FakeOpenRooms();
    const [ann, ben, cid] = [fake.joinNow("lobby", "ann"), fake.joinNow("lobby", "ben"), fake.joinNow("lobby", "cid")];
    const dan = fake.joinNow("other", "dan");
    for (const member of [ann, ben, cid, dan]) member.heard();
    ann.say(1, ["cid", "dan", "nobody", "cid"]);
    ann.say(2, []);
    ann.say(3, ["ann"]);
    expect([ann, ben, cid, dan].map((member) => member.messages())).toEqual([[3], [], [1], []]);
  });

  test("P6.2 P6.3 the sender's name is its token's, whatever it claims, and the JSON of the data passes as it was written", () => {
    const fake = new FakeOpenRooms();
    const [ann, ben] = [fake.joinNow("lobby", "ann"), fake.joinNow("lobby", "ben")];
    ben.heard();
    ann.sayRaw('{"from": "ben", "data" : {"a": 1.0,  "ä": "\\u00e4"} }');
    expect(ben.port.take()).toEqual(['{"from":"ann","data":{"a": 1.0,  "ä": "\\u00e4"}}']);
  });

  test("P6.1 a line without events gets messages and errors alone, and bytes in base64", () => {
    const fake = new FakeOpenRooms();
    const ann = fake.joinNow("lobby", "ann");
    ann.say("before");
    const ben = fake.joinNow("lobby", "ben", PLAIN);
    fake.joinNow("lobby", "cid");
    ann.sayRaw(new Uint8Array([1, 2, 250, 255]));
    ann.say("after");
    ben.sayRaw("not json");
    expect(ben.heard()).toEqual([
      { from: "ann", data: { base64: "AQL6/w==" } },
      { from: "ann", data: "after" },
      { error: { code: "invalid_message", message: expect.stringContaining("JSON") } },
    ]);
  });

  test("P6.2 binary frames pass as binary to all others", () => {
    const fake = new FakeOpenRooms();
    const [ann, ben, cid] = [fake.joinNow("lobby", "ann"), fake.joinNow("lobby", "ben"), fake.joinNow("lobby", "cid")];
    for (const member of [ann, ben, cid]) member.heard();
    ann.sayRaw(new Uint8Array([0, 1, 2]));
    expect([ann, ben, cid].map((member) => member.heard())).toEqual([[], [[0, 1, 2]], [[0, 1, 2]]]);
  });

  test("P6.6 a newcomer hears who is here and what was said, then what is new; P6.7 the others hear of it", async () => {
    const fake = new FakeOpenRooms();
    const ann = await fake.join("lobby", "ann", { name: "Ann" });
    ann.say("one");
    ann.say("two", ["ann"]);
    const ben = await fake.join("lobby", "ben", { role: "spectator" });
    ann.say("three");
    expect(ben.heard()).toEqual([
      {
        event: "joined",
        you: "ben",
        members: [
          { id: "ann", name: "Ann", role: "member" },
          { id: "ben", name: "ben", role: "spectator" },
        ],
        history: 1,
      },
      { from: "ann", data: "one", seq: 1, at: "2026-01-01T12:00:00.000Z" },
      { from: "ann", data: "three" },
    ]);
    expect(ann.heard()).toEqual([
      { event: "joined", you: "ann", members: [{ id: "ann", name: "Ann", role: "member" }], history: 0 },
      { from: "ann", data: "two" },
      { event: "join", member: { id: "ben", name: "ben", role: "spectator", meta: {} } },
    ]);
  });

  test("P6.6 relay keeps 50 messages for newcomers", async () => {
    const fake = new FakeOpenRooms();
    const ann = fake.joinNow("lobby", "ann");
    for (let number = 1; number <= 60; number++) ann.say(number);
    const ben = await fake.join("lobby", "ben");
    const [joined, ...past] = ben.heard();
    expect(joined).toMatchObject({ history: 50 });
    expect(past).toEqual(
      Array.from({ length: 50 }, (_, index) => ({
        from: "ann",
        data: index + 11,
        seq: index + 11,
        at: expect.any(String),
      })),
    );
  });

  test("P6.8 the same member again gets its seat at once, in a full room too, with what it missed; the older line is closed with 4509", async () => {
    const fake = new FakeOpenRooms();
    fake.rooms.create("relay", { name: "pair", maxPlayers: 2 });
    const [ann, ben] = [fake.joinNow("pair", "ann"), fake.joinNow("pair", "ben")];
    ben.leave("cut");
    ann.say("missed");
    const again = await fake.join("pair", "ben");
    expect(again.messages()).toEqual(["missed"]);
    const third = await fake.join("pair", "ben");
    expect(again.port.closing?.name).toBe("replaced");
    ann.say("new");
    expect(third.messages()).toContain("new");
    expect((await fake.ask("pair", "cid")).outcome).toMatchObject({ at: "refused", name: "room_full" });
    expect(fake.rooms.get("pair")?.members.map(({ id }) => id)).toEqual(["ann", "ben"]);
  });
});
