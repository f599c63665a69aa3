/** Open rooms that only pass on what their members say, for tests of a wire that leads into them. */
import type { AdmissionOutcome } from "../../src/admission/connect-request.ts";
import type { MemberRequest, MemberRooms } from "../../src/admission/member-rooms.ts";
import type { Eventually } from "../../src/protocol/eventually.ts";
import type { CloseName } from "../../src/protocol/close-codes.ts";
import type { ConnectionHandler } from "../../src/room/ports.ts";
import type { MemberNews } from "../../src/session/member-encoder.ts";
import type { PlayerPort } from "../../src/session/ports.ts";

interface FakeMember {
  readonly id: string;
  readonly tell: (news: MemberNews) => void;
  readonly port: PlayerPort;
}

export class FakeMemberRooms implements MemberRooms {
  readonly #rooms = new Map<string, { readonly capacity: number; readonly members: Map<string, FakeMember> }>();
  /** All that happened, in order. */
  readonly log: string[] = [];
  /** All that was asked for. */
  readonly requests: MemberRequest[] = [];
  /** What `join` waits for. */
  #gate: Promise<unknown> | undefined;

  create(name: string, capacity = 100): void {
    this.#rooms.set(name, { capacity, members: new Map() });
  }

  /** No join is answered until the function that this returns is called. */
  hold(): () => void {
    const { promise, resolve } = settlable();
    this.#gate = promise;
    return () => {
      this.#gate = undefined;
      resolve();
    };
  }

  /** Ends the lines of all members. */
  close(name: string, why: CloseName): void {
    for (const { port } of this.#membersOf(name)) port.close(why);
  }

  /** What the room itself says. */
  tell(name: string, news: MemberNews): void {
    for (const member of this.#membersOf(name)) member.tell(news);
  }

  /** The connection of the member that came first. */
  port(name: string): PlayerPort {
    const [first] = this.#membersOf(name);
    if (first === undefined) throw new Error(`No member is in ${name}.`);
    return first.port;
  }

  idsIn(name: string): string[] {
    return this.#membersOf(name).map(({ id }) => id);
  }

  join(port: PlayerPort, request: MemberRequest): Eventually<AdmissionOutcome> {
    this.requests.push(request);
    return this.#gate === undefined ? this.#seat(port, request) : this.#gate.then(() => this.#seat(port, request));
  }

  open(): AdmissionOutcome {
    throw new Error("Tests open rooms by `create`.");
  }

  hasCode(): boolean {
    return false;
  }

  #membersOf(name: string): FakeMember[] {
    return [...(this.#rooms.get(name)?.members.values() ?? [])];
  }

  #seat(port: PlayerPort, { room: asked, id = "p1", encoder, onAdmitted, data }: MemberRequest): AdmissionOutcome {
    const name = asked.by === "name" ? asked.name : asked.code;
    const room = this.#rooms.get(name);
    if (room === undefined) return { at: "refused", name: "room_not_found" };
    if (data === "reject") return { at: "refused", name: "unauthorized", reason: "no cheats" };
    if (room.members.size - (room.members.has(id) ? 1 : 0) >= room.capacity)
      return { at: "refused", name: "room_full" };
    onAdmitted?.();
    const member: FakeMember = {
      id,
      port,
      tell: (news) => {
        const frame = encoder.encode(news);
        if (frame !== undefined) port.send(frame.data, frame.isText);
      },
    };
    const others = this.#membersOf(name);
    room.members.set(id, member);
    member.tell({ news: "joined", you: id, members: [], history: 0 });
    this.#tellAll(others, name, { news: "join", member: { id, name: id, role: "member", meta: {} } });
    return { at: "admitted", handler: this.#handlerOf(name, member) };
  }

  #tellAll(members: readonly FakeMember[], name: string, news: MemberNews): void {
    this.log.push(`${name}: ${news.news}`);
    for (const { tell } of members) tell(news);
  }

  #handlerOf(name: string, { id }: FakeMember): ConnectionHandler {
    const members = this.#rooms.get(name)?.members;
    const others = (): FakeMember[] => this.#membersOf(name).filter((other) => other.id !== id);
    return {
      ids: { room: name },
      message: (data, isText) => {
        this.#tellAll(
          others(),
          name,
          isText ? { news: "text", from: id, json: data } : { news: "bytes", from: id, data: new Uint8Array(data) },
        );
      },
      part: () => {},
      drained: () => void this.log.push(`${name}: drained`),
      confirmed: (count) => void this.log.push(`${name}: confirmed ${count}`),
      gone: (why) => {
        if (members?.delete(id) !== true) return;
        this.log.push(`${name}: gone ${why}`);
        this.#tellAll(others(), name, { news: "leave", member: { id, name: id, role: "member", meta: {} } });
      },
      ban: () => "You are banned.",
      idleRank: () => undefined,
    };
  }
}

function settlable(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let settle: (() => void) | undefined;
  const promise = new Promise<void>((resolve) => {
    settle = resolve;
  });
  return { promise, resolve: () => settle?.() };
}
