import { expect, test } from "@jest/globals";
import { array, assert, constantFrom, nat, property, record } from "../../support/property-testing.ts";
import { MemoryBudget, type MemoryAccount, type MemoryHolder } from "../../../src/room/memory-budget.ts";

/** A budget whose turns end when the test says so. */
function createBudget(limit: number) {
  const scheduled: (() => void)[] = [];
  const budget = new MemoryBudget({ limit, schedule: (action) => scheduled.push(action) });
  return {
    budget,
    endTurn: (): void => {
      for (const action of scheduled.splice(0)) action();
    },
  };
}

/** A holder that lets go of everything when it is cut. */
function openHolder(budget: MemoryBudget, name: string, cut: string[]): MemoryAccount {
  const account = budget.open({
    cut() {
      cut.push(name);
      account.close();
    },
  });
  return account;
}

test("over the limit the largest holder is cut, later in the turn and not inside the call that was too much", () => {
  const { budget, endTurn } = createBudget(1_000);
  const cut: string[] = [];
  const small = openHolder(budget, "small", cut);
  const large = openHolder(budget, "large", cut);
  large.add(700);
  small.add(300);
  endTurn();
  expect([budget.used, cut]).toEqual([1_000, []]);
  small.add(1);
  expect(cut).toEqual([]);
  endTurn();
  expect([budget.used, budget.cuts, cut]).toEqual([301, 1, ["large"]]);
});

test("what was given back before the turn ends costs no holder anything", () => {
  const { budget, endTurn } = createBudget(1_000);
  const cut: string[] = [];
  const holder = openHolder(budget, "holder", cut);
  holder.add(5_000);
  holder.add(-5_000);
  endTurn();
  expect([budget.used, cut]).toEqual([0, []]);
});

test("as many holders are cut as the limit asks for, largest first, and only so many in one turn", () => {
  const { budget, endTurn } = createBudget(1_000);
  const cut: string[] = [];
  for (let index = 0; index < 1_500; index++) openHolder(budget, String(index), cut).add(1_000 + index);
  endTurn();
  expect(cut).toEqual(Array.from({ length: 1_024 }, (_, index) => String(1_499 - index)));
  endTurn();
  expect([budget.used, budget.cuts, cut.at(-1)]).toEqual([0, 1_500, "0"]);
});

test("a large buffer that many phones wait for counts once in all, and for each of them", () => {
  const { budget } = createBudget(1e9);
  const frame = new Uint8Array(100_000);
  const phones = Array.from({ length: 250 }, () => openHolder(budget, "", []));
  for (const phone of phones) phone.hold(frame);
  expect([budget.used, phones[0]?.bytes]).toEqual([100_000, 100_000]);
  for (const phone of phones.slice(1)) phone.release(frame);
  expect(budget.used).toBe(100_000);
  phones[0]?.close();
  expect(budget.used).toBe(0);
});

test("a view of a large buffer counts for all of it, since all of it stays in memory", () => {
  const { budget } = createBudget(1e9);
  const chunk = new Uint8Array(65_536);
  const phone = openHolder(budget, "", []);
  phone.hold(chunk.subarray(0, 5_000));
  expect([budget.used, phone.bytes]).toEqual([65_536, 5_000]);
});

test("what a closed account still does changes nothing", () => {
  const { budget } = createBudget(1_000);
  const frame = new Uint8Array(10_000);
  const phone = openHolder(budget, "", []);
  phone.hold(frame);
  phone.close();
  phone.release(frame);
  phone.hold(frame);
  phone.add(500);
  phone.close();
  expect([budget.used, phone.bytes]).toEqual([0, 0]);
});

test("a socket that is being closed is not cut again, and no other pays for what it still holds", () => {
  const { budget, endTurn } = createBudget(1_000);
  let cuts = 0;
  const closing = budget.open({ cut: () => void (cuts += 1) });
  const cut: string[] = [];
  const honest = openHolder(budget, "honest", cut);
  closing.add(1_100);
  endTurn();
  honest.add(50);
  endTurn();
  expect([cuts, cut, budget.used]).toEqual([1, [], 1_150]);
  closing.close();
  expect(budget.used).toBe(50);
});

test("past a quarter of the limit what is about to go has to go at once, or closing sockets could fill the memory", () => {
  const { budget, endTurn } = createBudget(1_000);
  const cut: string[] = [];
  const closing = ["a", "b", "c"].map((name) => budget.open({ cut: () => void cut.push(name) }));
  for (const account of closing) account.add(600);
  endTurn();
  // Each is asked to go and then cut off, as far as the limit asks for it; the third is needed no more.
  expect(cut).toEqual(["a", "a", "b", "b"]);
  const late = openHolder(budget, "late", cut);
  late.add(10);
  endTurn();
  expect(cut.slice(4)).toEqual([]);
  for (const account of closing.slice(0, 2)) account.close();
  expect(budget.used).toBe(610);
  late.add(400);
  endTurn();
  expect(cut.slice(4)).toEqual(["c"]);
});

test("sockets that are cut and go only after the turn do not hold the event loop for ever", () => {
  const scheduled: (() => void)[] = [];
  const budget = new MemoryBudget({ limit: 1_000, schedule: (action) => scheduled.push(action) });
  const accounts = Array.from({ length: 20 }, () => budget.open({ cut: () => undefined }));
  for (const account of accounts) account.add(1_000);
  let looks = 0;
  for (let look = scheduled.shift(); look !== undefined && looks < 100; look = scheduled.shift()) {
    looks += 1;
    look();
  }
  expect(looks).toBeLessThan(5);
  for (const account of accounts) account.close();
  const honest = budget.open({ cut: () => undefined });
  honest.add(900);
  expect([budget.used, scheduled]).toEqual([900, []]);
});

test("a host that was asked to stop growing is cut once more only at the next overflow, and no phone is cut for it", () => {
  const { budget, endTurn } = createBudget(1_000);
  const cut: string[] = [];
  const host: MemoryHolder = {
    cut() {
      cut.push("host");
      if (cut.length === 1) return "stays";
      account.close();
      return undefined;
    },
  };
  const account = budget.open(host);
  const phone = openHolder(budget, "phone", cut);
  phone.add(100);
  account.add(1_200);
  endTurn();
  endTurn();
  expect(cut).toEqual(["host"]);
  phone.add(1);
  endTurn();
  expect([cut, budget.used]).toEqual([["host", "host"], 101]);
});

test("whatever is counted, the total is that of a plain sum over what is held", () => {
  const step = record({
    do: constantFrom("add" as const, "hold" as const, "release" as const, "close" as const),
    account: nat(3),
    buffer: nat(3),
  });
  assert(
    property(array(step, { maxLength: 100 }), (script) => {
      const { budget } = createBudget(1e9);
      const buffers = [100, 4_096, 5_000, 80_000].map((size) => new Uint8Array(size));
      const accounts = Array.from({ length: 4 }, () => openHolder(budget, "", []));
      const held: { own: number; buffers: Uint8Array[] }[] = accounts.map(() => ({ own: 0, buffers: [] }));
      const closed = new Set<number>();
      for (const { do: what, account: index, buffer: which } of script) {
        const [account, mine, data] = [accounts[index], held[index], buffers[which]];
        if (account === undefined || mine === undefined || data === undefined || closed.has(index)) continue;
        if (what === "add") {
          account.add(7);
          mine.own += 7;
        } else if (what === "hold") {
          account.hold(data);
          mine.buffers.push(data);
        } else if (what === "release" && mine.buffers.includes(data)) {
          account.release(data);
          mine.buffers.splice(mine.buffers.indexOf(data), 1);
        } else if (what === "close") {
          account.close();
          closed.add(index);
          Object.assign(mine, { own: 0, buffers: [] });
        }
        expect(account.bytes).toBe(mine.buffers.reduce((sum, { length }) => sum + length, mine.own));
      }
      const all = held.flatMap(({ buffers: mine }) => mine);
      const shared = new Set(all.filter(({ length }) => length >= 4_096));
      const own = held.reduce((sum, mine) => sum + mine.own, 0);
      const small = all.filter(({ length }) => length < 4_096);
      expect(budget.used).toBe([...small, ...shared].reduce((sum, { length }) => sum + length, own));
    }),
  );
});
