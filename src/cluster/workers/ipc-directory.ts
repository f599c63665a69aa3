/** The directory of a worker: its primary has it. */
import type { Directory } from "../ports.ts";
import type { DirectoryCall, DirectoryMethod } from "./worker-messages.ts";

/** Asks the primary; what it answers is what the method of its directory gave. */
export type AskDirectory = (call: DirectoryCall) => Promise<unknown>;

type Answer<Method extends DirectoryMethod> = Awaited<ReturnType<Directory[Method]>>;

type Check = (answer: unknown) => boolean;

const isNothing: Check = (answer) => answer === undefined;
const isBoolean: Check = (answer) => typeof answer === "boolean";
const isEntryOrNothing: Check = (answer) =>
  answer === undefined || (typeof answer === "object" && answer !== null && "fence" in answer);

const CHECKS: Readonly<Record<DirectoryMethod, Check>> = {
  enrol: isBoolean,
  renew: isBoolean,
  resign: isNothing,
  nodes: Array.isArray,
  claim: Array.isArray,
  find: isEntryOrNothing,
  takeOver: isEntryOrNothing,
  reclaim: isEntryOrNothing,
  save: isBoolean,
  release: isNothing,
  alias: isNothing,
  unalias: isNothing,
  resolve: (answer) => answer === undefined || typeof answer === "string",
  age: (answer) => typeof answer === "number",
};

function isAnswerTo<Method extends DirectoryMethod>(method: Method, answer: unknown): answer is Answer<Method> {
  return CHECKS[method](answer);
}

export class IpcDirectory implements Directory {
  readonly #ask: AskDirectory;

  constructor(ask: AskDirectory) {
    this.#ask = ask;
  }

  enrol(...given: Parameters<Directory["enrol"]>) {
    return this.#answer({ method: "enrol", given });
  }

  renew(...given: Parameters<Directory["renew"]>) {
    return this.#answer({ method: "renew", given });
  }

  resign(...given: Parameters<Directory["resign"]>) {
    return this.#answer({ method: "resign", given });
  }

  nodes() {
    return this.#answer({ method: "nodes", given: [] });
  }

  claim(...given: Parameters<Directory["claim"]>) {
    return this.#answer({ method: "claim", given });
  }

  find(...given: Parameters<Directory["find"]>) {
    return this.#answer({ method: "find", given });
  }

  takeOver(...given: Parameters<Directory["takeOver"]>) {
    return this.#answer({ method: "takeOver", given });
  }

  reclaim(...given: Parameters<Directory["reclaim"]>) {
    return this.#answer({ method: "reclaim", given });
  }

  save(...given: Parameters<Directory["save"]>) {
    return this.#answer({ method: "save", given });
  }

  release(...given: Parameters<Directory["release"]>) {
    return this.#answer({ method: "release", given });
  }

  alias(...given: Parameters<Directory["alias"]>) {
    return this.#answer({ method: "alias", given });
  }

  unalias(...given: Parameters<Directory["unalias"]>) {
    return this.#answer({ method: "unalias", given });
  }

  resolve(...given: Parameters<Directory["resolve"]>) {
    return this.#answer({ method: "resolve", given });
  }

  age() {
    return this.#answer({ method: "age", given: [] });
  }

  /** The primary has it, and goes on. */
  async close(): Promise<void> {}

  async #answer<Method extends DirectoryMethod>(
    call: Extract<DirectoryCall, { readonly method: Method }>,
  ): Promise<Answer<Method>> {
    const answer = await this.#ask(call);
    if (!isAnswerTo(call.method, answer)) throw new Error(`The primary answers ${call.method} with something else.`);
    return answer;
  }
}

/** Answers what workers ask of the directory of their primary. */
export async function answerFrom(directory: Directory, call: DirectoryCall): Promise<unknown> {
  switch (call.method) {
    case "enrol":
      return directory.enrol(...call.given);
    case "renew":
      return directory.renew(...call.given);
    case "resign":
      return directory.resign(...call.given);
    case "nodes":
      return directory.nodes();
    case "claim":
      return directory.claim(...call.given);
    case "find":
      return directory.find(...call.given);
    case "takeOver":
      return directory.takeOver(...call.given);
    case "reclaim":
      return directory.reclaim(...call.given);
    case "save":
      return directory.save(...call.given);
    case "release":
      return directory.release(...call.given);
    case "alias":
      return directory.alias(...call.given);
    case "unalias":
      return directory.unalias(...call.given);
    case "resolve":
      return directory.resolve(...call.given);
    case "age":
      return directory.age();
    default:
      return call satisfies never;
  }
}
