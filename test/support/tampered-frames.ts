/** What servers that break a rule do with the frames that pass them. */
import { decode, encode } from "cborg";
import { OPCODE } from "./raw-client.ts";
import type { TamperedFrame, TamperedLine, Tampering } from "./tampering-proxy.ts";

export type FrameMap = Readonly<Record<string, unknown>>;
type Tamper = NonNullable<Tampering["fromServer"]>;

/** The map in a frame of or for a host; an empty one where there is none. */
export function mapIn({ opcode, payload }: TamperedFrame): FrameMap {
  try {
    const value: unknown = opcode === OPCODE.binary ? decode(payload) : JSON.parse(payload.toString());
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {}; // what is broken already, or has bytes behind it
  }
}

export function isData({ opcode }: TamperedFrame): boolean {
  return opcode === OPCODE.text || opcode === OPCODE.binary;
}

export function sessionOf({ path }: TamperedLine): string | undefined {
  return /[?&]session=([\w-]+)/.exec(path)?.[1];
}

export function textFrame(text: string): TamperedFrame {
  return { opcode: OPCODE.text, payload: Buffer.from(text) };
}

function mapFrame(map: FrameMap): TamperedFrame {
  return { opcode: OPCODE.binary, payload: Buffer.from(encode(map)) };
}

/** Says another close code. */
export function closeAs(from: number, to: number): Tamper {
  return (frame) => {
    const { opcode, payload } = frame;
    if (opcode !== OPCODE.close || payload.length < 2 || payload.readUInt16BE(0) !== from) return [frame];
    const other = Buffer.from(payload);
    other.writeUInt16BE(to);
    return [{ opcode, payload: other }];
  };
}

/** Has maps of this `cmd` in CBOR, of or for hosts, be others. */
export function editMaps(cmd: string, edit: (map: FrameMap, line: TamperedLine) => readonly FrameMap[]): Tamper {
  return (frame, line) => {
    if (!line.isHost || frame.opcode !== OPCODE.binary) return [frame];
    const map = mapIn(frame);
    return map["cmd"] === cmd ? edit(map, line).map(mapFrame) : [frame];
  };
}

/** The map without this field. */
export function without(field: string): (map: FrameMap) => readonly FrameMap[] {
  return (map) => [Object.fromEntries(Object.entries(map).filter(([name]) => name !== field))];
}

/** Has the text frames for phones and members be others. */
export function editTexts(edit: (text: string, line: TamperedLine) => readonly string[]): Tamper {
  return (frame, line) => {
    if (line.isHost || frame.opcode !== OPCODE.text) return [frame];
    return edit(frame.payload.toString(), line).map(textFrame);
  };
}

/** Has a control frame of this word with fields, for any line, have others. */
export function editControls(word: string, edit: (fields: FrameMap, line: TamperedLine) => FrameMap): Tamper {
  return (frame, line) => {
    const text = frame.opcode === OPCODE.text ? frame.payload.toString() : "";
    if (!text.startsWith(`\0${word} {`)) return [frame];
    const fields: FrameMap = JSON.parse(text.slice(word.length + 2));
    return [textFrame(`\0${word} ${JSON.stringify(edit(fields, line))}`)];
  };
}
