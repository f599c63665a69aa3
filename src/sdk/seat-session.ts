/** The session of a phone: its tab's own, and on this device one that the next tab may take up. */
import { DeviceSeats, SAY_EVERY_MS } from "./device-seats.ts";
import { claimSession, deviceStorage, pageStorage, THIS_PAGE, type ClaimedSession } from "./session.ts";

/** `room` names server and code. `isTakenOver`: the seat that another tab of this browser has or had, before this tab's own. */
export function claimSeat(room: string, isTakenOver: boolean): ClaimedSession {
  const device = deviceStorage();
  if (device === undefined) return claimSession(pageStorage(), room);
  const seats = new DeviceSeats(device, THIS_PAGE);
  let taken: string | undefined;
  const spare = (): string | undefined => (taken = seats.take(room, isTakenOver));
  const session = claimSession(pageStorage(), room, { spare, isSpareFirst: isTakenOver });
  const { secret } = session;

  let timer: ReturnType<typeof setInterval> | undefined;
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    window.removeEventListener("pagehide", hidden);
    window.removeEventListener("pageshow", shown);
  };
  const hold = (): void => {
    seats.hold(room, secret);
    if (timer !== undefined) return;
    timer = setInterval(() => {
      if (!seats.sayAgain(room, secret)) stop();
    }, SAY_EVERY_MS);
    window.addEventListener("pagehide", hidden);
    window.addEventListener("pageshow", shown);
  };
  /** Closed, or kept by the browser for the way back: the next tab need not wait until this one is taken for gone. */
  const hidden = (): void => seats.letGo(room, secret);
  const shown = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) seats.hold(room, secret);
  };
  if (taken !== undefined || seats.knows(room, secret)) hold();
  return {
    ...session,
    seated: hold,
    release() {
      stop();
      seats.letGo(room, secret);
      session.release();
    },
    forget() {
      stop();
      seats.forget(room, secret);
      session.forget();
    },
  };
}

/** Whether a tab of this browser other than this page has, or had, a seat in this room. */
export function hasSeatOnDevice(room: string): boolean {
  const device = deviceStorage();
  return device !== undefined && new DeviceSeats(device, THIS_PAGE).has(room);
}
