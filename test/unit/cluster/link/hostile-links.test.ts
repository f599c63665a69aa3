/** What comes from another node is input: nothing that it says throws, takes much memory, or touches the links of other nodes. */
import { describe, expect, test } from "@jest/globals";
import { TO_EDGE, TO_HOME, WINDOW_BYTES } from "../../../../src/cluster/link/link-format.ts";
import { decodeConnectRequest, encodeConnectRequest } from "../../../../src/cluster/link/link-request.ts";
import { encodeShareTerms, SHARE_TO_EDGE } from "../../../../src/cluster/link/share-format.ts";
import { MAIL_KINDS } from "../../../../src/cluster/mail/mail-kinds.ts";
import { MemoryBudget } from "../../../../src/room/memory-budget.ts";
import { VoteRound } from "../../../../src/room/vote-round.ts";
import { startRoom } from "../../../support/cluster/linked-rooms.ts";
import { startMail } from "../../../support/cluster/mail-nodes.ts";
import { requestOf } from "../../../support/cluster/test-peer.ts";
import { eventually } from "../../../support/inbox.ts";
import * as fc from "../../../support/property-testing.ts";

const MEBIBYTE = 1_048_576;
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

function head(op: number, id: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = op;
  bytes.writeUInt32BE(id, 1);
  return bytes;
}

/** Two linked nodes with a phone that waits for its room's frames, and a third one that speaks the wire of links as it likes. */
async function startBesideEvil() {
  const budget = new MemoryBudget({ limit: 100 * MEBIBYTE, schedule: queueMicrotask });
  const room = await startRoom({ budget });
  const { mail: evil } = await startMail(room.bus, "evil");
  return { ...room, budget, evil, phone: (await room.seat()).phone };
}

test("a request of a newer version, with secrets that are not known here, is read", () => {
  const request = requestOf({ for: "player", code: "BCDF" }, { subprotocols: "couchwire.v1, couchwire.pin.MTIzNA" });
  const said: { secrets: Record<string, string> } = JSON.parse(encodeConnectRequest(request).toString());
  said.secrets["newly"] = "x";
  const read = decodeConnectRequest(Buffer.from(JSON.stringify(said)));
  expect(read?.subprotocols.secrets).toEqual(request.subprotocols.secrets);
});

describe("a node that says anything", () => {
  test("on the kinds of links and shares disturbs neither of the others", async () => {
    const { home, edge, budget, evil, host, phone } = await startBesideEvil();
    const { linkToHome, linkToEdge, shareToHome, shareToEdge } = MAIL_KINDS;
    const kinds = fc.constantFrom(linkToHome, linkToEdge, shareToHome, shareToEdge);
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc
        .tuple(fc.nat(16), fc.constantFrom(0, 1, 2, 3, 0xff_ff_ff_ff), fc.uint8Array({ maxLength: 60 }))
        .map(([op, id, tail]) => Buffer.concat([head(op, id), tail])),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(kinds, body), { maxLength: 30 }), async (said) => {
        for (const [kind, bytes] of said) for (const to of ["home", "edge"]) evil.send(to, kind, bytes);
        await turn();
        await turn();
      }),
    );
    expect([home.bugs, edge.bugs]).toEqual([[], []]);
    expect(budget.used).toBeLessThan(MEBIBYTE);
    host.say(JSON.stringify({ cmd: "to_str", to: [], data: "still here" }));
    expect(await phone.inbox.next()).toBe("still here");
  });

  test("of shares of audiences opens so many, and no more", async () => {
    const { edge, home, evil } = await startBesideEvil();
    const limits = { sendQueue: 1, playerRate: 1, playerBurst: 1, playerBytes: 1 };
    const round = new VoteRound(0, undefined);
    const terms = encodeShareTerms({ room: "BCDF", limits, round });
    for (let id = 0; id < 16_400; id++) evil.send("edge", MAIL_KINDS.shareToEdge, head(SHARE_TO_EDGE.open, id), terms);
    await eventually("it is logged", () => edge.faults.length > 0);
    expect(edge.faults[0]).toBe("a node has opened too many shares of audiences here");
    expect(edge.links.shares.atEdge).toBe(16_384);
    await evil.close();
    await eventually("they are forgotten", () => edge.links.shares.atEdge === 0);
    expect([home.bugs, edge.bugs]).toEqual([[], []]);
  });

  test("on a link of its own disturbs that link at most", async () => {
    const { home, budget, evil, host, phone, code } = await startBesideEvil();
    let id = 0;
    const op = fc.constantFrom(...Object.values(TO_HOME).filter((one) => one !== TO_HOME.open && one !== TO_HOME.join));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(op, fc.uint8Array({ maxLength: 60 })), { maxLength: 20 }), async (said) => {
        id += 1;
        const request = requestOf({ for: "player", code }, { address: `10.0.${id >> 8}.${id & 0xff}` });
        evil.send("home", MAIL_KINDS.linkToHome, head(TO_HOME.open, id), encodeConnectRequest(request));
        for (const [one, tail] of said) evil.send("home", MAIL_KINDS.linkToHome, head(one, id), tail);
        evil.send("home", MAIL_KINDS.linkToHome, head(TO_HOME.gone, id), Buffer.from("left"));
        await turn();
        await turn();
      }),
    );
    await eventually("its links are over", () => home.links.counts.atHome === 1);
    expect(home.bugs).toEqual([]);
    expect(budget.used).toBeLessThan(MEBIBYTE);
    host.say(JSON.stringify({ cmd: "to_str", to: [], data: "still here" }));
    expect(await phone.inbox.next()).toBe("still here");
  });

  test("in place of a request is refused, and logged", async () => {
    const { home, evil } = await startBesideEvil();
    const bodies = ["", "{", "null", "[]", '{"target":{"for":"line"}}', JSON.stringify({ target: { for: "host" } })];
    for (const [index, text] of bodies.entries()) {
      evil.send("home", MAIL_KINDS.linkToHome, head(TO_HOME.open, index + 1), Buffer.from(text));
      evil.send("home", MAIL_KINDS.linkToHome, head(TO_HOME.join, index + 101), Buffer.from(text));
    }
    await eventually("it is logged", () => home.faults.length > 0);
    expect(home.faults[0]).toBe("a link was refused: its request was not understood");
    expect(home.bugs).toEqual([]);
  });

  test("counts more than was sent as nothing", async () => {
    const { edge, evil, phone, bus } = await startBesideEvil();
    // The home itself says so: its mail is forged in place.
    const forged = Buffer.alloc(7, 0xff);
    phone.say("x");
    await turn();
    evil.send("edge", MAIL_KINDS.linkToEdge, head(TO_EDGE.taken, 1), forged);
    await turn();
    let said = 0;
    bus.fault = (message) => (message.subject === "test.node.edge" ? [] : [message]);
    while (phone.isRead && said < 2 * WINDOW_BYTES) {
      phone.say(Buffer.alloc(10_000));
      said += 10_000;
    }
    expect(said).toBeLessThanOrEqual(WINDOW_BYTES + 10_000);
    expect(edge.bugs).toEqual([]);
  });
});
