/** A phone on bare TCP that has a seat. */
import type { OpenRoom } from "../host-client.ts";
import { RawClient } from "../raw-client.ts";
import type { TestServer } from "../server.ts";

/** The host's `player_joined` and `state` about it are looked at already. */
export async function takeRawSeat(server: TestServer, { host, code }: OpenRoom): Promise<RawClient> {
  const client = await RawClient.open(server.port, `/${code}`);
  await host.until("player_joined");
  await host.until("state");
  return client;
}
