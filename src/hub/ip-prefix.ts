/** The networks of an address. Limits count networks, because one IPv6 host has many addresses. */
import { isIPv6 } from "node:net";

/** Prefixes that providers assign to one customer: at least a /64, often a /56, for a site a /48 (RFC 6177). Smallest network first. */
const IPV6_PREFIX_LENGTHS = [64, 56, 48] as const;
const GROUP_BITS = 16;
const GROUPS = 8;

/** Prefixes of IPv4 addresses written as IPv6: `::ffff:0:0/96` (RFC 4291) and `64:ff9b::/96` (RFC 6052). */
const IPV4_PREFIXES = [
  [0, 0, 0, 0, 0, 0xffff],
  [0x64, 0xff9b, 0, 0, 0, 0],
] as const;

/** The networks of an address, smallest first. An IPv4 address, or a text that is not an address, is a network of its own. */
export function prefixesOf(address: string): readonly [string, ...string[]] {
  if (!address.includes(":")) return [address];
  const [bare = ""] = address.split("%"); // the zone of a link-local address follows
  if (!isIPv6(bare)) return [address];
  const groups = groupsOf(bare);
  if (IPV4_PREFIXES.some((prefix) => prefix.every((group, index) => group === groups[index]))) return [ipv4Of(groups)];
  const [smallest, ...larger] = IPV6_PREFIX_LENGTHS;
  return [prefixOf(groups, smallest), ...larger.map((length) => prefixOf(groups, length))];
}

/** The smallest network of an address: one household's. */
export function networkOf(address: string): string {
  return prefixesOf(address)[0];
}

/** The largest network of an address that one customer may have. */
export function siteOf(address: string): string {
  const prefixes = prefixesOf(address);
  return prefixes.at(-1) ?? prefixes[0];
}

function prefixOf(groups: readonly number[], length: number): string {
  const count = Math.ceil(length / GROUP_BITS);
  const masked = groups.slice(0, count).map((group, index) => {
    const bits = Math.min(GROUP_BITS, length - index * GROUP_BITS);
    return (group & (0xffff << (GROUP_BITS - bits)) & 0xffff).toString(16);
  });
  return `${masked.join(":")}::/${length}`;
}

function ipv4Of(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(-2);
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join(".");
}

/** The eight groups of a valid IPv6 address. */
function groupsOf(address: string): number[] {
  const [head = "", tail] = address.split("::");
  const groups = groupsIn(head);
  if (tail === undefined) return groups;
  const after = groupsIn(tail);
  return [...groups, ...Array<number>(GROUPS - groups.length - after.length).fill(0), ...after];
}

function groupsIn(text: string): number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (!group.includes(".")) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split(".").map(Number);
    return [a * 256 + b, c * 256 + d];
  });
}
