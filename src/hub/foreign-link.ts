/** The address of a game's own phone page that is not served here. */

/** The host's `join_url` with the code in it. Only `http:` and `https:` are allowed, never `javascript:`. */
export function foreignLink(joinUrl: string | undefined, code: string): URL | undefined {
  if (joinUrl === undefined || !URL.canParse(joinUrl)) return undefined;
  const url = new URL(joinUrl);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  // A URL with a user name may look like another host's: `https://bank.example@elsewhere.example/`.
  url.username = "";
  url.password = "";
  url.searchParams.set("room", code);
  return url;
}
