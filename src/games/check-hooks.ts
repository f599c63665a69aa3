/** Checks the hooks that a program gives, when the server is set up: a misspelt one would never be called. */
import { nearestName } from "../nearest-name.ts";
import type { HookName } from "./hook-runner.ts";
import type { Hooks } from "./hooks.ts";

const HOOKS: Readonly<Record<HookName, true>> = {
  onConnect: true,
  onCreate: true,
  onJoin: true,
  onMessage: true,
  onLeave: true,
  onBackpressure: true,
  onRoomFull: true,
  onRoomEmpty: true,
  onRoomClose: true,
  onShutdown: true,
};

/** The hooks, each with its own `this`. Throws `TypeError` where one has no known name or is no function. */
export function checkHooks(hooks: Hooks): Hooks {
  if (typeof hooks !== "object" || hooks === null) {
    throw new TypeError(`hooks is ${String(hooks)}, but has to be an object with functions such as onJoin.`);
  }
  const known = Object.keys(HOOKS);
  const unknown = Object.keys(hooks).find((name) => name.startsWith("on") && !known.includes(name));
  if (unknown !== undefined) {
    const near = nearestName(unknown, known);
    const hint = near === undefined ? `There are ${known.join(", ")}.` : `Did you mean ${near}?`;
    throw new TypeError(`There is no hook ${unknown}. ${hint}`);
  }
  const bound: Partial<Record<string, unknown>> = {};
  for (const [name, hook] of known.map((each): [string, unknown] => [each, Object(hooks)[each]])) {
    if (hook === undefined) continue;
    if (typeof hook !== "function")
      throw new TypeError(`The hook ${name} is ${typeof hook}, but has to be a function.`);
    bound[name] = hook.bind(hooks);
  }
  return bound;
}
