/** Guesses which of this machine's addresses phones on the same Wi-Fi can reach. Pure: the evidence is passed in. */
import type { NetworkInterfaceInfo } from "node:os";
import { isLoopbackAddress } from "./loopback.ts";

/** The machine's networks at one moment. */
export interface NetworkEvidence {
  readonly interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>;
  /** The local address of the default route. */
  readonly defaultRoute: string | undefined;
  /** The kind of machine. Containers and WSL usually have a private network that phones cannot reach. */
  readonly habitat: "machine" | "container" | "wsl";
}

export interface LanAddresses {
  /** The address for the terminal, links and QR codes. */
  readonly best: string | undefined;
  /** Other candidates, the likely ones first. */
  readonly others: readonly string[];
  /** The likely obstacle between phones and `best`, judged by its address range and the habitat. */
  readonly hiddenBy: "container" | "wsl" | "nat" | undefined;
}

/** Names of tunnels and mobile networks. They often carry the default route, but phones in the room are not behind them. */
const TUNNEL_NAME =
  /vpn|^(?:hamachi|cloudflare|tailscale|zt|zerotier|wg|wireguard|tun|tap|utun|ppp|ipsec|nordlynx|proton|mullvad|openvpn|cisco|wwan|rmnet|ccmni|pdp_ip|cellular|mobile)/i;

/** Names of bridges to containers and virtual machines. */
const VIRTUAL_NAME =
  /^(?:lo|docker|br-|bridge|virbr|veth|vethernet|vmnet|vmware|vboxnet|virtualbox|podman|cni|flannel|cali|lxc|lxd|incus|awdl|llw|anpi|dummy|ifb|hyper-v)/i;

/** MAC prefix of TAP-Windows, which VPN programs install under names such as `Ethernet 4`. */
const TUNNEL_MAC = /^00:ff:/i;

/** MAC prefixes of VirtualBox and VMware on the host's side. Windows calls such adapters `Ethernet 3`. */
const HOST_SIDE_MAC = /^(?:0a:00:27:|00:50:56:c0:00:)/i;

/**
 * MAC prefixes of virtual machines and containers: VirtualBox, VMware (three), Hyper-V, Docker, Parallels, QEMU. Within a guest
 * the real network has such an address too. The zero address is a point-to-point link.
 */
const VIRTUAL_MAC = /^(?:08:00:27|00:50:56|00:0c:29|00:05:69|00:15:5d|02:42|00:1c:42|52:54:00|00:00:00:00:00:00)/i;

interface Candidate {
  readonly address: string;
  /** The lowest rank wins. */
  readonly rank: number;
}

export function rankLanAddresses(evidence: NetworkEvidence): LanAddresses {
  const ranked = Object.entries(evidence.interfaces)
    .flatMap(([name, infos]) => (infos ?? []).flatMap((info) => judge(name, info, evidence) ?? []))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ address }) => address);
  const [best, ...others] = new Set(ranked);
  return { best, others, hiddenBy: best === undefined ? undefined : hiddenBy(best, evidence) };
}

function judge(name: string, info: NetworkInterfaceInfo, evidence: NetworkEvidence): Candidate | undefined {
  const { address, mac } = info;
  if (info.family !== "IPv4" || info.internal || isLoopbackAddress(address)) return undefined;
  if (TUNNEL_NAME.test(name) || TUNNEL_MAC.test(mac)) return undefined;
  const isPointToPoint = mac === NO_MAC;
  const rangeRank = RANGES.findIndex((range) => range.test(address));
  const weigh = (rank: number): Candidate => ({ address, rank: rank * RANGES.length + rangeRank });
  // A bridge with the default route is the real network, whatever its name: Hyper-V's external switch, `br0`.
  if (address === evidence.defaultRoute && !isPointToPoint) return weigh(0);
  if (VIRTUAL_NAME.test(name) || HOST_SIDE_MAC.test(mac)) return undefined;
  return weigh(VIRTUAL_MAC.test(mac) ? 2 : 1);
}

const NO_MAC = "00:00:00:00:00:00";

/** In order of likelihood: home routers, other private networks, public addresses, link-local addresses. */
const RANGES: readonly RegExp[] = [
  /^192\.168\./,
  /^(?:10\.|172\.(?:1[6-9]|2\d|3[01])\.)/,
  /^(?!169\.254\.)/,
  /^169\.254\./,
];

/** The networks of Docker and Podman, and the user-mode network of rootless containers and of QEMU and VirtualBox guests. */
const CONTAINER_RANGE = /^(?:172\.(?:1[6-9]|2\d|3[01])\.|10\.88\.|10\.0\.2\.)/;
const GUEST_BEHIND_NAT = /^10\.0\.2\.15$/;

function hiddenBy(address: string, { habitat }: NetworkEvidence): LanAddresses["hiddenBy"] {
  if (habitat !== "machine" && CONTAINER_RANGE.test(address)) return habitat;
  return GUEST_BEHIND_NAT.test(address) ? "nat" : undefined;
}
