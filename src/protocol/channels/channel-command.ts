/** What a client of the channels says (P8.1, P8.2): one command a frame, in JSON. `data` is passed on as it lies in the frame. */
import { readJsonMembers } from "../json-members.ts";
import type { JsonLimits } from "../json-fields.ts";
import { failure, success, type Result } from "../result.ts";
import { isUtf8 } from "../utf8.ts";
import { isChannelName, MAX_CHANNEL_NAME_BYTES } from "./channel-name.ts";

/** A place among the publications of a channel. */
export interface ChannelPosition {
  /** The life of the channel in which the offset counts. */
  readonly epoch: string;
  /** The number of a publication, from 1; 0 is before the first. */
  readonly offset: number;
}

/** A sound command. */
export type ChannelCommand =
  /** `token`: `undefined` where the handshake has shown one. */
  | { readonly method: "connect"; readonly token: string | undefined }
  | { readonly method: "subscribe"; readonly channel: string; readonly since: ChannelPosition | undefined }
  | { readonly method: "unsubscribe"; readonly channel: string }
  | { readonly method: "ping" }
  /** `data`: JSON in UTF-8, a view of the frame. */
  | { readonly method: "publish"; readonly channel: string; readonly data: Uint8Array }
  | { readonly method: "presence"; readonly channel: string };

/** The name of a command. */
export type ChannelMethod = ChannelCommand["method"];

/** One frame of a client, as far as it could be read. */
export interface ChannelFrame {
  /** The JSON of its `id`, to be given back; `null` where it has none that can be read. */
  readonly id: string;
  /** The command that it names, sound or not. */
  readonly method: ChannelMethod | undefined;
  /** The command, or the sentence what is wrong with it. */
  readonly command: Result<ChannelCommand, string>;
}

/** As deep and as many as a member of an open room may send. */
const LIMITS: JsonLimits = { depth: 128, items: 1_048_576, containers: 65_536 };
/** Bytes of an `id` as JSON: it is given back in the answer. */
const MAX_ID_BYTES = 256;

const NO_ID = "null";
const MEMBERS = ["id", "method", "params"] as const;
const PARAMS = ["token", "channel", "since", "data"] as const;
const SINCE = ["epoch", "offset"] as const;
const QUOTE = 0x22;
const OPEN_OBJECT = 0x7b;

type Params = ReadonlyMap<(typeof PARAMS)[number], Uint8Array>;
type Parse = (params: Params) => Result<ChannelCommand, string>;

const fromUtf8 = new TextDecoder("utf-8", { ignoreBOM: true });

const PARSERS: Readonly<Record<ChannelMethod, Parse>> = {
  connect: (params) => {
    const token = textOf(params.get("token"));
    return token === "wrong"
      ? failure("`params.token` has to be text.")
      : success({ method: "connect", token: token.text });
  },
  subscribe: (params) =>
    forChannel(params, (channel) => {
      const since = sinceOf(params.get("since"));
      return since.ok ? success({ method: "subscribe", channel, since: since.value }) : since;
    }),
  unsubscribe: (params) => forChannel(params, (channel) => success({ method: "unsubscribe", channel })),
  ping: () => success({ method: "ping" }),
  publish: (params) =>
    forChannel(params, (channel) => {
      const data = params.get("data");
      return data === undefined ? failure("`params.data` is missing.") : success({ method: "publish", channel, data });
    }),
  presence: (params) => forChannel(params, (channel) => success({ method: "presence", channel })),
};

/** The names of all commands. */
export const CHANNEL_METHODS: readonly ChannelMethod[] = Object.keys(PARSERS).filter(isMethod);

function isMethod(text: string): text is ChannelMethod {
  return Object.hasOwn(PARSERS, text);
}

/** Reads one frame. A binary one is read as text. */
export function readChannelFrame(bytes: Uint8Array, isText: boolean): ChannelFrame {
  if (!isText && !isUtf8(bytes, 0, bytes.length)) return unreadable("The frame is not UTF-8.");
  const members = readJsonMembers(bytes, MEMBERS, LIMITS);
  if (!members.ok) return unreadable(`A command is one JSON object. ${members.failure}.`);
  const id = idOf(members.value.get("id"));
  if (!id.ok) return unreadable(id.failure);
  const named = textOf(members.value.get("method"));
  if (named === "wrong" || named.text === undefined || !isMethod(named.text)) {
    const reason = `\`method\` has to be one of ${CHANNEL_METHODS.join(", ")}.`;
    return { id: id.value, method: undefined, command: failure(reason) };
  }
  return { id: id.value, method: named.text, command: parse(named.text, members.value.get("params")) };
}

/** Whether a peer on `/ws` that shows no token speaks to the channels, by its first frame (P6.0): not where that is an object that has nothing of a command. */
export function isChannelFrame(bytes: Uint8Array): boolean {
  const members = readJsonMembers(bytes, MEMBERS, LIMITS);
  return !members.ok || members.value.has("method") || members.value.has("id");
}

function parse(method: ChannelMethod, json: Uint8Array | undefined): Result<ChannelCommand, string> {
  if (json === undefined || isNull(json)) return PARSERS[method](new Map());
  const params = json[0] === OPEN_OBJECT ? readJsonMembers(json, PARAMS, LIMITS) : failure("");
  return params.ok ? PARSERS[method](params.value) : failure("`params` has to be an object.");
}

function unreadable(reason: string): ChannelFrame {
  return { id: NO_ID, method: undefined, command: failure(reason) };
}

function idOf(json: Uint8Array | undefined): Result<string, string> {
  if (json === undefined || isNull(json)) return success(NO_ID);
  const isScalar = json[0] === QUOTE || isNumber(json[0]);
  if (!isScalar) return failure("`id` has to be a number or text.");
  if (json.length > MAX_ID_BYTES)
    return failure(`\`id\` has ${json.length} bytes; at most ${MAX_ID_BYTES} are allowed.`);
  return success(fromUtf8.decode(json));
}

function forChannel(
  params: Params,
  read: (channel: string) => Result<ChannelCommand, string>,
): Result<ChannelCommand, string> {
  const channel = textOf(params.get("channel"));
  if (channel === "wrong" || channel.text === undefined || !isChannelName(channel.text)) {
    return failure(`\`params.channel\` has to be text of 1 to ${MAX_CHANNEL_NAME_BYTES} bytes of UTF-8.`);
  }
  return read(channel.text);
}

const WRONG_SINCE = "`params.since` has to be an object of `epoch`, a text, and `offset`, a whole number from 0.";

function sinceOf(json: Uint8Array | undefined): Result<ChannelPosition | undefined, string> {
  if (json === undefined || isNull(json)) return success(undefined);
  const members = json[0] === OPEN_OBJECT ? readJsonMembers(json, SINCE, LIMITS) : failure("");
  if (!members.ok) return failure(WRONG_SINCE);
  const epoch = textOf(members.value.get("epoch"));
  const number = members.value.get("offset");
  const offset = number !== undefined && isNumber(number[0]) ? Number(fromUtf8.decode(number)) : NaN;
  if (epoch === "wrong" || epoch.text === undefined || !Number.isSafeInteger(offset) || offset < 0) {
    return failure(WRONG_SINCE);
  }
  return success({ epoch: epoch.text, offset });
}

/** The text that this JSON is; none where it is missing or null. */
function textOf(json: Uint8Array | undefined): { readonly text: string | undefined } | "wrong" {
  if (json === undefined || isNull(json)) return { text: undefined };
  const text: unknown = json[0] === QUOTE ? JSON.parse(fromUtf8.decode(json)) : undefined;
  return typeof text === "string" ? { text } : "wrong";
}

function isNull(json: Uint8Array): boolean {
  return json[0] === 0x6e;
}

function isNumber(first: number | undefined): boolean {
  return first !== undefined && (first === 0x2d || (first >= 0x30 && first <= 0x39));
}
