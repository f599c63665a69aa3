/** The client's address of a request, also behind trusted proxies. */
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { compile as compileTrust } from "proxy-addr";

/** The address of the socket's peer. */
export function socketAddress({ socket }: Pick<IncomingMessage, "socket">): string {
  return socket.remoteAddress ?? "";
}

/**
 * The last address in `X-Forwarded-For` that is not a trusted proxy's: each proxy appends the address it was asked from. Entries that are
 * not addresses ("unknown", names) are skipped, and ports, which some proxies add, are cut off.
 */
export function proxiedAddress(trusted: string[]): (request: IncomingMessage) => string {
  const isTrusted = compileTrust(trusted);
  return (request) => {
    const header = request.headers["x-forwarded-for"] ?? "";
    const entries = (Array.isArray(header) ? header.join(",") : header).split(",");
    let address = socketAddress(request);
    for (let hop = 0; isTrusted(address, hop); hop++) {
      let next: string | undefined;
      while (next === undefined && entries.length > 0) next = addressIn(entries.pop() ?? "");
      if (next === undefined) break;
      address = next;
    }
    return address;
  };
}

/** `1.2.3.4`, `1.2.3.4:80`, `::1`, `[::1]` and `[::1]:80`, in quotes or not (RFC 7239 has them in quotes). */
const WITH_PORT = /^(?:(?<ipv4>[\d.]+)|\[(?<ipv6>[^\]]+)\])(?::\d{1,5})?$/;

function addressIn(entry: string): string | undefined {
  const text = entry.trim().replace(/^"(.*)"$/, "$1");
  const { ipv4, ipv6 } = WITH_PORT.exec(text)?.groups ?? {};
  const address = ipv4 ?? ipv6 ?? text;
  return isIP(address) === 0 ? undefined : address;
}
