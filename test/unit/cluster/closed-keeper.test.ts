/** A keeper of connections that is closed, and what waits for a connection then. */
import { expect, test } from "@jest/globals";
import { pino } from "pino";
import { ConnectionKeeper, ClosedError, type KeptConnection } from "../../../src/cluster/connection-keeper.ts";
import { LastingSubscriptions } from "../../../src/cluster/subscriptions.ts";

const log = pino({ level: "silent" });

class UpAtOnce implements KeptConnection {
  readonly ready = Promise.resolve();
  #end: (reason: string) => void = () => {};
  readonly over = new Promise<string>((resolve) => (this.#end = resolve));
  isOver = false;

  async ping(): Promise<void> {}

  async destroy(): Promise<void> {
    this.isOver = true;
    this.#end("It was ended.");
  }
}

function startKeeper(): ConnectionKeeper<UpAtOnce> {
  return new ConnectionKeeper({ name: "test", create: () => new UpAtOnce(), log, pingMs: 60_000 });
}

test("a connection that was closed while it was up is given to none, during the closing and after it", async () => {
  const keeper = startKeeper();
  await keeper.whenUp();
  const closing = keeper.close();
  await expect(keeper.whenUp()).rejects.toThrow(ClosedError);
  await closing;
  await expect(keeper.whenUp()).rejects.toThrow(ClosedError);
});

test("a subscription that comes after the closing is refused", async () => {
  const keeper = startKeeper();
  await keeper.whenUp();
  const subscriptions = new LastingSubscriptions<UpAtOnce>(
    {
      whenUp: () => keeper.whenUp(),
      stand: ({ isOver }) => (isOver ? Promise.reject(new Error("It is over.")) : Promise.resolve()),
      isOver: (connection) => connection.isOver,
      end: () => {},
    },
    log,
  );
  await subscriptions.add("a.b", () => {});
  expect(subscriptions.subjects).toEqual(["a.b"]);
  await keeper.close();
  await expect(subscriptions.add("a.c", () => {})).rejects.toThrow(ClosedError);
  expect(subscriptions.subjects).toEqual(["a.b"]);
});
