/** Loopback names and addresses. A phone that opens one of them reaches itself. */

/** Takes a host name as in a URL: IPv6 in brackets, no port. */
export function isLoopbackName(hostname: string): boolean {
  const name = hostname
    .toLowerCase()
    .replace(/\.$/, "")
    .replace(/^\[(.*)\]$/, "$1");
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  return isLoopbackAddress(name) || EVERY_ADDRESS.has(name);
}

/** Whether only this machine reaches what listens on this host. */
export function isReachedByThisMachineAlone(host: string): boolean {
  return isLoopbackName(host) && !EVERY_ADDRESS.has(host);
}

/** RFC 1122, section 3.2.1.3: all of 127.0.0.0/8. RFC 4291, section 2.5.3: one IPv6 address. */
export function isLoopbackAddress(address: string): boolean {
  return /^(?:(?:::ffff:)?127\.\d+\.\d+\.\d+|::ffff:7f[\da-f]{2}:[\da-f]+|::1)$/i.test(address);
}

/** Wildcard addresses: the socket listens on every address of the machine. */
export const EVERY_ADDRESS: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);
