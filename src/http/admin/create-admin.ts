/** The admin page of a server: joins what it remembers, the API's routes, and the port that it is on. */
import type { RequestHandler } from "express";
import type { Hub } from "../../hub/hub.ts";
import type { PlayerId } from "../../protocol/commands.ts";
import { success } from "../../protocol/result.ts";
import type { AccessCheck } from "../api/access.ts";
import type { NodeRooms } from "../api/node-rooms.ts";
import { NodeDesk } from "./admin-desk.ts";
import { AllNodesDesk, type OtherDesks } from "./all-nodes-desk.ts";
import { createAdminServer, type AdminServer, type AdminServerOptions } from "./admin-server.ts";
import type { AdminView } from "./admin-view.ts";

export interface AdminOptions extends Omit<AdminServerOptions, "desk" | "api"> {
  readonly view: AdminView;
  readonly hub: Hub;
  /** Those of this node. */
  readonly rooms: NodeRooms;
  /** @default there are no other nodes */
  readonly others?: OtherDesks | undefined;
  /** The API's routes for those whom `access` lets in; `undefined`: for those that show a key or a token. */
  readonly apiFor: (access: AccessCheck | undefined) => RequestHandler;
  /** Connections that the server has now. */
  readonly connectionCount: () => number;
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly wallClock: () => number;
}

/** A session was opened with a key, so it may do what a key may. */
const BY_SESSION: AccessCheck = () => success({ id: "admin page", room: undefined, mayMint: true });

export function createAdmin(options: AdminOptions): AdminServer {
  const { view, hub, rooms, others, apiFor, connectionCount, budget, version, wallClock } = options;
  const { timelines, history } = view;

  function playerNames(id: string): ReadonlyMap<PlayerId, string> {
    const names = new Map<PlayerId, string>();
    for (const { player, name, user } of rooms.find(id)?.players?.facts() ?? []) {
      const shown = name ?? user;
      if (shown !== undefined) names.set(player, shown);
    }
    return names;
  }

  const own = new NodeDesk({
    rooms,
    playerNames,
    totals: () => {
      const { players, away } = hub.census;
      const { used, limit, cuts } = budget;
      return { rooms: hub.roomCount, players, away, connections: connectionCount(), memory: { used, limit, cuts } };
    },
    timelines,
    history,
    version,
    wallClock,
  });
  const server = createAdminServer({
    ...options,
    api: { byKey: apiFor(undefined), bySession: apiFor(BY_SESSION) },
    desk: others === undefined ? own : new AllNodesDesk(own, others),
  });
  return {
    get url() {
      return server.url;
    },
    async listen() {
      await server.listen();
      history.start();
    },
    async close() {
      history.stop();
      await server.close();
      timelines.close();
    },
  };
}
