/** The session of a phone: the tab's own, or one of this device that no other tab uses. */
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
  /** The page is closed or goes into the back/forward cache: the next tab need not wait for the claim to expire. */
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

/** Whether another tab of this browser has, or had, a seat in this room. */
export function hasSeatOnDevice(room: string): boolean {
  const device = deviceStorage();
  return device !== undefined && new DeviceSeats(device, THIS_PAGE).has(room);
}

/** Whether one of them is held by no open tab. */
export function hasFreeSeatOnDevice(room: string): boolean {
  const device = deviceStorage();
  return device !== undefined && new DeviceSeats(device, THIS_PAGE).hasFree(room);
}
