/** docs/vectors.json: it is what the code writes, it has every frame there is, and the code of the server and the SDK reads it as it says. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { z } from "zod";
import { CHANNEL_METHODS, readChannelFrame } from "../../../src/protocol/channels/channel-command.ts";
import { afterClose, CLOSE_CODES } from "../../../src/protocol/close-codes.ts";
import { decodeHostFrame } from "../../../src/protocol/decode-host-frame.ts";
import { readEnvelope } from "../../../src/protocol/envelope.ts";
import { decodeClientMessage, decodeServerMessage, PREFIX_BYTES } from "../../../src/protocol/ghost-sync/messages.ts";
import { HOST_EVENTS } from "../../../src/protocol/events.ts";
import { HOST_COMMANDS } from "../../../src/protocol/parse-command.ts";
import { readControl, readRefusal, unescapeText } from "../../../src/protocol/reliable/control-frames.ts";
import type { Result } from "../../../src/protocol/result.ts";
import { readSubprotocols } from "../../../src/protocol/subprotocols.ts";
import { parseHostEvent } from "../../../src/sdk/host-wire.ts";
import { ReliableSession } from "../../../src/sdk/reliable-session.ts";
import { parseSdkFrame } from "../../../src/sdk/sdk-frames.ts";
import type { Frame } from "../../../src/sdk/outbox.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

const FRAME = z.union([z.strictObject({ text: z.string() }), z.strictObject({ hex: z.string() })]);
const RULED = z.looseObject({ rule: z.string().regex(/^P\d+(?:\.\d+)*$/) });
const FIELDS = z.record(z.string(), z.unknown());
const STEP = z.strictObject({
  connect: FIELDS.optional(),
  from_server: FRAME.optional(),
  to_server: FRAME.optional(),
  say: FRAME.optional(),
  hear: FRAME.optional(),
  gap: FIELDS.optional(),
  refused: z.string().optional(),
  quiet: z.literal(true).optional(),
  ask: z.literal(true).optional(),
  cut: z.literal(true).optional(),
});
const CONVERSATION = RULED.extend({
  about: z.string(),
  outboxBytes: z.number().optional(),
  whenFull: z.enum(["refuse", "drop_oldest"]).optional(),
  steps: z.array(STEP),
});
const VECTORS = z.strictObject({
  about: z.string(),
  commands: z.array(RULED.extend({ command: FIELDS, hex: z.string(), json: z.string() })),
  writings: z.array(RULED.extend({ about: z.string(), hex: z.string(), command: FIELDS })),
  refusals: z.array(RULED.extend({ about: z.string(), code: z.string(), in: z.string().optional() })),
  events: z.array(RULED.extend({ event: FIELDS, hex: z.string(), array: z.string().optional(), json: z.string() })),
  closes: z.array(RULED.extend({ code: z.number(), after: z.string(), hex: z.string().optional() })),
  handshakes: z.array(RULED.extend({ session: z.string(), subprotocols: z.array(z.string()) })),
  controls: z.array(RULED.extend({ word: z.string(), text: z.string() })),
  escapes: z.array(RULED.extend({ data: z.string(), text: z.string() })),
  conversations: z.array(CONVERSATION),
  sdk: z.array(RULED.extend({ text: z.string(), value: FIELDS })),
  openRooms: z.strictObject({ said: z.array(RULED.extend({ text: z.string() })), told: z.array(RULED) }),
  tcp: z.strictObject({
    said: z.array(RULED.extend({ message: FIELDS, hex: z.string() })),
    told: z.array(RULED.extend({ message: FIELDS, hex: z.string() })),
  }),
  channels: z.strictObject({
    commands: z.array(RULED.extend({ text: z.string() })),
    answers: z.array(RULED.extend({ text: z.string(), value: FIELDS })),
  }),
});
type Conversation = z.infer<typeof CONVERSATION>;

const vectors = VECTORS.parse(JSON.parse(readFileSync(`${ROOT}docs/vectors.json`, "utf8")));

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(hex, "hex"));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** The names of commands or events, each once. */
function namesOf(list: readonly Record<string, unknown>[]): string[] {
  return sorted(list.map(({ cmd }) => String(cmd)));
}

function sorted(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted((one, other) => one.localeCompare(other));
}

function asFrame(frame: Frame): unknown {
  return typeof frame === "string" ? { text: frame } : asInFile(frame);
}

/** A value of the code as the file writes it. */
function asInFile(value: unknown): unknown {
  if (value instanceof Uint8Array) return { hex: Buffer.from(value).toString("hex") };
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [key, asInFile(one)]));
  if (Array.isArray(value)) return value.map(asInFile);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asInFile(one)]));
}

/** A command as the server has it, written as it stands on the wire. */
function commandOnTheWire(frame: Uint8Array, isText: boolean): unknown {
  const read = decodeHostFrame(frame, isText);
  if (!read.ok) return read.failure;
  const command = read.value;
  if (command.cmd === "to_audience_str") return { ...command, data: textOf(command.data) };
  if (command.cmd === "to" || command.cmd === "to_str") {
    const to = command.to === "everybody" ? [] : command.to;
    return asInFile({ ...command, to, data: command.cmd === "to_str" ? textOf(command.data) : command.data });
  }
  if (command.cmd === "prepare" && command.meta !== undefined) return { ...command, meta: JSON.parse(command.meta) };
  if (command.cmd === "publish") return { ...command, data: JSON.parse(textOf(command.data)) };
  return asInFile(command);
}

/** The same for what is in the file: one key of `save` is read as several. */
function commandInFile(command: Record<string, unknown>): unknown {
  const { key, data, ...rest } = command;
  return typeof key === "string" ? { ...rest, keys: { [key]: data } } : command;
}

describe("docs/vectors.json", () => {
  test("is what the code writes", () => {
    const { stdout } = spawnSync(process.execPath, ["scripts/docs.js", "--check"], { cwd: ROOT, encoding: "utf8" });
    expect(stdout).toContain("docs/vectors.json says what the code says.");
  });

  test("has every command and event of a host, every command of channels, and every close code: add yours in scripts/vectors/", () => {
    expect(namesOf(vectors.commands.map(({ command }) => command))).toEqual(sorted(HOST_COMMANDS));
    expect(namesOf(vectors.events.map(({ event }) => event))).toEqual(sorted(HOST_EVENTS));
    const methods = vectors.channels.commands.map(({ text }) =>
      z.object({ method: z.string() }).parse(JSON.parse(text)),
    );
    expect(sorted(methods.map(({ method }) => method))).toEqual(sorted(CHANNEL_METHODS));
    const codes = new Set(vectors.closes.map(({ code }) => code));
    for (const { code } of Object.values(CLOSE_CODES)) expect(codes).toContain(code);
  });

  test("names rules that docs/PROTOCOL.md has", () => {
    const document = readFileSync(`${ROOT}docs/PROTOCOL.md`, "utf8");
    const known = new Set([...document.matchAll(/\bP\d+(?:\.\d+)*/g)].map(([rule]) => rule));
    const { openRooms, tcp, channels, about: _about, ...lists } = vectors;
    const groups = [...Object.values(lists), ...[openRooms, tcp, channels].flatMap((group) => Object.values(group))];
    const rules = sorted(groups.flatMap((group) => group.map(({ rule }) => rule)));
    expect(rules.filter((rule) => rule !== "P2" && !known.has(rule))).toEqual([]);
  });
});

describe("the server", () => {
  test.each(vectors.commands)("reads the command of $rule: $json", ({ command, hex, json }) => {
    expect(commandOnTheWire(bytesOf(hex), false)).toEqual(commandInFile(command));
    const fromJson = JSON.stringify(commandOnTheWire(Buffer.from(json), true));
    if (!fromJson.includes('"hex"')) expect(JSON.parse(fromJson)).toEqual(commandInFile(command));
  });

  test.each(vectors.writings)("reads $about", ({ hex, command }) => {
    expect(commandOnTheWire(bytesOf(hex), false)).toEqual(command);
  });

  test.each(vectors.refusals)("refuses $about", ({ code, in: command, ...frame }) => {
    const given = FRAME.parse("hex" in frame ? { hex: frame["hex"] } : { text: frame["text"] });
    const isText = "text" in given;
    const read = decodeHostFrame(isText ? Buffer.from(given.text) : bytesOf(given.hex), isText);
    expect(read).toMatchObject({ ok: false, failure: { code, ...(command !== undefined && { in: command }) } });
  });

  test.each(vectors.handshakes)(
    "finds the secrets in the subprotocols of $rule",
    ({ subprotocols, rule: _rule, ...secrets }) => {
      expect(readSubprotocols(subprotocols.join(", "))).toEqual({
        selected: "couchwire.v1",
        secrets,
        problem: undefined,
      });
    },
  );

  test.each(vectors.openRooms.said)("reads what a member says: $text", ({ text, rule: _rule, ...meaning }) => {
    const read = readEnvelope(Buffer.from(text));
    const { data, to, token } = read.ok ? read.value : { data: undefined, to: undefined, token: undefined };
    const seen = { data: data && JSON.parse(textOf(data)), to, token };
    expect(JSON.parse(JSON.stringify({ text, ...seen }))).toEqual({ text, ...meaning });
  });

  test.each(vectors.channels.commands)("reads the command of channels: $text", ({ text }) => {
    expect(readChannelFrame(Buffer.from(text), true).command).toMatchObject({ ok: true });
  });
});

describe("the wire over TCP", () => {
  test.each(vectors.tcp.said)("reads what a client says: $message.say", ({ message, hex }) => {
    expectMessage(hex, message, decodeClientMessage);
  });

  test.each(vectors.tcp.told)("reads what the server says: $message.say", ({ message, hex }) => {
    expectMessage(hex, message, decodeServerMessage);
  });
});

describe("the SDK", () => {
  test.each(vectors.events)("reads the event of $rule: $json", ({ event, hex, array }) => {
    const read = parseHostEvent(bytesOf(hex));
    expect(read.ok).toBe(true);
    if (array !== undefined) expect(parseHostEvent(bytesOf(array))).toEqual(read);
    // What it leaves out it has no use for: bytes that were saved, and `guessing`.
    const value = JSON.parse(JSON.stringify(asInFile(read.ok ? (read.value ?? event) : undefined)));
    if (event["cmd"] === "restore" || event["cmd"] === "error") expect(value).toMatchObject({ cmd: event["cmd"] });
    else expect({ ...(event["cmd"] === "audience" && { other: 0 }), ...event }).toMatchObject(value);
  });

  test.each(vectors.closes)("knows what comes after $code", ({ code, after, hex }) => {
    expect(afterClose(code)).toBe(after);
    if (hex !== undefined) expect(Buffer.from(hex, "hex").readUInt16BE()).toBe(code);
  });

  test.each(vectors.controls)("reads the control frame of $rule: $word", ({ text, word, ...more }) => {
    if (word === "refused") {
      expect({ reason: readRefusal(text) }).toEqual(more["fields"]);
      return;
    }
    const { word: read, ...fields } = readControl(text) ?? { word: "" };
    expect(read).toBe(word);
    const meaning = more["fields"] ?? more["token"] ?? more["count"];
    expect([fields, ...Object.values(fields)]).toContainEqual(meaning ?? {});
  });

  test.each(vectors.escapes)("takes data out of text frames as $rule says, %#", ({ data, text }) => {
    expect(unescapeText(text)).toBe(data);
  });

  test.each(vectors.sdk)("reads its own frame: $text", ({ text, value }) => {
    expect(parseSdkFrame(text)).toEqual(value);
  });

  test.each(vectors.conversations)("talks as $rule says: $about", (conversation) => {
    expect(replay(conversation)).toEqual(conversation.steps);
  });
});

/** A frame with its length in front means this. */
function expectMessage(hex: string, message: object, decode: (payload: Uint8Array) => Result<object, string>): void {
  const frame = Buffer.from(hex, "hex");
  expect(frame.readUInt32BE()).toBe(frame.length - PREFIX_BYTES);
  const read = decode(bytesOf(hex).subarray(PREFIX_BYTES));
  expect(asInFile(read.ok ? read.value : read)).toEqual(message);
}

/** The steps of a conversation as the SDK goes through them, with what it writes and tells by itself. */
function replay({ steps, outboxBytes: limitBytes = 1_048_576, whenFull = "refuse" }: Conversation): unknown[] {
  const seen: unknown[] = [];
  const session = new ReliableSession({ limitBytes, maxFrameBytes: 1_048_576, whenFull }, (frame) =>
    seen.push({ to_server: asFrame(frame) }),
  );
  for (const step of steps) {
    if (step.to_server !== undefined || step.hear !== undefined || step.gap !== undefined) continue;
    if (step.refused !== undefined) continue;
    if (step.connect !== undefined) {
      seen.push({ connect: session.resumption });
      continue;
    }
    seen.push(step);
    if (step.say !== undefined) session.send(toFrame(step.say));
    else if (step.quiet) session.acknowledge();
    else if (step.ask) session.ask();
    else if (step.cut) session.down();
    else if (step.from_server !== undefined) {
      const incoming = session.read(toFrame(step.from_server));
      if (incoming.is === "data") seen.push({ hear: asFrame(incoming.data) });
      else if (incoming.is === "refused") seen.push({ refused: incoming.reason });
      else if (incoming.is === "greeting") {
        const { frames, hasGap, lost, unsent } = incoming.greeting;
        seen.push(...frames.map((frame) => ({ hear: asFrame(frame) })));
        if (hasGap) seen.push({ gap: { lost, unsent } });
      }
    }
  }
  return seen;
}

function toFrame(frame: z.infer<typeof FRAME>): Frame {
  return "text" in frame ? frame.text : bytesOf(frame.hex);
}
