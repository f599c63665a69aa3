/** What checks of sessions do again and again: a phone or a host goes away, comes back, and is the one that it was. */
import { expectSame, expectThat } from "./broken-rule.ts";
import type { HostLine, HostNotice } from "./host-line.ts";
import type { PeerLine } from "./peer-line.ts";
import type { OpenedByCheck, SeatedPhone, Trial } from "./trial.ts";

/** Goes away, as a page does that is reloaded. Some servers hear of a Close only when the connection is over: `expectAway` says that they have. */
export const GOING_AWAY = 1001;
/** Letters, a blank and a digit, of which one is more than a byte. */
export const PIN = "grün 7";

export interface SeatedWithSession extends SeatedPhone {
  readonly session: string;
}

export async function joinWithSession(
  trial: Trial,
  room: OpenedByCheck,
  who = "the phone",
): Promise<SeatedWithSession> {
  const session = trial.session();
  return { session, ...(await trial.join(room, { query: `session=${session}` }, who)) };
}

export async function comeBack(
  trial: Trial,
  code: string,
  session: string,
  who = "the phone that is back",
): Promise<PeerLine> {
  return trial.phone(code, { query: `session=${session}` }, who);
}

/** Whatever is told of players, but for being away and back. */
export function comingsAndGoings(notices: readonly HostNotice[]): readonly HostNotice[] {
  return notices.filter(({ cmd }) => cmd === "player_joined" || cmd === "player_left");
}

/** The host is told that the player is away: from then on the server knows that the line is over. */
export async function expectAway(host: HostLine, id: number): Promise<void> {
  const { cmd, player } = await host.next(
    "player_away (a server with a longer debounce needs a longer time: --timeout)",
  );
  expectSame("What the host is told", { cmd, player }, { cmd: "player_away", player: id });
}

/** The host's line ends without a word. Nothing tells that the server knows; it has read what came before the second ping of a phone. */
export async function cutHost({ host }: OpenedByCheck, phone: PeerLine): Promise<void> {
  host.peer.wire.cut();
  await host.peer.wire.gone;
  await phone.ping("the host is away");
  await phone.ping("the server has seen that");
}

/** The secret of a rescue link. */
export function rescueIn(url: unknown): string {
  const isUrl = typeof url === "string" && URL.canParse(url);
  const rescue = isUrl ? new URL(url).searchParams.get("rescue") : null;
  expectThat(rescue !== null, "The link of rescue_reply", "a URL with rescue=… in its query", url);
  return rescue;
}

/** The phone speaks as the player of this id: fails at once where it is closed, or is a newcomer. */
export async function expectSpeaker(host: HostLine, phone: PeerLine, id: number): Promise<void> {
  phone.say(`of ${id}`);
  for (;;) {
    const notice = await host.nextUnlessOver(`what player ${id} says`, phone);
    expectSame("Players that have joined or left", comingsAndGoings([notice]), []);
    if (notice.cmd !== "from_str") continue;
    expectSame("The id of the phone that is back", notice["from"], id);
    return;
  }
}

/** The phone has the seat of this id: it speaks as it, and hears what is said to the id. */
export async function expectSeat(host: HostLine, phone: PeerLine, id: number): Promise<void> {
  await expectSpeaker(host, phone, id);
  host.say({ cmd: "to_str", to: [id], data: `for ${id}` });
  await phone.hears(`for ${id}`);
}

export interface HostWithSession extends OpenedByCheck {
  readonly query: string;
}

export async function roomWithSession(trial: Trial, maxPlayers = 8): Promise<HostWithSession> {
  const query = `session=${trial.session()}`;
  return { query, ...(await trial.room({ query, maxPlayers })) };
}

/** A host that is back has heard its state and its code. Resolves with the state. */
export async function hostIsBack(host: HostLine, code: string): Promise<HostNotice> {
  const state = await host.next("state");
  expectSame("What a host that is back is told first", state.cmd, "state");
  await host.hears({ cmd: "prepare_reply", key: code });
  return state;
}
