/** From the fields of a frame to a command: every field checked, unknown fields ignored, each refusal a sentence. */
import { MAX_PUBLICATION_BYTES, MAX_ROOM_CHANNEL_BYTES } from "./channels/channel-name.ts";
import {
  beginningOf,
  CommandFields,
  describe,
  MAX_HEALTH_SECONDS,
  MAX_META_BYTES,
  MAX_NAME_BYTES,
  MAX_PIN_BYTES,
  MAX_POLL_ID_BYTES,
  MAX_RETAIN_NAME_BYTES,
  MAX_SAVE_BYTES,
  MAX_SAVE_KEY_BYTES,
  MAX_TTL_MS,
  MAX_UINT32,
  MAX_VOLATILE_NAME_BYTES,
  refuse,
  wellFormed,
} from "./command-fields.ts";
import type { HostCommand, HostCommandName } from "./commands.ts";
import type { Refusal } from "./error-codes.ts";
import type { FrameFields } from "./frame-value.ts";
import type { Result } from "./result.ts";

const OVERFLOWS = ["refuse", "queue", "audience"] as const;

type Parse = (fields: CommandFields) => Result<HostCommand, Refusal>;

const PARSERS: Readonly<Record<HostCommandName, Parse>> = {
  prepare: (fields) => {
    const max_players = fields.uint32("max_players");
    const name = fields.optionalText("name", MAX_NAME_BYTES) ?? "";
    const join_url = fields.optionalUrl("join_url");
    const pin = fields.optionalLabel("pin", MAX_PIN_BYTES);
    const meta = fields.optionalJson("meta", MAX_META_BYTES);
    const overflow = fields.optionalChoice("overflow", OVERFLOWS);
    const audience = fields.optionalWhole("audience", 0, MAX_UINT32);
    const queue = fields.optionalWhole("queue", 0, MAX_UINT32);
    const options = present({ join_url, pin, meta, overflow, audience, queue });
    return fields.command({ cmd: "prepare", max_players, name, ...options });
  },
  start: (fields) => fields.command({ cmd: "start" }),
  open: (fields) => fields.command({ cmd: "open" }),
  kick: (fields) => {
    const player = fields.uint32("player");
    const reason = fields.optionalText("reason", MAX_NAME_BYTES);
    const ban = fields.optionalFlag("ban");
    return fields.command({ cmd: "kick", player, ...present({ reason }), ...(ban && { ban }) });
  },
  to: (fields) => {
    const to = fields.recipients("to");
    return fields.command({ cmd: "to", to, data: fields.bytes("data"), ...delivery(fields) });
  },
  to_str: (fields) => {
    const to = fields.recipients("to");
    return fields.command({ cmd: "to_str", to, data: fields.utf8("data"), ...delivery(fields) });
  },
  save: (fields) => {
    const received = present({ received: fields.optionalCount("received") });
    if (fields.hasAny("keys")) {
      fields.alone("keys", "key", "data");
      return fields.command({ cmd: "save", keys: fields.savedValues("keys"), ...received });
    }
    const key = fields.optionalLabel("key", MAX_SAVE_KEY_BYTES);
    if (key === undefined) {
      return fields.command({ cmd: "save", data: fields.textOrBytes("data", MAX_SAVE_BYTES), ...received });
    }
    return fields.command({ cmd: "save", keys: new Map([[key, fields.savedValue("data")]]), ...received });
  },
  game: (fields) => {
    const name = fields.label("name", MAX_NAME_BYTES);
    const join_url = fields.optionalUrl("join_url");
    const max_players = fields.optionalWhole("max_players", 0, MAX_UINT32);
    return fields.command({ cmd: "game", name, ...present({ join_url, max_players }) });
  },
  health: (fields) => fields.command({ cmd: "health", every: fields.uint32("every", MAX_HEALTH_SECONDS) }),
  rescue: (fields) => fields.command({ cmd: "rescue", player: fields.uint32("player") }),
  publish: (fields) => {
    const channel = fields.label("channel", MAX_ROOM_CHANNEL_BYTES);
    return fields.command({ cmd: "publish", channel, data: fields.json("data", MAX_PUBLICATION_BYTES) });
  },
  to_audience: (fields) => fields.command({ cmd: "to_audience", data: fields.bytes("data") }),
  to_audience_str: (fields) => fields.command({ cmd: "to_audience_str", data: fields.utf8("data") }),
  poll: (fields) => {
    const id = fields.optionalLabelOrWhole("id", MAX_POLL_ID_BYTES);
    return fields.command({ cmd: "poll", ...present({ id }) });
  },
  stop: (fields) => fields.command({ cmd: "stop" }),
};

/** How a frame for players is delivered, where it asks for more than the plain way. */
function delivery(fields: CommandFields) {
  if (!fields.hasAny("except", "volatile", "ttl", "retain", "append", "silent")) return undefined;
  const except = fields.optionalIds("except");
  const volatile = fields.optionalFlagOrLabel("volatile", MAX_VOLATILE_NAME_BYTES);
  const ttl = fields.optionalWhole("ttl", 1, MAX_TTL_MS);
  const retain = fields.optionalLabel("retain", MAX_RETAIN_NAME_BYTES);
  const append = fields.optionalFlag("append");
  const silent = fields.optionalFlag("silent");
  if (retain === undefined && append) fields.missing("append", "retain");
  if (retain === undefined && silent) fields.missing("silent", "retain");
  return {
    ...present({ except, ttl, retain }),
    ...(volatile !== false && { volatile }),
    ...(append && { append }),
    ...(silent && { silent }),
  };
}

/** The fields that are there: an absent one is absent, not `undefined`. */
function present<Value extends object>(fields: Value): { [Name in keyof Value]?: Exclude<Value[Name], undefined> };
function present(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isCommandName(text: string): text is HostCommandName {
  return Object.hasOwn(PARSERS, text);
}

/** The names of all commands. */
export const HOST_COMMANDS: readonly HostCommandName[] = Object.keys(PARSERS).filter(isCommandName);

/** Reads a command out of the fields of its frame. */
export function parseCommand(fields: FrameFields): Result<HostCommand, Refusal> {
  const named = fields.get("cmd");
  if (named?.kind !== "text") {
    return refuse({
      code: "invalid_message",
      reason: `\`cmd\` has to be text that names a command; this is ${describe(named)}.`,
    });
  }
  const cmd = beginningOf(named);
  if (!isCommandName(cmd)) {
    const reason = `${describe(named)} is no command; there are ${HOST_COMMANDS.join(", ")}.`;
    return refuse({ code: "unknown_command", reason, in: wellFormed(cmd) });
  }
  return PARSERS[cmd](new CommandFields(cmd, fields));
}
