/** Networks as data, for tests of where phones reach a server. */
import type { NetworkInterfaceInfo } from "node:os";
import type { NetworkEvidence } from "../../src/address/lan-addresses.ts";

/** A machine whose Wi-Fi adapter has these addresses; none: there is no network yet. */
export function evidenceOf(...addresses: readonly string[]): NetworkEvidence {
  const infos = addresses.map((address): NetworkInterfaceInfo => {
    const [netmask, mac] = ["255.255.255.0", "a4:bb:6d:00:00:01"];
    return { address, netmask, mac, family: "IPv4", internal: false, cidr: null };
  });
  return { interfaces: { wlan0: infos }, defaultRoute: undefined, habitat: "machine" };
}
