/** Authorize, locate, admit: in which order, at once or later, and what an answer that comes too late does. */
import { describe, expect, test } from "@jest/globals";
import { createAdmission, type AdmissionOptions } from "../../../src/admission/admission.ts";
import type { AdmissionOutcome, ConnectRequest, ConnectTarget } from "../../../src/admission/connect-request.ts";
import type { LookUp } from "../../../src/hub/hub.ts";
import type { WireHost } from "../../../src/session/wire-host.ts";
import { NOTHING_OFFERED } from "../../../src/protocol/subprotocols.ts";
import { FakeHub } from "../../support/room/fake-hub.ts";
import { FakePort } from "../../support/room/fake-port.ts";

const SESSION = "a-session-of-sixteen-or-more";

/** A phone that has not been let in; the test says when it hangs up. */
class Phone extends FakePort {
  isGone = false;

  isStillThere(): boolean {
    return !this.isGone;
  }
}

/** An answer that the test gives when it likes. */
class Later<T> {
  give: (answer: T) => void = () => {};
  fail: (error: Error) => void = () => {};
  readonly promise = new Promise<T>((resolve, reject) => {
    this.give = resolve;
    this.fail = reject;
  });
}

function asks(target: ConnectTarget, query: Record<string, string> = {}): ConnectRequest {
  const parameters = new URLSearchParams(query);
  const from = { address: "10.0.0.1", agent: "test", transport: "websocket", headers: {}, path: "/" } as const;
  return { target, query: parameters, subprotocols: NOTHING_OFFERED, ...from };
}

function setUp(options: Partial<AdmissionOptions> = {}) {
  const hub = new FakeHub();
  const opened = hub.open({ session: "host" });
  const admission = createAdmission({ hub: hub.hub, bytes: "array", ...options });
  const phone = new Phone("phone");
  const asPlayer = asks({ for: "player", code: opened.code }, { session: SESSION });
  return { ...opened, hub, admission, phone, asPlayer };
}

const located = (found: LookUp) => ({ lookUp: () => found, hostOf: () => undefined });

describe("the admission", () => {
  test("answers in the same call where all steps do", () => {
    const { admission, phone, asPlayer, room } = setUp({ authorizer: { authorize: () => undefined } });
    expect(admission.admit(phone, asPlayer)).toMatchObject({ at: "admitted" });
    expect(room.playerCount).toBe(1);
  });

  test("asks the authorizer before the locator, and takes a seat when both have answered", async () => {
    const authorized = new Later<undefined>();
    const found = new Later<LookUp>();
    const asked: string[] = [];
    const { admission, phone, asPlayer, room } = setUp({
      authorizer: { authorize: ({ address }) => (asked.push(`authorize ${address}`), authorized.promise) },
      locator: { lookUp: (code) => (asked.push(`locate ${code}`), found.promise), hostOf: () => undefined },
    });
    const outcome = admission.admit(phone, asPlayer);
    await turn();
    expect(asked).toEqual(["authorize 10.0.0.1"]);
    authorized.give(undefined);
    await turn();
    expect([asked, room.playerCount]).toEqual([["authorize 10.0.0.1", `locate ${room.code}`], 0]);
    found.give(room);
    expect(await outcome).toMatchObject({ at: "admitted" });
    expect(room.playerCount).toBe(1);
  });

  test("locates nothing for a peer that the authorizer refuses", async () => {
    const rejection = { name: "unauthorized", reason: "No token." } as const;
    let lookUps = 0;
    const { admission, phone, asPlayer } = setUp({
      authorizer: { authorize: () => Promise.resolve(rejection) },
      locator: { lookUp: () => ((lookUps += 1), "not_found"), hostOf: () => undefined },
    });
    expect(await admission.admit(phone, asPlayer)).toEqual({ at: "refused", ...rejection });
    expect(lookUps).toBe(0);
  });

  test("asks the authorizer nothing about a request that this node refuses by itself", () => {
    const { admission, phone, code } = setUp({
      authorizer: {
        authorize: () => {
          throw new Error("asked");
        },
      },
    });
    const outcome = admission.admit(phone, asks({ for: "player", code }, { session: "short" }));
    expect(outcome).toMatchObject({ at: "refused", name: "bad_request" });
  });

  test.each(["authorize", "locate"])("P5.9.11 gives a phone no seat that hangs up during %s", async (step) => {
    const authorized = new Later<undefined>();
    const found = new Later<LookUp>();
    const { admission, phone, asPlayer, room, host } = setUp({
      authorizer: { authorize: () => authorized.promise },
      locator: { lookUp: () => found.promise, hostOf: () => undefined },
    });
    host.takeEvents();
    const outcome = admission.admit(phone, asPlayer);
    if (step === "authorize") phone.isGone = true;
    authorized.give(undefined);
    await turn();
    phone.isGone = true;
    found.give(room);
    expect(await outcome).toMatchObject({ at: "refused" });
    expect([room.playerCount, host.takeEvents()]).toEqual([0, []]);
  });

  test("refuses a phone whose room has closed while it was looked for", async () => {
    const found = new Later<LookUp>();
    const locator = { lookUp: () => found.promise, hostOf: () => undefined };
    const { admission, phone, asPlayer, room } = setUp({ locator });
    const outcome = admission.admit(phone, asPlayer);
    room.close("room_closed");
    found.give(room);
    expect(await outcome).toMatchObject({ at: "refused", name: "room_not_found" });
  });

  test("counts wrong PINs that were under way together one by one", async () => {
    const hub = new FakeHub({ guessLimit: 3 });
    const { room, code } = hub.open({ pin: "1234" });
    const admission = createAdmission({ hub: hub.hub, bytes: "array", locator: promised(located(room)) });
    const guesses = Array.from({ length: 5 }, async (_, pin) =>
      admission.admit(new Phone(`phone ${pin}`), asks({ for: "player", code }, { pin: `${pin}` })),
    );
    const outcomes = await Promise.all(guesses);
    expect(outcomes.map(nameOf)).toEqual([
      "unauthorized",
      "unauthorized",
      "unauthorized",
      "rate_limited",
      "rate_limited",
    ]);
  });

  test("gives two connections of one host that arrive together one room", async () => {
    const hub = new FakeHub();
    const locator = promised({ lookUp: () => "not_found", hostOf: () => undefined });
    const admission = createAdmission({ hub: hub.hub, bytes: "array", locator });
    const request = asks({ for: "host" }, { session: SESSION });
    const [first, second] = [new Phone("first"), new Phone("second")];
    const outcomes = await Promise.all([admission.admit(first, request), admission.admit(second, request)]);
    expect(outcomes.map(({ at }) => at)).toEqual(["admitted", "admitted"]);
    expect([first.closing?.name, second.closing]).toEqual(["replaced", undefined]);
  });

  test("passes on that a directory failed", async () => {
    const locator = { lookUp: () => Promise.reject(new Error("no directory")), hostOf: () => undefined };
    const { admission, phone, asPlayer } = setUp({ locator });
    await expect(admission.admit(phone, asPlayer)).rejects.toThrow("no directory");
  });
});

/** The same locator on another machine. */
function promised(locator: { lookUp: () => LookUp; hostOf: () => WireHost | undefined }) {
  return {
    lookUp: () => Promise.resolve(locator.lookUp()),
    hostOf: () => Promise.resolve(locator.hostOf()),
  };
}

function nameOf(outcome: AdmissionOutcome): string {
  return outcome.at === "refused" ? outcome.name : outcome.at;
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
