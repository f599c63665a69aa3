import { expect, test } from "@jest/globals";
import { ConnectionKeeper } from "../../../src/cluster/connection-keeper.ts";
import { onTestEnd } from "../../support/clean-up.ts";
import { eventually } from "../../support/inbox.ts";

/** So often that waits which grew to five seconds would take most of a minute. */
const TRIES = 18;

const refused = (): Promise<never> => Promise.reject(new Error("It is refused."));

test("a server that is away is tried again as often as it is asked while it is there", async () => {
  let tries = 0;
  const keeper = new ConnectionKeeper({
    name: "a server",
    log: { info: () => {}, warn: () => {}, error: () => {} },
    pingMs: 50,
    create: () => {
      tries += 1;
      return { ready: refused(), over: new Promise<string>(() => {}), ping: refused, destroy: async () => {} };
    },
  });
  onTestEnd(() => keeper.close());
  await eventually(`it is tried ${TRIES} times`, () => tries >= TRIES);
  expect(keeper.isUp).toBe(false);
});
