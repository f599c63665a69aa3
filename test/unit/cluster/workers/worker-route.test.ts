import { expect, test } from "@jest/globals";
import { SignJWT } from "jose";
import { hashOfUser } from "../../../../src/admission/authorize.ts";
import { routeOf } from "../../../../src/cluster/workers/worker-route.ts";
import { hashSecret } from "../../../../src/hub/hash-secret.ts";
import { withoutBasePath } from "../../../../src/base-path.ts";

const SESSION = "a-session-of-a-page";

function headOf(path: string, ...headers: readonly string[]): Buffer {
  const all = [`GET ${path} HTTP/1.1`, "Host: x", "Connection: Upgrade", "Upgrade: websocket", ...headers];
  return Buffer.from(`${all.join("\r\n")}\r\n\r\n`);
}

function route(path: string, ...headers: readonly string[]): unknown {
  return routeOf(headOf(path, ...headers), {
    withoutBasePath: (url) => withoutBasePath(url, "/party"),
    hasTokens: true,
  });
}

async function token(claims: Readonly<Record<string, string>>): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(Buffer.alloc(32, 7));
}

test("a phone goes where its code is, in either case, below the public path too", () => {
  for (const path of ["/BCDF", "/bcdf?session=x", "/party/BCDF?name=a"])
    expect(route(path)).toEqual({ to: "room", keys: ["code:BCDF"] });
});

test("pages, and upgrades that name no room, go to any worker", () => {
  expect(
    routeOf(Buffer.from("GET /BCDF HTTP/1.1\r\nHost: x\r\n\r\n"), { withoutBasePath: (url) => url, hasTokens: false }),
  ).toEqual({ to: "any" });
  expect(routeOf(Buffer.from("GET /BCDF HT"), { withoutBasePath: (url) => url, hasTokens: false })).toEqual({
    to: "any",
  });
  expect(route("/ws")).toEqual({ to: "any_upgrade" });
  expect(route("/no/room")).toEqual({ to: "any_upgrade" });
});

test("a host page is known by its session, in the address or among the subprotocols", () => {
  const alias = `host:${hashSecret(SESSION)}`;
  expect(route("/CREATE")).toEqual({ to: "opener", alias: undefined, keys: [] });
  expect(route(`/CREATE?session=${SESSION}`)).toEqual({ to: "opener", alias, keys: [] });
  expect(route("/CREATE", `Sec-WebSocket-Protocol: couchwire.v1, couchwire.session.${SESSION}`)).toEqual({
    to: "opener",
    alias,
    keys: [],
  });
  const opener = `opener:${hashSecret(SESSION)}`;
  expect(route(`/CREATE?kind=relay&session=${SESSION}`)).toEqual({ to: "opener", alias: opener, keys: [] });
  expect(route("/CREATE?kind=relay&name=lobby")).toEqual({ to: "opener", alias: undefined, keys: ["name:lobby"] });
});

test("a name that no room may have is looked for nowhere", async () => {
  const tooLong = "x".repeat(129);
  expect(route(`/CREATE?kind=relay&name=${tooLong}`)).toEqual({ to: "opener", alias: undefined, keys: [] });
  for (const room of [tooLong, "half \ud800"])
    expect(route(`/ws?token=${await token({ sub: "ann", room, session_id: "1" })}`)).toEqual({ to: "any_upgrade" });
});

test("with a token the session is the user's, and a member goes to the room that its token names", async () => {
  const ofUser = await token({ sub: "ann" });
  expect(route(`/CREATE?token=${ofUser}`, "Sec-WebSocket-Protocol: couchwire.v1")).toEqual({
    to: "opener",
    alias: `host:${hashOfUser({ sub: "ann" })}`,
    keys: [],
  });
  const ofMember = await token({ sub: "ann", room: "lobby", session_id: "1" });
  for (const where of [route(`/ws?token=${ofMember}`), route("/ws", `Authorization: Bearer ${ofMember}`)])
    expect(where).toEqual({ to: "room", keys: ["name:lobby", "code:LOBBY"] });
  for (const nonsense of ["/ws?token=x", "/ws?token=a.b.c", "/ws?token=%00"])
    expect(route(nonsense)).toEqual({ to: "any_upgrade" });
});
