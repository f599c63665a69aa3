import { expect, test } from "@jest/globals";
import { TokenGate } from "../../../src/admission/token-gate.ts";
import type { Tokens } from "../../../src/auth/tokens.ts";
import { success } from "../../../src/protocol/result.ts";

test("row 28: judgements come in the order in which they were asked for, however long each takes", async () => {
  const answers: (() => void)[] = [];
  const tokens: Tokens = {
    sign: async () => "",
    verify: (sub) =>
      new Promise((resolve) => {
        const claims = { sub, room: "lobby", session_id: "s", name: undefined, role: undefined, exp: 1, expiresAt: 1 };
        answers.push(() => resolve(success(claims)));
      }),
  };
  const gate = new TokenGate({ tokens, guessLimit: 60, now: () => 0 });
  const order: string[] = [];
  const judged = ["ann", "ben", "cid"].map(async (sub) => {
    await gate.judge(sub, "192.0.2.1");
    order.push(sub);
  });
  for (const answer of answers.toReversed()) answer();
  await Promise.all(judged);
  expect(order).toEqual(["ann", "ben", "cid"]);
});
