/** Nodes with rooms each, which call each other within this process, for tests of what pages and API know of all of them. */
import type { Whereabouts } from "../../../src/cluster/homes.ts";
import { AllLookups } from "../../../src/http/all-rooms/all-lookups.ts";
import { AllRooms } from "../../../src/http/all-rooms/all-rooms.ts";
import type { OtherHomes } from "../../../src/http/all-rooms/other-homes.ts";
import { NodeRooms } from "../../../src/http/api/node-rooms.ts";
import { Recordings } from "../../../src/recording/recordings.ts";
import { CallingNodes, type CallingNode } from "../node-calls.ts";
import { FakeOpenRooms } from "./fake-open-rooms.ts";
import { unlimitedMemory } from "./memory-budget.ts";

export interface NodeWithRooms {
  readonly calls: CallingNode;
  readonly open: FakeOpenRooms;
  /** Its rooms alone. */
  readonly own: NodeRooms;
  readonly all: AllRooms;
  readonly lookups: AllLookups;
  readonly homes: OtherHomes;
}

export class RoomsOnNodes {
  readonly bus = new CallingNodes();
  readonly nodes: NodeWithRooms[] = [];
  /** Whether the directory knows where rooms are. */
  isDirectoryThere = true;
  /** Whether rooms are in the directory yet. */
  knowsRooms = true;
  readonly #claimed = new Map<string, CallingNode>();

  add(): NodeWithRooms {
    const calls = this.bus.add();
    const open = new FakeOpenRooms([], { hubOptions: { guessLimit: 10, maxRooms: 1_000 } });
    const { hub, clock } = open.fake;
    const recordings = new Recordings({ clock, budget: unlimitedMemory() });
    const own = new NodeRooms({ hub, openRooms: open.rooms, clock, recordings, publicUrl: () => "http://tv" });
    const homes = this.#homesFor(calls);
    const self = (): string => calls.id;
    const all = new AllRooms({ rooms: own, homes, calls, clock, self, nodes: () => this.bus.directory.nodes() });
    const kindOf = (code: string): string | undefined => open.rooms.get(code)?.kind;
    const node = { calls, open, own, all, homes, lookups: new AllLookups({ hub, kindOf, homes, calls, clock }) };
    this.nodes.push(node);
    return node;
  }

  /** Lets time go by at all nodes. */
  pass(ms: number): void {
    for (const { open } of this.nodes) open.fake.clock.pass(ms);
  }

  #homesFor(asking: CallingNode): OtherHomes {
    const whereIs = async (id: string): Promise<Whereabouts> => {
      await Promise.resolve();
      if (!this.isDirectoryThere) throw new Error("The directory is away.");
      const home = this.nodes.find(({ own }) => own.find(id) !== undefined)?.calls;
      if (home === undefined || !this.knowsRooms) return { at: "nowhere" };
      return home === asking ? { at: "here", tenant: undefined } : { at: "elsewhere", home: home.id };
    };
    return {
      whereIsCode: whereIs,
      whereIsName: (name) => whereIs(`name:${name}`),
      claimName: async (name) => {
        const found = await whereIs(`name:${name}`);
        const holder = this.#claimed.get(name) ?? asking;
        if (found.at === "elsewhere" || holder !== asking) return false;
        this.#claimed.set(name, asking);
        return true;
      },
      dropName: (name) => void this.#claimed.delete(name),
    };
  }
}
