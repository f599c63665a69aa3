/**
 * A request that was under way for so long that the page's next one overtook it: the chaos test lost phones to their own
 * ghosts, which were told 4509.
 */
import { describe, expect, test } from "@jest/globals";
import { parsePlayerQuery } from "../../../src/protocol/peer-query.ts";
import { FakeRoom } from "../../support/room/fake-room.ts";

const attempt = (number: number, page = "first") => ({ page, number });
const read = (text: string) => parsePlayerQuery(new URLSearchParams({ attempt: text }));

/** The first connection of a page of this name. */
const annaOn = (page: string | number) => ({ sessionHash: "anna", attempt: attempt(1, `page ${page}`) });

describe("a connection that its own page has overtaken", () => {
  test.each([true, false])("does not take the place of the newer one (reliable: %s)", (isReliable) => {
    const room = FakeRoom.open();
    const phone = room.join({ sessionHash: "anna", isReliable, attempt: attempt(2) });
    expect(room.refusal({ sessionHash: "anna", isReliable, attempt: attempt(1) })).toBe("replaced");
    expect(phone.port.closing).toBeUndefined();
    expect(phone.connection.isCurrent).toBe(true);
  });

  test("does not begin another life of the seat either, when the newer one has gone as well", () => {
    const room = FakeRoom.open();
    const phone = room.join({ sessionHash: "anna", isReliable: true, attempt: attempt(2) });
    const epoch = phone.port.read().hello?.epoch;
    room.say(phone, "one");
    room.cut(phone);
    expect(room.refusal({ sessionHash: "anna", isReliable: true, attempt: attempt(1) })).toBe("replaced");
    const back = room.join({ sessionHash: "anna", isReliable: true, received: 0, epoch, attempt: attempt(3) });
    expect(back.port.read().hello).toMatchObject({ epoch, received: 1 });
  });

  test("is another matter than a second tab, a page that was loaded again, and a client that counts nothing", () => {
    const room = FakeRoom.open();
    let phone = room.join({ sessionHash: "anna", attempt: attempt(7) });
    for (const ticket of [{ attempt: attempt(1, "second") }, {}, { attempt: attempt(1, "third") }]) {
      const next = room.join({ sessionHash: "anna", ...ticket });
      expect(phone.port.closing?.name).toBe("replaced");
      phone = next;
    }
  });

  test("is turned away as well where another page has taken its place meanwhile", () => {
    const room = FakeRoom.open();
    room.join({ sessionHash: "anna", attempt: attempt(1) });
    for (let page = 2; page <= 4; page++) room.join({ sessionHash: "anna", attempt: attempt(1, `page ${page}`) });
    for (const late of [attempt(2), attempt(2, "page 2"), attempt(2, "page 3")]) {
      expect(room.refusal({ sessionHash: "anna", isReliable: false, attempt: late })).toBe("replaced");
    }
    const { port } = room.join({ sessionHash: "anna", attempt: attempt(2, "page 4") });
    room.join({ sessionHash: "anna" });
    expect(port.closing?.name).toBe("replaced");
    expect(room.refusal({ sessionHash: "anna", isReliable: false, attempt: attempt(3, "page 4") })).toBe("replaced");
  });

  test("is another matter than a tab of long ago, which comes back a minute after it was replaced", () => {
    const room = FakeRoom.open();
    room.join(annaOn("first"));
    const second = room.join(annaOn("second"));
    room.clock.pass(59_999);
    expect(room.refusal({ ...annaOn("first"), isReliable: false })).toBe("replaced");
    room.clock.pass(1);
    expect(room.join(annaOn("first")).player).toBe(1);
    expect(second.port.closing?.name).toBe("replaced");
    expect(room.refusal(annaOn("second"))).toBe("replaced");
    room.clock.pass(30_000);
    room.join(annaOn("third"));
    room.clock.pass(30_000);
    expect(room.refusal(annaOn("first"))).toBe("replaced");
    expect(room.refusal(annaOn("second"))).toBeUndefined();
  });

  test("is remembered for the last sixteen pages that were replaced, and for no more", () => {
    const room = FakeRoom.open();
    for (let page = 0; page <= 17; page++) room.join(annaOn(page));
    for (let page = 1; page <= 16; page++) expect([page, room.refusal(annaOn(page))]).toEqual([page, "replaced"]);
    expect(room.refusal(annaOn(0))).toBeUndefined();
    for (let page = 2; page <= 17; page++) expect([page, room.refusal(annaOn(page))]).toEqual([page, "replaced"]);
    expect(room.refusal(annaOn(1))).toBeUndefined();
  });

  test("is remembered from when it was replaced the last time, if it was twice", () => {
    const room = FakeRoom.open();
    for (const page of [0, 1]) room.join(annaOn(page));
    room.clock.pass(60_000);
    for (const page of [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]) room.join(annaOn(page));
    expect(room.refusal(annaOn(0))).toBe("replaced");
  });

  test("does not take a TV's room away", () => {
    const tv = { isReliable: true, sessionHash: "tv" } as const;
    const room = FakeRoom.open({}, { ...tv, attempt: attempt(2) });
    expect(room.hostBack({ ...tv, attempt: attempt(1) })).toBe(false);
    expect(room.hostPort.closing).toBeUndefined();
    expect(room.hostBack({ ...tv, attempt: attempt(3) })).toBe(true);
    expect(room.hostBack({ ...tv, attempt: attempt(1, "second") })).toBe(true);
    expect(room.hostBack({ ...tv, attempt: attempt(4) })).toBe(false);
    room.clock.pass(60_000);
    expect(room.hostBack({ ...tv, attempt: attempt(4) })).toBe(true);
  });
});

describe("the query's attempt", () => {
  test("is a page and a number", () => {
    expect(read("p4-G_3.17")).toMatchObject({ ok: true, value: { attempt: { page: "p4-G_3", number: 17 } } });
    expect(parsePlayerQuery(new URLSearchParams())).toMatchObject({ ok: true, value: { attempt: undefined } });
    for (const wrong of ["", "page", "page.", ".1", "page.-1", "page.1.2", "pa ge.1", `${"p".repeat(65)}.1`]) {
      expect(read(wrong)).toEqual({
        ok: false,
        failure: expect.stringMatching(/^"attempt" has to be a page and a number/),
      });
    }
  });
});
