/** Tokens as a program gives them: as text, or by a function that is asked before each attempt to connect. */
import { CouchwireError } from "./couchwire-error.ts";
import { invalid, quote } from "./invalid-argument.ts";

/** A JWT, or a function that returns one, or a promise of one. */
export type TokenSource = string | (() => string | Promise<string>);

const JWT = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** @throws {CouchwireError} `invalid_argument` at what is neither a token nor a function */
export function checkTokenSource(token: TokenSource | undefined): void {
  if (token === undefined || typeof token === "function") return;
  if (typeof token !== "string") {
    throw invalid(`\`token\` has to be text, or a function that returns it; this is ${quote(token)}.`);
  }
  checkToken(token);
}

/** @throws {CouchwireError} `invalid_argument` */
export function checkToken(token: string): string {
  if (typeof token === "string" && JWT.test(token)) return token;
  throw invalid("`token` has to be a JWT: three parts of A–Z a–z 0–9 _ - with dots between.");
}

/** What an attempt shows, with the token of the moment: at once, unless the program has to fetch it. */
export function withToken<Target>(
  token: TokenSource | undefined,
  target: (token?: string) => Target,
): Target | Promise<Target> {
  if (token === undefined) return target();
  return typeof token === "string" ? target(checkToken(token)) : toldBy(token).then((told) => target(told));
}

/** How long an attempt waits for the program's token; the next attempt asks again. */
const MAX_TOKEN_MS = 10_000;

/** The code of an attempt that has nothing to show. */
export const NO_TOKEN = "no_token";

/** A token that the program's function gives. @throws {CouchwireError} (by rejecting) `no_token` where it throws, gives none, or does not answer */
async function toldBy(token: () => string | Promise<string>): Promise<string> {
  try {
    const told = token();
    return checkToken(typeof told === "string" ? told : await inTime(told));
  } catch (error) {
    if (error instanceof CouchwireError && error.code === NO_TOKEN) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CouchwireError(NO_TOKEN, `The function \`token\` gave no token: ${why}`);
  }
}

async function inTime(told: Promise<string>): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new CouchwireError(NO_TOKEN, `The function \`token\` gave no token within ${MAX_TOKEN_MS} ms.`);
    timer = setTimeout(() => reject(error), MAX_TOKEN_MS);
  });
  return await Promise.race([told, late]).finally(() => clearTimeout(timer));
}
