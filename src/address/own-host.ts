/** By which names a server may be called: by those that no site elsewhere can point at it (DNS rebinding), and by its own. */
import { isIP } from "node:net";

/** A name, or an IP address in the brackets of IPv6, and perhaps a port. */
const HOST = /^(?:\[([\da-f:.%]+)\]|([^\s:/?#@[\]]+))(?::\d{1,5})?$/i;

/** Whether a `Host` header names an IP address, localhost, or one of these names. */
export function isOwnHost(host: string, names: readonly (string | undefined)[]): boolean {
  const [, ipv6, name = ""] = HOST.exec(host) ?? [];
  if (ipv6 !== undefined) return isIP(ipv6) === 6;
  const wanted = plain(name);
  if (wanted === "") return false;
  return (
    isIP(wanted) === 4 || wanted === "localhost" || names.some((each) => each !== undefined && plain(each) === wanted)
  );
}

/** A host name without case and the full stop at its end. */
function plain(name: string): string {
  return name.toLowerCase().replace(/\.$/, "");
}
