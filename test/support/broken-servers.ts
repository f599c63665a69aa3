/** Servers that break one thing each, and the rules that this is against. */
import { OPCODE } from "./raw-client.ts";
import { closeAs, isData, mapIn, sessionOf } from "./tampered-frames.ts";
import type { TamperedFrame, TamperedLine, Tampering } from "./tampering-proxy.ts";

export interface BrokenServer {
  readonly what: string;
  readonly rules: readonly string[];
  /** Made anew for each server, since some remember what they have seen. */
  readonly tampering: () => Tampering;
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
    rules: ["P2.5", "P2.6", "P5.3.3"],
    tampering: () => ({
      toServer(frame, { isHost }) {
        const { cmd, to } = isHost ? mapIn(frame) : {};
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
          if (!line.isHost || line.path.includes("state=delta")) return [frame];
          const { cmd } = mapIn(frame);
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
    rules: ["P2.4", "P5.3.2"],
    tampering: () => ({
      fromServer: closeAs(4503, 4500),
    }),
  },
  {
    what: "gives no seat back to a session on a plain line",
    rules:
      "P5.2.3 P5.2.4 P5.3.2 P5.3.4 P5.3.5 P5.3.7 P5.3.8 P5.3.9 P5.4.1 P5.4.2 P5.4.3 P5.4.4 P5.4.7 P5.4.8 P5.8.7 P5.9.1 P5.9.9 P5.9.13".split(
        " ",
      ),
    tampering: () => ({
      requestLine: (line, head) =>
        line.includes("/CREATE") || head.includes("couchwire.v1") ? line : line.replace(/\?session=[\w-]{16,}/, ""),
    }),
  },
  {
    what: "delivers the last frame of a session again when it is back",
    rules: ["P5.3.5", "P5.4.8", "P5.9.13", "P5.5", "P5.5.8"],
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
