/** Sessions of the admin page: bounded in number and time, and their tokens against forged requests. */
import { expect, test } from "@jest/globals";
import {
  ADMIN_IDLE_MS,
  ADMIN_SESSION_MS,
  AdminSessions,
  csrfTokenOf,
  isCsrfToken,
  MAX_ADMIN_SESSIONS,
} from "../../../src/http/admin/admin-sessions.ts";

function sessions() {
  const clock = { now: 1_000 };
  return { clock, sessions: new AdminSessions({ now: () => clock.now }) };
}

test("row 74: a session is known by its secret until it is closed", () => {
  const { sessions: all } = sessions();
  const secret = all.open();
  expect(secret).toMatch(/^[\w-]{32}$/);
  expect([all.use(secret), all.use(`${secret}x`), all.use("")]).toEqual([true, false, false]);
  all.close(secret);
  all.close(secret);
  expect(all.use(secret)).toBe(false);
});

test("row 74: a session that is not used ends, and one that is used ends as well, later", () => {
  const { sessions: all, clock } = sessions();
  const idle = all.open();
  const used = all.open();
  const beganAt = clock.now;
  clock.now += ADMIN_IDLE_MS - 1;
  expect(all.use(used)).toBe(true);
  clock.now += 1;
  expect([all.use(idle), all.use(used)]).toEqual([false, true]);
  while (clock.now + ADMIN_IDLE_MS / 2 < beganAt + ADMIN_SESSION_MS) {
    clock.now += ADMIN_IDLE_MS / 2;
    expect(all.use(used)).toBe(true);
  }
  clock.now = beganAt + ADMIN_SESSION_MS;
  expect(all.use(used)).toBe(false);
  expect(all.size).toBe(0);
});

test("row 74: past the limit the session that was used longest ago ends", () => {
  const { sessions: all } = sessions();
  const [first = "", second = ""] = Array.from({ length: MAX_ADMIN_SESSIONS }, () => all.open());
  expect(all.use(first)).toBe(true);
  all.open();
  expect(all.size).toBe(MAX_ADMIN_SESSIONS);
  expect([all.use(first), all.use(second)]).toEqual([true, false]);
});

test("row 74: the token of a page is that of its session alone, and is not its secret", () => {
  const { sessions: all } = sessions();
  const [one, other] = [all.open(), all.open()];
  const token = csrfTokenOf(one);
  expect(token).not.toContain(one);
  expect([isCsrfToken(token, one), isCsrfToken(token, other)]).toEqual([true, false]);
  expect([undefined, "", one, `${token} `].map((shown) => isCsrfToken(shown, one))).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
