/** `GET /CODE` where the answer comes later, from another node, or cannot be known now. */
import { expect, test } from "@jest/globals";
import { onTestEnd } from "../support/clean-up.ts";
import { foundRoom, startHttpApp, writeFiles } from "../support/http-app.ts";

const CODE = "BCDF";
const HTML = "text/html,*/*";

async function startApp(lookUp: () => Promise<ReturnType<typeof foundRoom> | "not_found" | "not_now">) {
  const files = writeFiles({ "sketch/index.html": "<title>Sketch</title>", "sketch/player.html": "<p>Draw</p>" });
  onTestEnd(() => files.remove());
  const app = await startHttpApp({ gamesFolder: files.folder, options: { rooms: { lookUp } } });
  onTestEnd(() => app.close());
  return async (accept: string) => {
    const answer = await fetch(`${app.url}/${CODE}`, { headers: { accept }, redirect: "manual" });
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  };
}

test("P1.3 a room of another node is answered as text, as JSON and as the way to its phone page", async () => {
  const ask = await startApp(() => Promise.resolve(foundRoom({ name: "sketch", kind: "relay", meta: '{"table":3}' })));
  expect(await ask("text/plain")).toMatchObject({ status: 200, body: "sketch" });
  expect(JSON.parse((await ask("application/json")).body)).toMatchObject({
    code: CODE,
    kind: "relay",
    meta: { table: 3 },
  });
  const page = await ask(HTML);
  expect([page.status, page.headers.get("location")]).toEqual([302, `/games/sketch/player.html?room=${CODE}`]);
});

test("P1.3 while it cannot be known whether there is such a room, clients are to come back in a moment", async () => {
  const ask = await startApp(() => Promise.resolve("not_now"));
  for (const [accept, body] of [
    ["text/plain", /^Whether there is such a room cannot be known now\. Come back in a moment\.$/],
    ["application/json", /^\{"error":\{"code":"overloaded","message":"Whether there is such a room/],
    [HTML, /<h1>\s*Looking for <strong class="code" dir="ltr">BCDF<\/strong>\s*<\/h1>/],
  ] as const) {
    const answer = await ask(accept);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(answer.body).toMatch(body);
  }
});

test("P1.3 a look-up that fails is a bug: 500", async () => {
  const ask = await startApp(() => Promise.reject(new Error("The look-up fails.")));
  expect(await ask("text/plain")).toMatchObject({ status: 500, body: "Something went wrong here." });
});
