/** What a host is told of its room's state after joins and leaves: the whole again (P2.8), or only what changed in it (P5.9.12). */
import type { StateDeltaEvent, StateEvent } from "../protocol/events.ts";
import type { HostStates } from "../protocol/peer-query.ts";
import type { RoomSettings } from "../room/room.ts";

/** The state of a room. `state` lists all players; `settings` takes no time to ask for. */
interface StatefulRoom {
  readonly state: StateEvent;
  readonly settings: RoomSettings;
}

export class StateTeller {
  #states: HostStates;
  /** As the host was told last. Frames that wait for an away host count as told: it gets them all. */
  #told: RoomSettings = { name: "", max_players: 0, accept_conns: false };

  constructor(states: HostStates) {
    this.#states = states;
  }

  /** The host has another connection, and may ask for the other kind. The first event on the connection is a whole state. */
  set states(states: HostStates) {
    this.#states = states;
  }

  get states(): HostStates {
    return this.#states;
  }

  /** The whole state, as this host is told it. */
  whole(state: StateEvent): StateEvent {
    if (this.#states === "full") return state;
    const { cmd: _cmd, players: _players, delta: _delta, ...settings } = state;
    this.#told = settings;
    return { ...state, delta: true };
  }

  /** What follows a join or a leave; `undefined` where all else is as the host knows it. */
  change(room: StatefulRoom): StateEvent | StateDeltaEvent | undefined {
    if (this.#states === "full") return room.state;
    const { name, max_players, accept_conns, audience, waiting } = room.settings;
    const told = this.#told;
    const delta: StateDeltaEvent = {
      cmd: "state_delta",
      ...(name !== told.name && { name }),
      ...(max_players !== told.max_players && { max_players }),
      ...(accept_conns !== told.accept_conns && { accept_conns }),
      ...(audience !== undefined && audience !== told.audience && { audience }),
      ...(waiting !== undefined && waiting !== told.waiting && { waiting }),
    };
    this.#told = room.settings;
    return Object.keys(delta).length > 1 ? delta : undefined;
  }
}
