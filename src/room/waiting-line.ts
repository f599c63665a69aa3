/** The phones that wait for a seat, first come first served (P5.7). Each hears its place in the line as it changes. */
import type { WaitingPhone } from "./waiting-phone.ts";

export class WaitingLine {
  /** In the order in which they are seated. */
  #phones: WaitingPhone[] = [];

  get size(): number {
    return this.#phones.length;
  }

  get phones(): readonly WaitingPhone[] {
    return this.#phones;
  }

  has(phone: WaitingPhone): boolean {
    return this.#phones.includes(phone);
  }

  /** The phone that has waited longest. */
  get first(): WaitingPhone | undefined {
    return this.#phones[0];
  }

  /** The phone of this session, which has one place in the line at a time. */
  ofSession(sessionHash: string | undefined): WaitingPhone | undefined {
    return sessionHash === undefined
      ? undefined
      : this.#phones.find(({ request }) => request.sessionHash === sessionHash);
  }

  add(phone: WaitingPhone): void {
    this.#phones.push(phone);
    this.tellPositions();
  }

  /** Another connection of the same phone takes its place. */
  replace(former: WaitingPhone, phone: WaitingPhone): void {
    const index = this.#phones.indexOf(former);
    if (index === -1) return;
    this.#phones[index] = phone;
    phone.takeOver(former);
    phone.position = 0; // its page has not heard it
    this.tellPositions();
  }

  /** `false`: it does not wait here. Those behind it hear of it by `tellPositions`. */
  remove(phone: WaitingPhone): boolean {
    const index = this.#phones.indexOf(phone);
    if (index === -1) return false;
    this.#phones.splice(index, 1);
    return true;
  }

  /** Tells each phone its place, if that is another one than it was told last. */
  tellPositions(): void {
    for (const [index, phone] of this.#phones.entries()) {
      const position = index + 1;
      if (phone.position === position) continue;
      phone.position = position;
      phone.peer.tellPosition(position);
    }
  }

  /** All phones, which wait here no more. */
  clear(): readonly WaitingPhone[] {
    const phones = this.#phones;
    this.#phones = [];
    return phones;
  }
}
