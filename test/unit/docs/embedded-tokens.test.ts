import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import { expect, test } from "@jest/globals";
import { createTokens } from "../../../src/index.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const document = readFileSync(new URL("../../../docs/EMBEDDING.md", import.meta.url), "utf8");

/** Runs the example of docs/EMBEDDING.md that begins with this import, as it stands there; its value is what it calls `token`. */
async function tokenOfExample(): Promise<string> {
  const [, code = ""] = /```js\nimport \{ createTokens \} from "couchwire";\n([^]*?)```/.exec(document) ?? [];
  expect(code).toContain("tokens.sign");
  const body = `return (async () => { ${code}; return token; })();`;
  const run = compileFunction(body, ["createTokens", "process"]);
  const token: unknown = await Reflect.apply(run, undefined, [createTokens, { env: { COUCHWIRE_JWT_SECRET: SECRET } }]);
  return String(token);
}

test("docs/EMBEDDING.md: its token lets Ann into the lobby for an hour", async () => {
  const token = await tokenOfExample();
  expect(await createTokens({ secret: SECRET }).verify(token)).toMatchObject({
    ok: true,
    value: { sub: "ann", room: "lobby", name: "Ann" },
  });
  const inAnHour = createTokens({ secret: SECRET, now: () => Date.now() + 3_700_000 });
  expect(await inAnHour.verify(token)).toMatchObject({ failure: { reason: "Your token has expired." } });
});
