/** A PIN that is known as a hash alone: of a room that was reopened. */
import { nanoid } from "nanoid";
import type { PinCheck } from "../room/join-policy.ts";
import { isSameSecret } from "../room/same-secret.ts";
import { hashSecret } from "./hash-secret.ts";
import type { PinRecord } from "./room-record.ts";

export class HashedPin implements PinCheck {
  readonly record: PinRecord;

  constructor(record: PinRecord) {
    this.record = record;
  }

  static of(pin: string): HashedPin {
    const salt = nanoid();
    return new HashedPin({ salt, hash: hashOf(salt, pin) });
  }

  isRight(shown: string): boolean {
    const { salt, hash } = this.record;
    return isSameSecret(hashOf(salt, shown), hash);
  }
}

function hashOf(salt: string, pin: string): string {
  return hashSecret(`${salt} ${pin}`);
}
