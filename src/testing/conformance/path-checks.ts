/** Part 1: what stands where. */
import { expectSame, expectThat } from "./broken-rule.ts";
import { checksOf } from "./conformance-check.ts";
import type { PlainAnswer, Trial } from "./trial.ts";
import { WireLine, type HandshakeAnswer } from "./wire-line.ts";

const HTML = { Accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
const WHOLE_HELP = "answers 400 with a help text";

function expectText(
  what: string,
  { status, headers, body }: PlainAnswer,
  wanted: { status: number; body: string },
): void {
  expectSame(what, { status, body }, wanted);
  expectThat(isPlain(headers["content-type"]), `The Content-Type of ${what}`, "text/plain", headers["content-type"]);
}

function isPlain(type: unknown): boolean {
  return typeof type === "string" && /^text\/plain\b/i.test(type);
}

function expectReadable(what: string, { headers }: PlainAnswer): void {
  expectSame(`The Access-Control-Allow-Origin of ${what}`, headers["access-control-allow-origin"], "*");
}

/** A handshake that has to be answered over HTTP. */
async function refusedHandshake(
  trial: Trial,
  path: string,
  request: Parameters<Trial["handshake"]>[1] = {},
): Promise<HandshakeAnswer> {
  const answer = await trial.handshake(path, request);
  return answer instanceof WireLine ? answer.answer : answer;
}

export const pathChecks = checksOf("wmbp", [
  {
    is: "P1.1 a WebSocket at /CREATE makes its client a host, which is told its state",
    async run(trial) {
      const host = await trial.host();
      expectSame("What a host is told first", (await host.next("state")).cmd, "state");
    },
  },
  {
    is: "P1.1 a WebSocket of another version than 13 is answered 426",
    departure: "answers it like a request without an upgrade",
    async run(trial) {
      const { status } = await refusedHandshake(trial, "/CREATE", { headers: { "Sec-WebSocket-Version": "12" } });
      expectSame("The answer to version 12", status, 426);
    },
  },
  {
    is: "P1.2 a WebSocket at /CODE makes its client a player in that room; the code is accepted in either case",
    departure: "codes are case-sensitive",
    async run(trial) {
      const room = await trial.room({ name: "either" });
      const { phone, id } = await trial.join(room);
      phone.say("hello");
      await room.host.hears({ cmd: "from_str", from: id, data: "hello" });
      await trial.departing(async () => {
        const lower = room.code.toLowerCase();
        const { status, body } = await trial.request("GET", `/${lower}`);
        expectSame("GET /code", { status, body }, { status: 200, body: "either" });
        await trial.join({ host: room.host, code: lower });
      });
    },
  },
  {
    is: "P1.3 GET /CODE by a program answers the game's name, as plain text from any origin, and 404 where there is no room",
    async run(trial) {
      const { code } = await trial.room({ name: "Zeichnen ✏️" });
      const found = await trial.request("GET", `/${code}`);
      expectText("GET /CODE", found, { status: 200, body: "Zeichnen ✏️" });
      expectReadable("GET /CODE", found);
      const none = await trial.request("GET", `/${trial.unknownCode()}`);
      expectText("GET of a code without a room", none, { status: 404, body: "Game not found" });
      expectReadable("GET of a code without a room", none);
    },
  },
  {
    is: "P1.4 GET /CODE by a browser leads to the game's page, and is a page with status 404 where there is no room",
    departure: "answers browsers as it answers programs",
    async run(trial) {
      const { code } = await trial.room({ name: "conformance-check" });
      const { status, headers } = await trial.request("GET", `/${code}`, HTML);
      const { location, "content-type": type } = headers;
      const leads = status >= 300 && status < 400 && typeof location === "string" && location.includes(`room=${code}`);
      const isPage = status === 200 && typeof type === "string" && type.startsWith("text/html");
      const expected = "a redirect to the page with room=CODE, or a page that says that the game is not served here";
      expectThat(leads || isPage, "GET /CODE by a browser", expected, { status, location, type });
      const none = await trial.request("GET", `/${trial.unknownCode()}`, HTML);
      const seen = { status: none.status, isPage: /^text\/html\b/.test(String(none.headers["content-type"])) };
      expectSame("GET of a code without a room, by a browser", seen, { status: 404, isPage: true });
    },
  },
  {
    is: "P1.5 GET /CREATE is answered 426 and a line of plain text, also where a proxy has taken the upgrade off",
    departure: "answers 200",
    async run(trial) {
      const { status, headers } = await trial.request("GET", "/CREATE");
      expectSame("GET /CREATE", { status, isPlain: isPlain(headers["content-type"]) }, { status: 426, isPlain: true });
      const stripped = await refusedHandshake(trial, "/CREATE", {
        headers: { Upgrade: undefined, Connection: "close" },
      });
      expectSame("A handshake without Upgrade", stripped.status, 426);
    },
  },
  {
    is: "P1.6 a WebSocket on any other path is answered 404 before anything is upgraded",
    departure: WHOLE_HELP,
    async run(trial) {
      for (const path of ["/create", "/CREATE/more", "/conformance", "/"]) {
        expectSame(`A WebSocket at ${path}`, (await refusedHandshake(trial, path)).status, 404);
      }
    },
  },
  {
    is: "P1.7 GET / answers 200, readable from any origin",
    departure: WHOLE_HELP,
    async run(trial) {
      const answer = await trial.request("GET", "/");
      expectSame("GET /", answer.status, 200);
      expectReadable("GET /", answer);
    },
  },
  {
    is: "P1.8 other methods are answered 405; HEAD is GET without its body, and OPTIONS answers a CORS preflight",
    departure: "answers every method like GET",
    async run(trial) {
      for (const method of ["POST", "DELETE"]) {
        expectSame(`${method} /`, (await trial.request(method, "/")).status, 405);
        expectSame(`${method} /CREATE`, (await trial.request(method, "/CREATE")).status, 405);
      }
      const { status, body } = await trial.request("HEAD", "/");
      expectSame("HEAD /", { status, body }, { status: 200, body: "" });
      const preflight = await trial.request("OPTIONS", "/", {
        Origin: "https://example.org",
        "Access-Control-Request-Method": "GET",
      });
      const isAllowed = preflight.status >= 200 && preflight.status < 300;
      const allowed = preflight.headers["access-control-allow-origin"];
      expectSame("OPTIONS /", { isAllowed, allowed }, { isAllowed: true, allowed: "*" });
    },
  },
]);
