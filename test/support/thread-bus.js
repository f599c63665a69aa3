/* oxlint-disable unicorn/require-post-message-target-origin -- A BroadcastChannel of Node has no origins. */
import { EventEmitter } from "node:events";
import { BroadcastChannel } from "node:worker_threads";

/** A bus between the threads of one process. */
export function threadBus(name) {
  const listeners = new EventEmitter().setMaxListeners(0);
  const [mouth, ear] = [new BroadcastChannel(name), new BroadcastChannel(name)];
  ear.addEventListener("message", ({ data: [subject, bytes] }) => listeners.emit(subject, bytes));
  return {
    publish: (subject, bytes) => mouth.postMessage([subject, bytes]),
    subscribe(subject, listener) {
      listeners.on(subject, listener);
      return () => listeners.off(subject, listener);
    },
    close: () => [mouth, ear].forEach((channel) => channel.close()),
  };
}
