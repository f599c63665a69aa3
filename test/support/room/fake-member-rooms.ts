/** The open rooms of a node in a test's hand: it keeps what it is asked, and answers what the test says. */
import type { AdmissionOutcome } from "../../../src/admission/connect-request.ts";
import type { MemberRequest, MemberRooms, OpenRequest } from "../../../src/admission/member-rooms.ts";
import type { Eventually } from "../../../src/protocol/eventually.ts";
import type { ConnectionHandler } from "../../../src/room/ports.ts";

export class FakeMemberRooms implements MemberRooms {
  readonly joins: MemberRequest[] = [];
  readonly opens: OpenRequest[] = [];
  readonly codes = new Set<string>();
  /** By code. */
  readonly names = new Map<string, string>();
  outcome: Eventually<AdmissionOutcome> = { at: "admitted", handler: SILENT_HANDLER };

  hasCode(code: string): boolean {
    return this.codes.has(code);
  }

  nameOf(code: string): string | undefined {
    return this.names.get(code);
  }

  join(_port: unknown, request: MemberRequest): Eventually<AdmissionOutcome> {
    this.joins.push(request);
    return this.outcome;
  }

  open(_port: unknown, request: OpenRequest): Eventually<AdmissionOutcome> {
    this.opens.push(request);
    return this.outcome;
  }
}

/** Does nothing. */
export const SILENT_HANDLER: ConnectionHandler = {
  ids: {},
  message() {},
  part() {},
  drained() {},
  confirmed() {},
  gone() {},
  ban() {},
  idleRank() {},
};
