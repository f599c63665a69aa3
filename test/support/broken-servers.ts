/** Servers that break one thing each, and the rules that this is against. */
import { decode } from "cborg";
import { OPCODE } from "./raw-client.ts";
import type { TamperedFrame, TamperedLine, Tampering } from "./tampering-proxy.ts";

export interface BrokenServer {
  readonly what: string;
  readonly rules: readonly string[];
  /** Made anew for each server, since some remember what they have seen. */
  readonly tampering: () => Tampering;
}

function commandIn({ opcode, payload }: TamperedFrame): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = opcode === OPCODE.binary ? decode(payload) : JSON.parse(payload.toString());
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {}; // what is broken already, or has bytes behind it
  }
}

function isData({ opcode }: TamperedFrame): boolean {
  return opcode === OPCODE.text || opcode === OPCODE.binary;
}

function sessionOf({ path }: TamperedLine): string | undefined {
  return /[?&]session=([\w-]+)/.exec(path)?.[1];
}

function closeFrame(code: number, reason: Buffer): TamperedFrame {
  const payload = Buffer.alloc(2 + reason.length);
  payload.writeUInt16BE(code);
  reason.copy(payload, 2);
  return { opcode: OPCODE.close, payload };
}

export const BROKEN_SERVERS: readonly BrokenServer[] = [
  {
    what: "leaves a byte behind the map in what it sends to hosts",
    rules: ["P2.2", "P2.8", "P2.9", "P2.10", "P2.11", "P2.12", "P2.13"],
    tampering: () => ({
      fromServer: (frame, { isHost }) =>
        isHost && frame.opcode === OPCODE.binary
          ? [{ opcode: frame.opcode, payload: Buffer.concat([frame.payload, Buffer.alloc(1)]) }]
          : [frame],
    }),
  },
  {
    what: "takes an empty list of recipients for no player",
    rules: ["P2.5", "P2.6"],
    tampering: () => ({
      toServer(frame, { isHost }) {
        const { cmd, to } = isHost ? commandIn(frame) : {};
        const isToNone = (cmd === "to" || cmd === "to_str") && Array.isArray(to) && to.length === 0;
        return isToNone ? [] : [frame];
      },
    }),
  },
  {
    what: "tells the state before player_joined",
    rules: ["P2.9"],
    tampering() {
      const held = new Map<TamperedLine, TamperedFrame>();
      return {
        fromServer(frame, line) {
          if (!line.isHost) return [frame];
          const { cmd } = commandIn(frame);
          if (cmd === "player_joined") {
            held.set(line, frame);
            return [];
          }
          const joined = held.get(line);
          if (joined === undefined || cmd !== "state") return [frame];
          held.delete(line);
          return [frame, joined];
        },
      };
    },
  },
  {
    what: "closes a kicked player with another code",
    rules: ["P2.4"],
    tampering: () => ({
      fromServer: (frame) =>
        frame.opcode === OPCODE.close && frame.payload.length >= 2 && frame.payload.readUInt16BE(0) === 4503
          ? [closeFrame(4500, frame.payload.subarray(2))]
          : [frame],
    }),
  },
  {
    what: "gives no seat back to a session on a plain line",
    rules: ["P5.4.1", "P5.4.2", "P5.4.3", "P5.4.4", "P5.4.7", "P5.4.8", "P5.8.7"],
    tampering: () => ({
      requestLine: (line, head) =>
        line.includes("/CREATE") || head.includes("couchwire.v1") ? line : line.replace(/\?session=[\w-]+/, ""),
    }),
  },
  {
    what: "delivers the last frame of a session again when it is back",
    rules: ["P5.4.8", "P5.5", "P5.5.8"],
    tampering() {
      const last = new Map<string, TamperedFrame>();
      const begun = new Set<TamperedLine>();
      return {
        fromServer(frame, line) {
          const session = line.isHost ? undefined : sessionOf(line);
          if (session === undefined || !isData(frame)) return [frame];
          const again = last.get(session);
          const isHello = frame.payload.toString().startsWith("\0hello");
          if (!isHello) last.set(session, frame);
          if (begun.has(line)) return [frame];
          begun.add(line);
          if (again === undefined) return [frame];
          return isHello ? [frame, again] : [again, frame];
        },
      };
    },
  },
];
