/** Why a connection does not come about, is down, or has ended, in words for people. */
import { CLOSE_CODES } from "../index.ts";
import type { Translations } from "./language.ts";
import { WORDS } from "./words.ts";

/** In all languages, or as the host has written it. */
export type Sentence = Translations | string;

const BY_NAME: Readonly<Record<string, Translations | undefined>> = WORDS;

/** What a final close says. */
export function sentenceOfClose(close: { readonly name: string | undefined; readonly reason: string }): Sentence {
  const { name = "", reason } = close;
  if (name === "kicked" && reason !== "" && reason !== CLOSE_CODES.kicked.reason) return reason;
  return BY_NAME[name] ?? (reason || WORDS.room_closed);
}

/** What an attempt says that failed, while the SDK goes on trying. */
export function sentenceOfFailure(failure: {
  readonly cause: string;
  readonly code: number;
  readonly reason: string;
}): Sentence {
  const name = Object.entries(CLOSE_CODES).find(([, { code }]) => code === failure.code)?.[0] ?? "";
  return BY_NAME[failure.cause] ?? BY_NAME[name] ?? failure.reason;
}
