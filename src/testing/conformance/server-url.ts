/** The address of a server, as a person types it. */

/** `undefined` where it is no address of a server. */
export function parseServerUrl(url: string): URL | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  const { protocol, hostname, search, hash, username, password } = parsed;
  const isAddress = /^(?:wss?|https?):$/.test(protocol) && hostname !== "" && search === "" && hash === "";
  return isAddress && username === "" && password === "" ? parsed : undefined;
}
