/** The address under which phones on the same Wi-Fi reach this machine. */
import { networkInterfaces } from "node:os";
import type { NetworkInterfaceInfo } from "node:os";

const LOOPBACK = "127.0.0.1";

/** Interfaces that lead to containers, virtual machines and tunnels; no phone is on the other side of those. */
const VIRTUAL_INTERFACE =
  /^(?:lo|docker|br-|bridge|virbr|veth|vethernet|vmnet|vmware|vboxnet|virtualbox|podman|cni|flannel|cali|lxc|lxd|incus|tailscale|zt|zerotier|wg|wireguard|tun|tap|utun|ppp|ipsec|nordlynx|awdl|llw|anpi|dummy|ifb|hyper-v)/i;

/**
 * The IPv4 address to print, write into links and show as a QR code: a private one of a real interface before a
 * public one, before one the machine gave itself because nobody else did; else this machine alone.
 */
export function lanAddress(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces()): string {
  const addresses = Object.entries(interfaces)
    .filter(([name]) => !VIRTUAL_INTERFACE.test(name))
    .flatMap(([, infos]) => infos ?? [])
    .filter((info) => info.family === "IPv4" && !info.internal)
    .map((info) => info.address);
  for (const isWanted of [isHome, isPrivate, isPublic]) {
    const found = addresses.find(isWanted);
    if (found !== undefined) return found;
  }
  return addresses[0] ?? LOOPBACK;
}

/** What routers at home give out; the other private ranges are as often a company's or a container's. */
function isHome(address: string): boolean {
  return address.startsWith("192.168.");
}

function isPrivate(address: string): boolean {
  return isHome(address) || address.startsWith("10.") || /^172\.(?:1[6-9]|2\d|3[01])\./.test(address);
}

function isPublic(address: string): boolean {
  return !address.startsWith("169.254.");
}
