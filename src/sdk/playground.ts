/**
 * A frame of the playground (`couchwire dev`): each is a phone of its own, and the server's agent in it shows its frames and simulates
 * its network. A page of the server has the agent already; a page of another origin loads it here.
 */

/** What the agent leaves in the window. */
interface PlaygroundAgent {
  add(room: object): void;
}

const NAME = "couchwire-playground";

/** Whether this page is one of the playground's frames. */
export function isInPlayground(): boolean {
  return typeof window !== "undefined" && window.parent !== window && window.name.startsWith(NAME);
}

/** Resolves once the agent of this server (`http://…`) is there, or cannot be had; `undefined` where there is nothing to wait for. */
export function playgroundAgent(server: string): Promise<void> | undefined {
  if (!isInPlayground() || agentHere() !== undefined) return undefined;
  return new Promise((resolve) => {
    const script = document.createElement("script");
    for (const event of ["load", "error"]) script.addEventListener(event, () => resolve());
    script.src = `${server}/playground/assets/agent.js`;
    document.head.append(script);
  });
}

/** Shows the agent a room, for its latency and its rescue links. A second copy of the agent does nothing. */
export function showPlayground(server: string, room: object): void {
  if (isInPlayground()) void Promise.resolve(playgroundAgent(server)).then(() => agentHere()?.add(room));
}

function agentHere(): PlaygroundAgent | undefined {
  return Reflect.get(window, "couchwirePlayground");
}
