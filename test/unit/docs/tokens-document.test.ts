/** docs/TOKENS.md: its commands, and its recipe for Node, are run; the figures are those of the code. */
import { readFileSync } from "node:fs";
import { compileFunction } from "node:vm";
import { expect, test } from "@jest/globals";
import { TOKEN_ROLES } from "../../../src/auth/token-claims.ts";
import { MAX_TOKEN_LENGTH } from "../../../src/protocol/token-limits.ts";
import { parseTokenCommand } from "../../../src/cli/token-command.ts";
import { OPTION_TABLE } from "../../../src/config.ts";
import { createTokens } from "../../../src/index.ts";
import { JWT_SECRET } from "../../support/member-client.ts";

const document = readFileSync(new URL("../../../docs/TOKENS.md", import.meta.url), "utf8");
const environment = { COUCHWIRE_JWT_SECRET: JWT_SECRET };

/** The words of a command, as a shell reads them. */
const wordsOf = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

test("its commands are taken", () => {
  const commands = [...document.matchAll(/^couchwire token (.+)$/gm)];
  expect(commands).toHaveLength(3);
  for (const [, words = ""] of commands)
    expect(parseTokenCommand(wordsOf(words), environment)).toMatchObject({ ok: true, value: { run: "token" } });
});

test("its recipe for Node makes a token that counts", async () => {
  const [, code = ""] = /```js\nimport \{ createTokens \} from "couchwire";\n([^]*?)```/.exec(document) ?? [];
  const run = compileFunction(`return (async () => { ${code}; return token; })();`, ["createTokens", "process"]);
  const token: unknown = await Reflect.apply(run, undefined, [createTokens, { env: environment }]);
  expect(await createTokens({ secret: JWT_SECRET }).verify(String(token))).toMatchObject({
    value: { sub: "ann", room: "lobby", role: "member" },
  });
});

test("it names options that are there, all roles, and the length of the code", () => {
  const named = new Set([...document.matchAll(/`(COUCHWIRE_\w+)`/g)].map(([, name]) => name));
  const known = new Set(OPTION_TABLE.map(({ env }) => env));
  expect([...named].filter((name = "") => !known.has(name))).toEqual([]);
  for (const role of TOKEN_ROLES) expect(document).toContain(`"${role}"`.replaceAll('"', role === "host" ? '"' : ""));
  expect(document).toContain(`more than ${MAX_TOKEN_LENGTH} letters`);
});
