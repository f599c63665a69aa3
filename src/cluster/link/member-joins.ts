/** Clients over TCP whose open room is at another node: asks where it is and links them there; at the home, gives them their place. */
import type { AdmissionOutcome, Refused } from "../../admission/connect-request.ts";
import { joinByCode } from "../../admission/join-by-code.ts";
import type { MemberRooms } from "../../admission/member-rooms.ts";
import type { Elsewhere } from "../../admission/other-nodes.ts";
import type { Hub, LookUp } from "../../hub/hub.ts";
import { whenAnswered, type Eventually } from "../../protocol/eventually.ts";
import type { ConnectionHandler, DepartureReason, PeerIds } from "../../room/ports.ts";
import type { OtherRooms } from "../../transport/tcp/other-rooms.ts";
import { TcpEncoders } from "../../transport/tcp/tcp-encoder.ts";
import { CANNOT_LOOK, type RoomHomes } from "../room-homes.ts";
import { companionOf, nameIn } from "../room-keys.ts";
import type { Links, LinkHome } from "./links.ts";

export interface OtherRoomsOptions {
  readonly links: Pick<Links, "join">;
  readonly homes: Pick<RoomHomes, "whereIsCode" | "whereIsName" | "claimName">;
}

/** What a client over TCP asks of other nodes. */
export function createOtherRooms({ links, homes }: OtherRoomsOptions): OtherRooms {
  const ofName = async (name: string, mayOpen: boolean): Promise<Found> => {
    const found = await homes.whereIsName(name);
    if (found.at !== "nowhere" || !mayOpen) return found;
    return (await homes.claimName(name)) ? { at: "here" } : homes.whereIsName(name);
  };
  return {
    async whereIs(room, mayOpen) {
      try {
        return plainly(room.by === "code" ? await homes.whereIsCode(room.code) : await ofName(room.name, mayOpen));
      } catch {
        return CANNOT_LOOK; // the directory is away, as its own log says
      }
    },
    join: (port, request, shownRoom, home) => links.join(port, request, shownRoom, home),
  };
}

export interface MemberJoinsOptions {
  readonly rooms: MemberRooms;
  readonly hub: Pick<Hub, "lookUp" | "mayTryPin" | "countWrongPin">;
}

const TOO_MANY_GUESSES = "Too many wrong codes. Come back in a minute.";

/** What the home does for clients over TCP of other nodes. */
export function createMemberJoins({ rooms, hub }: MemberJoinsOptions): NonNullable<LinkHome["joinMember"]> {
  const encoders = new TcpEncoders();
  return (port, { shownRoom, room, ...asked }, onAdmitted) => {
    const encoder = encoders.take(shownRoom);
    const giveBack = (): void => encoders.giveBack(shownRoom);
    const request = { ...asked, encoder, transport: "tcp", renew: undefined, onAdmitted } as const;
    const join = (): Eventually<AdmissionOutcome> => {
      if (room.by === "name") return rooms.join(port, { ...request, room });
      const { code } = room;
      const credentials = { sessionHash: request.session.sessionHash, seatTransferProof: undefined };
      const found: Eventually<LookUp> = hub.lookUp(code, request.address, credentials);
      return whenAnswered(found, (lookUp) => {
        if (lookUp === "not_found") return { at: "refused", name: "room_not_found" };
        if (lookUp === "too_many_guesses") return { at: "refused", name: "rate_limited", reason: TOO_MANY_GUESSES };
        return joinByCode({ port, request, code, found: lookUp }, hub, rooms);
      });
    };
    return whenAnswered(join(), (outcome) => {
      if (outcome.at !== "refused") return { ...outcome, handler: new LinkedMember(outcome.handler, giveBack) };
      giveBack();
      return outcome;
    });
  };
}

/** The seat of a client, which gives the encoder of its room back when it goes. */
class LinkedMember implements ConnectionHandler {
  readonly #seat: ConnectionHandler;
  #giveBack: (() => void) | undefined;

  constructor(seat: ConnectionHandler, giveBack: () => void) {
    this.#seat = seat;
    this.#giveBack = giveBack;
  }

  get ids(): PeerIds {
    return this.#seat.ids;
  }

  message(data: Uint8Array, isText: boolean): void {
    this.#seat.message(data, isText);
  }

  part(): void {
    this.#seat.part();
  }

  drained(): void {
    this.#seat.drained();
  }

  confirmed(count: number): void {
    this.#seat.confirmed(count);
  }

  gone(why: DepartureReason): void {
    this.#seat.gone(why);
    this.#giveBack?.();
    this.#giveBack = undefined;
  }

  ban(): string | undefined {
    return this.#seat.ban();
  }

  expel(reason: string): void {
    this.#seat.expel?.(reason);
  }

  idleRank(ageMs: number): number | undefined {
    return this.#seat.idleRank(ageMs);
  }
}

/** Where a room is, as far as that matters here. */
type Found = { readonly at: string; readonly home?: string; readonly record?: Uint8Array } | Refused;

function plainly(found: Found): "here" | Elsewhere | Refused {
  if ("name" in found) return found;
  if (found.at !== "elsewhere" || found.home === undefined) return "here";
  const key = found.record && companionOf(found.record);
  return { home: found.home, name: key && nameIn(key) };
}
