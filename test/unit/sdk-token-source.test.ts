import { afterEach, beforeEach, expect, jest, test } from "@jest/globals";
import { withToken } from "../../src/sdk/token-source.ts";

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const TOKEN = "a.b.c";

function failing(): string {
  throw new Error("no token today");
}

test("a token that comes late ends the attempt with a sentence, and its timer ends with it", async () => {
  const attempt = withToken(
    () => new Promise<string>(() => undefined),
    (token) => token,
  );
  const failed = expect(attempt).rejects.toMatchObject({
    code: "no_token",
    message: "The function `token` gave no token within 10000 ms.",
  });
  await jest.advanceTimersByTimeAsync(10_000);
  await failed;
  await expect(
    withToken(
      () => Promise.resolve(TOKEN),
      (token) => token,
    ),
  ).resolves.toBe(TOKEN);
  expect(jest.getTimerCount()).toBe(0);
});

test("a function that throws, or gives what is no token, ends the attempt", async () => {
  await expect(
    withToken(
      () => Promise.reject(new Error("no login")),
      (token) => token,
    ),
  ).rejects.toMatchObject({ code: "no_token", message: "The function `token` gave no token: no login" });
  await expect(withToken(failing, (token) => token)).rejects.toMatchObject({
    code: "no_token",
    message: "The function `token` gave no token: no token today",
  });
  await expect(
    withToken(
      () => "",
      (token) => token,
    ),
  ).rejects.toThrow("has to be a JWT");
});
