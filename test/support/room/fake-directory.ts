/** Gives out codes from a list, and says which are in use. */
import type { Eventually } from "../../../src/protocol/eventually.ts";
import type {
  RegistrationFailure,
  RoomDirectory,
  RoomRegistration,
  SeatTransferLink,
} from "../../../src/room/ports.ts";

export class FakeDirectory implements RoomDirectory {
  readonly inUse = new Set<string>();
  /** Visitors that were banned. */
  readonly banned: string[] = [];
  isForgotten = false;
  #links = 0;
  readonly #codes: string[];
  readonly #log: string[];

  constructor(codes: readonly string[] = ["BCDF"], log: string[] = []) {
    this.#codes = [...codes];
    this.#log = log;
  }

  /** A test may put another function in its place, one that answers later. */
  register = (): Eventually<RoomRegistration | RegistrationFailure> => {
    const code = this.#codes.shift();
    if (code === undefined) return "no_room_left";
    this.inUse.add(code);
    this.#log.push(`registered ${code}`);
    return {
      code,
      release: () => {
        if (this.inUse.delete(code)) this.#log.push(`released ${code}`);
      },
    };
  };

  mayPlay = (): Eventually<RegistrationFailure | undefined> => undefined;

  forget(): void {
    this.isForgotten = true;
  }

  seatTransferLink(code: string): SeatTransferLink {
    this.#links += 1;
    const proof = `secret-${this.#links}`;
    return { url: `http://tv/${code}?rescue=${proof}`, proof };
  }

  phonePage(code: string, joinUrl: string | undefined): string {
    return joinUrl === undefined ? `http://tv/${code}` : `${joinUrl}?room=${code}`;
  }

  ban(visitor: string): string {
    this.banned.push(visitor);
    return "Come back in 60 seconds.";
  }

  /** These codes are free now. */
  refill(...codes: readonly string[]): void {
    this.#codes.push(...codes);
  }
}
