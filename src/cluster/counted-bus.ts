/** A bus with counts of what goes over it. */
import type { Bus } from "./ports.ts";

export interface BusTraffic {
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

export interface CountedBus extends Bus {
  readonly traffic: BusTraffic;
}

/** What is published here and has a subscriber here counts both ways, as it does on the wire. */
export function countedBus(bus: Bus): CountedBus {
  const traffic = { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0 };
  return {
    traffic,
    publish(subject, data) {
      traffic.messagesOut += 1;
      traffic.bytesOut += data.byteLength;
      return bus.publish(subject, data);
    },
    subscribe: (subject, listener) =>
      bus.subscribe(subject, (data) => {
        traffic.messagesIn += 1;
        traffic.bytesIn += data.byteLength;
        listener(data);
      }),
    close: () => bus.close(),
    get isUp() {
      return bus.isUp ?? true;
    },
    onStatus: (listener) => bus.onStatus?.(listener),
  };
}
