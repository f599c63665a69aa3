/** The pages of games, between which an evening leads the TV and the phones. */

/** Node has none. */
export function hasPage(): boolean {
  return typeof document !== "undefined";
}

/** The TV's page of a game on this server. */
export function pageOfGame(server: string, game: string): string {
  return `${server}/games/${encodeURIComponent(game)}/`;
}

/**
 * The phone's page of the room's game. `url` is what the server says. The room's own address at the server is asked for where this phone reaches the
 * server, since its seat is stored for that origin.
 */
export function pageOfRoom(server: string, code: string, url: string): string {
  return url.endsWith(`/${code}`) ? `${server}/${code}` : url;
}

/** Whether the server has other games, and not this one. A program without a page goes nowhere, so nothing is asked. */
export async function isMissing(server: string, game: string): Promise<boolean> {
  if (!hasPage()) return false;
  try {
    const info: { readonly games?: readonly { readonly name: string }[] } = await (
      await fetch(`${server}/api/info`)
    ).json();
    const name = game.normalize("NFC");
    return info.games !== undefined && !info.games.some((known) => known.name.normalize("NFC") === name);
  } catch {
    return false; // the server is not there just now
  }
}

/** Leaves for another page, which takes this one's place in the history, so that "back" never leads into a game that is over. Nothing happens without a page. */
export function leaveFor(address: string): void {
  if (hasPage()) location.replace(address);
}

interface WayBackModule {
  offerWayBack(isTv: boolean, goBack: () => void): void;
}

/** Offers the way back to the launcher on this page. What draws it is a file of its own, which only an evening loads. */
export function loadWayBack(server: string, isTv: boolean, goBack: () => void): void {
  if (!hasPage()) return;
  const address = `${server}/sdk/way-back.js`;
  const loading: Promise<WayBackModule> = import(/* webpackIgnore: true */ /* @vite-ignore */ address);
  loading.then(
    (module) => module.offerWayBack(isTv, goBack),
    () => undefined, // The server is not there just now: the page goes on without the way back.
  );
}
