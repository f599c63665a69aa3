/** Pending requests for rescue links. The server answers in the order of the requests. */
import { CLOSE_CODES } from "../protocol/close-codes.ts";
import { CouchwireError } from "./couchwire-error.ts";
import type { RoomError } from "./host-wire.ts";

interface Request {
  readonly resolve: (url: string) => void;
  readonly reject: (error: CouchwireError) => void;
}

export class SeatTransferRequests {
  readonly #requests: Request[] = [];

  /** `ask` sends the request; it returns `false` if the room is over. */
  add(ask: () => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      if (ask()) this.#requests.push({ resolve, reject });
      else reject(roomIsOver());
    });
  }

  resolve(url: string): void {
    this.#requests.shift()?.resolve(url);
  }

  refuse({ code, reason }: RoomError): void {
    this.#requests.shift()?.reject(new CouchwireError(code, reason));
  }

  /** Rejects all pending requests: the room is over. */
  end(): void {
    for (const { reject } of this.#requests.splice(0)) reject(roomIsOver());
  }
}

function roomIsOver(): CouchwireError {
  return new CouchwireError(CLOSE_CODES.room_closed.code, "The room is over.");
}
