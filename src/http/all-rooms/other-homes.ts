/** Where rooms are that are at home at other nodes, as far as pages, API and admin page need to know it. Behind this port is the cluster (`cluster/room-homes.ts`). */
import type { Refused } from "../../admission/connect-request.ts";
import type { Whereabouts } from "../../cluster/homes.ts";
import type { NodeId } from "../../cluster/ports.ts";
import { isOpenRoomName } from "../../protocol/open-room-name.ts";
import { isDrawnCode, parseRoomCode } from "../../protocol/room-code.ts";

export interface OtherHomes {
  /** Where the room of this code (upper case) is. A room whose home was lost is opened again here before this answers. Rejects where the directory is away. */
  whereIsCode(code: string): Promise<Whereabouts | Refused>;
  /** The same for the open room of this name. */
  whereIsName(name: string): Promise<Whereabouts | Refused>;
  /** Makes a name this node's; `false`: it is another node's. */
  claimName(name: string): Promise<boolean>;
  /** No room has come of a name that was claimed: any node may claim it. */
  dropName(name: string): void;
}

/** Where a room is that is not here. `unknown`: that cannot be known now. */
export type FoundHome =
  | { readonly at: "here" | "nowhere" | "unknown" }
  | { readonly at: "elsewhere"; readonly home: NodeId };

const NAME_PREFIX = "name:";

/** The home of the room that the API calls so: a code, `name:` and a name, or a name. */
export async function homeOf(id: string, homes: Pick<OtherHomes, "whereIsCode" | "whereIsName">): Promise<FoundHome> {
  const code = parseRoomCode(id);
  if (code !== undefined && isDrawnCode(code)) return ask(homes.whereIsCode(code));
  const names = id.startsWith(NAME_PREFIX) ? [id.slice(NAME_PREFIX.length), id] : [id];
  for (const name of names) {
    if (!isOpenRoomName(name)) continue;
    const found = await ask(homes.whereIsName(name));
    if (found.at !== "nowhere") return found;
  }
  return { at: "nowhere" };
}

/** The home of the room of this code (upper case). */
export function homeOfCode(code: string, homes: Pick<OtherHomes, "whereIsCode">): Promise<FoundHome> {
  return isDrawnCode(code) ? ask(homes.whereIsCode(code)) : Promise.resolve({ at: "nowhere" });
}

async function ask(answer: Promise<Whereabouts | Refused>): Promise<FoundHome> {
  let found: Whereabouts | Refused;
  try {
    found = await answer;
  } catch {
    return { at: "unknown" }; // the directory is away, as the cluster's own log says
  }
  switch (found.at) {
    case "elsewhere":
      return found;
    case "here":
    case "nowhere":
      return { at: found.at };
    default:
      return { at: "unknown" };
  }
}
