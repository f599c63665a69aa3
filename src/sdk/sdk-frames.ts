/**
 * What the SDK itself says in text frames (P5.10): JSON objects whose first member is `"cw"`. Every other frame is the game's own. The rooms
 * read a text frame once, here, and pass it on by its word: `event` and `reply` to the `Conversation`, `state` to the state.
 */
import { parseJson } from "./payload.ts";

/** A frame of the SDK; what its other members are is unchecked. */
export interface SdkFrame {
  /** What it is: `event`, `reply`, `state`, or a word of a newer SDK, which is ignored. */
  readonly cw: string;
  readonly [member: string]: unknown;
}

const BEGINNING = /^\s*\{\s*"cw"\s*:\s*"/;

/** The frame of the SDK that this text is; `undefined` for every other text, which is the game's. */
export function parseSdkFrame(text: string): SdkFrame | undefined {
  if (!BEGINNING.test(text)) return undefined;
  const value = parseJson(text)?.value;
  return value !== undefined && isSdkFrame(value) ? value : undefined;
}

function isSdkFrame(value: object): value is SdkFrame {
  return typeof Reflect.get(value, "cw") === "string"; // `cw` may stand there twice, and the last counts
}
