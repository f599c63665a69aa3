/** The channels of a server: of all nodes where there are others, and of this one alone where there are none. */
import type { ChannelService } from "../../channels/channel-service.ts";
import { Channels, type ChannelsOptions } from "../../channels/channels.ts";
import type { Cluster } from "../cluster.ts";
import type { Backend } from "../deferred-backend.ts";
import { BusChannels } from "./bus-channels.ts";
import { NodeChannels } from "./node-channels.ts";

export interface CreateChannelsOptions extends Omit<ChannelsOptions, "onForgotten"> {
  /** What is between the nodes. */
  readonly backend: Backend | undefined;
  /** This node among the others; `undefined` where they share no directory. */
  readonly cluster: Pick<Cluster, "mail" | "homes"> | undefined;
  /** The first part of all subjects of the bus. */
  readonly prefix: string;
  readonly leaseMs: number;
  /** Other nodes, or the directory, could not be asked. */
  readonly onFailure: (error: unknown) => void;
}

export function createChannels(options: CreateChannelsOptions): ChannelService {
  const { backend, cluster, prefix, leaseMs, onFailure, ...shared } = options;
  if (backend === undefined) return new Channels(shared);
  const { bus } = backend;
  if (cluster === undefined) return new BusChannels({ ...shared, bus, prefix, onFailure });
  const { mail, homes } = cluster;
  return new NodeChannels({ ...shared, mail, homes, bus, leaseMs, onFailure });
}
