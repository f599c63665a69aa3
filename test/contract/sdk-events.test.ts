/** Named events and requests against the real server, through a network that cuts, and with pages that are loaded again. */
import { expect, test } from "@jest/globals";
import { WebSocket } from "ws";
import { onTestEnd } from "../support/clean-up.ts";
import { eventually, Inbox } from "../support/inbox.ts";
import { openPage, openPhone, openTestHost } from "../support/sdk-page.ts";
import { startServer } from "../support/server.ts";
import type { OptionsInput } from "../../src/config.ts";

/** A TV and one phone, each on a network of its own. */
async function startParty(options: OptionsInput = {}) {
  const server = await startServer({ playerRate: 0, awayMs: 60_000, ...options });
  const tv = await openTestHost(await openPage(server));
  const phone = openPhone(await openPage(server), tv.room.code);
  await phone.heard.next();
  await tv.heard.next();
  const player = tv.room.player(1);
  if (player === undefined) throw new Error("There is no player 1.");
  return { server, tv, phone, player };
}

test("P5.10.1 events pass both ways, in order with plain messages, and a reloaded phone gets what was retained", async () => {
  const { tv, phone, player } = await startParty();
  const told = new Inbox<unknown>("the TV");
  tv.room.on("answer", ({ id }, data) => told.push([id, data]));
  tv.room.on("text", (_player, text) => told.push(text));
  phone.me.emit("answer", { choice: 1 });
  phone.me.send("plain");
  phone.me.emit("answer");
  expect(await told.take(3)).toEqual([[1, { choice: 1 }], "plain", [1, undefined]]);
  player.emit("hand", ["7"], { retain: "hand" });
  const again = openPhone(await phone.page.reload(), tv.room.code);
  const hands = new Inbox<unknown>("the phone");
  again.me.on("hand", (data) => hands.push(data));
  expect(await hands.next()).toEqual(["7"]);
});

test("P5.10.1 requests are answered once each, though both lines are cut again and again", async () => {
  const { tv, phone, player } = await startParty();
  const count = 300;
  const asked = { tv: [] as unknown[], phone: [] as unknown[] };
  tv.room.on("double", (_player, data) => {
    asked.tv.push(data);
    return Number(data) * 2;
  });
  phone.me.on("double", async (data) => {
    asked.phone.push(data);
    await new Promise((resolve) => setTimeout(resolve, Number(data) % 3));
    return Number(data) * 2;
  });
  const answers: Promise<unknown>[] = [];
  for (let number = 1; number <= count; number++) {
    answers.push(phone.me.ask("double", number, { timeoutMs: 60_000 }));
    answers.push(player.ask("double", number, { timeoutMs: 60_000 }));
    if (number % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    if (number % 50 === 20) phone.page.proxy.cutNow(number % 100 === 20 ? "reset" : "end");
    if (number % 50 === 40) tv.page.proxy.cutNow();
    if (number % 50 === 0) await eventually("both are back", () => phone.me.isConnected && tv.room.isConnected);
  }
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  expect(await Promise.all(answers)).toEqual(numbers.flatMap((number) => [number * 2, number * 2]));
  expect(asked).toEqual({ tv: numbers, phone: numbers });
  expect(phone.page.proxy.cuts + tv.page.proxy.cuts).toBeGreaterThanOrEqual(10);
});

test("a request of the time when the line is down is answered when it is back", async () => {
  const { tv, phone, player } = await startParty();
  tv.room.on("name?", () => "TV");
  phone.me.on("name?", () => "phone");
  phone.page.proxy.cutNow();
  await phone.heard.next();
  const late = phone.me.ask("name?");
  const asked = player.ask("name?");
  expect(await Promise.all([late, asked])).toEqual(["TV", "phone"]);
  tv.page.proxy.cutNow();
  await new Promise<void>((resolve) => void tv.room.once("reconnecting", () => resolve()));
  expect(await Promise.all([player.ask("name?"), phone.me.ask("name?")])).toEqual(["phone", "TV"]);
});

test("an answer to a page that was loaded again is nothing, and the new page's own requests are answered", async () => {
  const { tv, phone } = await startParty();
  const waiting: ((answer: unknown) => void)[] = [];
  tv.room.on("slow", () => new Promise((resolve) => void waiting.push(resolve)));
  tv.room.on("quick", (_player, data) => data);
  void phone.me.ask("slow").catch(() => undefined); // its page is gone before it is answered
  await eventually("the TV was asked", () => waiting.length === 1);
  const again = openPhone(await phone.page.reload(), tv.room.code);
  const text = new Inbox<unknown>("the phone");
  again.me.on("text", (said) => text.push(said));
  const asked = Array.from({ length: 20 }, (_, number) => again.me.ask("quick", number));
  waiting[0]?.("for the old page");
  tv.room.broadcast("after it");
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 20 }, (_, number) => number));
  expect(await text.next()).toBe("after it");
});

test("P5.10.3 a request that a TV's page had not answered when it was loaded again is answered by the next one, once", async () => {
  const { tv, phone } = await startParty();
  const unanswered: unknown[] = [];
  tv.room.on("slow", (_player, data) => {
    unanswered.push(data);
    return new Promise(() => undefined);
  });
  tv.room.on("quick", () => "quick");
  const asked = [1, 2, 3].map((number) => phone.me.ask("slow", number));
  await eventually("the TV was asked", () => unanswered.length === 3);
  tv.room.save("it knows of the requests"); // so the server does not say them again
  await expect(phone.me.ask("quick")).resolves.toBe("quick");
  const reloading = tv.page.reload();
  asked.push(phone.me.ask("slow", 4)); // this one waits at the server
  const again = await openTestHost(await reloading);
  const answered: unknown[] = [];
  again.room.on("slow", async (_player, data) => {
    answered.push(data);
    return Number(data) * 10;
  });
  expect(await Promise.all(asked)).toEqual([10, 20, 30, 40]);
  expect(answered).toHaveLength(4);
  expect(new Set(answered)).toEqual(new Set([1, 2, 3, 4]));
});

test("P5.10.3 a request that a phone's page had not answered when it was loaded again is answered by the next one, once", async () => {
  const { tv, phone, player } = await startParty({ awayMs: 0 });
  const unanswered: unknown[] = [];
  phone.me.on("slow", (data) => {
    unanswered.push(data);
    return new Promise(() => undefined);
  });
  const asked = [1, 2, 3].map((number) => player.ask("slow", number));
  await eventually("the phone was asked", () => unanswered.length === 3);
  for (let hint = 1; hint <= 16; hint++) player.send({ hint }); // so many that the phone says it has got them
  await phone.heard.take(16);
  await tv.room.latency(player);
  const reloading = phone.page.reload();
  expect(await tv.heard.next()).toEqual(["away", 1]);
  asked.push(player.ask("slow", 4)); // this one waits at the server
  const again = openPhone(await reloading, tv.room.code);
  const answered: unknown[] = [];
  again.me.on("slow", (data) => {
    answered.push(data);
    return Number(data) * 10;
  });
  expect(await Promise.all(asked)).toEqual([10, 20, 30, 40]);
  expect(answered).toHaveLength(4);
  expect(new Set(answered)).toEqual(new Set([1, 2, 3, 4]));
});

test("a request that nothing listens to is told so at once, and one to a player who leaves is over", async () => {
  const { tv, phone, player } = await startParty();
  await expect(phone.me.ask("unheard")).rejects.toMatchObject({ code: "not_answered" });
  await expect(player.ask("unheard")).rejects.toMatchObject({ code: "not_answered" });
  phone.me.on("never", () => new Promise(() => undefined));
  const asked = player.ask("never");
  phone.me.close();
  await expect(asked).rejects.toMatchObject({ code: "closed" });
  tv.room.close();
  await expect(player.ask("never")).rejects.toMatchObject({ code: "closed" });
});

test("P5.10.1 a plain WebSocket beside phones of the SDK gets no frame of the SDK's, and its own pass as ever", async () => {
  const { server, tv, phone } = await startParty();
  const plain = new WebSocket(`${server.url.replace("http", "ws")}/${tv.room.code}`);
  onTestEnd(() => plain.terminate());
  const got = new Inbox<string>("the plain phone");
  plain.on("message", (data: Buffer) => got.push(data.toString()));
  await new Promise((resolve) => void plain.once("open", resolve));
  expect(await tv.heard.next()).toEqual(["join", 2]);
  plain.send('{"move":1}');
  expect(await tv.heard.next()).toEqual(["json", 2, { move: 1 }]);
  tv.room.on("answer", () => undefined);
  phone.me.emit("answer", 1);
  await expect(phone.me.ask("answer")).resolves.toBeNull();
  tv.room.broadcast("plain text");
  expect(await got.next()).toBe("plain text");
  tv.room.emit("go", 1);
  expect(await got.next()).toBe('{"cw":"event","name":"go","data":1}');
});
