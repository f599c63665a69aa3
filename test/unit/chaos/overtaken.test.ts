/**
 * A request that was under way for so long that the page's next one overtook it: the chaos test lost phones to their own
 * ghosts, which were told 4509.
 */
import { describe, expect, test } from "@jest/globals";
import { parsePlayerQuery } from "../../../src/protocol/peer-query.ts";
import { HandRoom } from "../../support/sessions/hand-room.ts";

const attempt = (number: number, page = "first") => ({ page, number });
const read = (text: string) => parsePlayerQuery(new URLSearchParams({ attempt: text }));

describe("a connection that its own page has overtaken", () => {
  test.each([true, false])("does not take the place of the newer one (exact: %s)", (isExact) => {
    const room = HandRoom.open();
    const phone = room.join({ session: "anna", isExact, attempt: attempt(2) });
    expect(room.refusal({ session: "anna", isExact, attempt: attempt(1) })).toBe("replaced");
    expect(phone.port.closing).toBeUndefined();
    expect(phone.visit.isCurrent).toBe(true);
  });

  test("does not begin another life of the seat either, when the newer one has gone as well", () => {
    const room = HandRoom.open();
    const phone = room.join({ session: "anna", isExact: true, attempt: attempt(2) });
    const epoch = phone.port.read().hello?.epoch;
    room.say(phone, "one");
    room.cut(phone);
    expect(room.refusal({ session: "anna", isExact: true, attempt: attempt(1) })).toBe("replaced");
    const back = room.join({ session: "anna", isExact: true, received: 0, epoch, attempt: attempt(3) });
    expect(back.port.read().hello).toMatchObject({ epoch, received: 1 });
  });

  test("is another matter than a second tab, a page that was loaded again, and a client that counts nothing", () => {
    const room = HandRoom.open();
    let phone = room.join({ session: "anna", attempt: attempt(7) });
    for (const ticket of [{ attempt: attempt(1, "second") }, {}, { attempt: attempt(1, "third") }]) {
      const next = room.join({ session: "anna", ...ticket });
      expect(phone.port.closing?.name).toBe("replaced");
      phone = next;
    }
  });

  test("is turned away as well where another page has taken its place meanwhile", () => {
    const room = HandRoom.open();
    room.join({ session: "anna", attempt: attempt(1) });
    for (let page = 2; page <= 4; page++) room.join({ session: "anna", attempt: attempt(1, `page ${page}`) });
    for (const late of [attempt(2), attempt(2, "page 2"), attempt(2, "page 3")]) {
      expect(room.refusal({ session: "anna", isExact: false, attempt: late })).toBe("replaced");
    }
    const { port } = room.join({ session: "anna", attempt: attempt(2, "page 4") });
    room.join({ session: "anna" });
    expect(port.closing?.name).toBe("replaced");
    expect(room.refusal({ session: "anna", isExact: false, attempt: attempt(3, "page 4") })).toBe("replaced");
  });

  test("does not take a TV's room away", () => {
    const tv = { isExact: true, session: "tv" } as const;
    const room = HandRoom.open({}, { ...tv, attempt: attempt(2) });
    expect(room.hostBack({ ...tv, attempt: attempt(1) })).toBe(false);
    expect(room.hostPort.closing).toBeUndefined();
    expect(room.hostBack({ ...tv, attempt: attempt(3) })).toBe(true);
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
