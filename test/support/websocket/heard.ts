/** What a reader of frames tells, written down so that two readers can be held against each other. */

export type Heard =
  | { readonly kind: "text" | "binary" | "ping" | "pong"; readonly data: Buffer }
  /** The peer's Close, `undefined` where it gave no code. */
  | { readonly kind: "close"; readonly code: number | undefined }
  /** What was wrong, as the close code that says so. */
  | { readonly kind: "fault"; readonly code: number };

/** Takes bytes as they come. After a Close or a fault nothing more is heard. */
export interface FrameEnd {
  readonly heard: readonly Heard[];
  /** The chunk is its own from now on. */
  read(chunk: Buffer): void;
}

export function isSame(one: Heard | undefined, other: Heard | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if ("data" in one) return "data" in other && one.kind === other.kind && one.data.equals(other.data);
  return !("data" in other) && one.kind === other.kind && one.code === other.code;
}

const SHOWN_BYTES = 16;

/** For people: what a test that fails prints. */
export function inWords(heard: Heard | undefined): string {
  if (heard === undefined) return "nothing";
  if (!("data" in heard)) return `${heard.kind} ${heard.code ?? "without a code"}`;
  return `${heard.kind} of ${heard.data.length} bytes ${heard.data.toString("hex", 0, SHOWN_BYTES)}`;
}
