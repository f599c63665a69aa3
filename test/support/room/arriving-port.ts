/** A connection in a test's hand that is on its way in, and says after how many frames it takes no more. */
import type { LineToken } from "../../../src/admission/line-token.ts";
import { FakePort } from "./fake-port.ts";

export class ArrivingFakePort extends FakePort {
  /** So many more frames make the port busy. */
  busyAfter = Infinity;
  token: LineToken | undefined;

  override send(data: Uint8Array, isText: boolean): void {
    super.send(data, isText);
    this.busyAfter -= 1;
    if (this.busyAfter <= 0) this.isBusy = true;
  }

  isStillThere(): boolean {
    return this.closing === undefined;
  }
}
