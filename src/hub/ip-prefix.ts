/** The networks of an address. Limits count networks, because one IPv6 host has many addresses. */
import { isIPv4, isIPv6 } from "node:net";

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

/** A network: an address and how many of its bits count. */
export interface IpNetwork {
  readonly family: 4 | 6;
  readonly length: number;
  /** One text for each network, however it was written. */
  readonly prefix: string;
}

const IPV4_BITS = 32;
const IPV6_BITS = 128;

/** Reads an address, or a network as in `203.0.113.0/24`. `undefined` where it is neither. */
export function parseNetwork(text: string): IpNetwork | undefined {
  const [address = "", bits, ...more] = text.split("/");
  if (more.length > 0 || (bits !== undefined && !/^\d{1,3}$/.test(bits))) return undefined;
  const family = familyOf(address);
  if (family === undefined) return undefined;
  const most = family === 4 ? IPV4_BITS : IPV6_BITS;
  const length = bits === undefined ? most : Number(bits);
  if (length > most) return undefined;
  const prefix = networkWithin(address, { family, length });
  return prefix === undefined ? undefined : { family, length, prefix };
}

/** The network of that length that an address is in, written as `Network.prefix`; `undefined` for an address of another family. */
export function networkWithin(address: string, { family, length }: Omit<IpNetwork, "prefix">): string | undefined {
  const groups = groupsOfAny(address);
  if (groups === undefined || groups.length !== (family === 4 ? 2 : GROUPS)) return undefined;
  return prefixOf(groups, length);
}

function familyOf(address: string): 4 | 6 | undefined {
  const groups = groupsOfAny(address);
  if (groups === undefined) return undefined;
  return groups.length === GROUPS ? 6 : 4;
}

/** Eight groups of 16 bits for IPv6, two for IPv4, however that is written; `undefined` where it is no address. */
function groupsOfAny(address: string): readonly number[] | undefined {
  const [plain] = prefixesOf(address); // for IPv4 written as IPv6
  if (isIPv4(plain)) return groupsIn(plain);
  const [bare = ""] = address.split("%");
  return isIPv6(bare) ? groupsOf(bare) : undefined;
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
