/** A page with the SDK in it, on a network of its own that can be cut: what a reload, a copied tab and a dead phone are to a server. */
import { createNetwork, type Network } from "../../src/chaos/network.ts";
import type { CreateRoomOptions } from "../../src/sdk/create-room.ts";
import type { HostRoom } from "../../src/sdk/host-room.ts";
import { createRoom, joinRoom } from "../../src/sdk/index.ts";
import type { JoinRoomOptions } from "../../src/sdk/join-room.ts";
import type { PlayerRoom } from "../../src/sdk/player-room.ts";
import type { SessionStorage } from "../../src/sdk/session.ts";
import type { WebSocketClass } from "../../src/sdk/client-socket.ts";
import { onTestEnd } from "./clean-up.ts";
import { FakeSocket } from "./fake-socket.ts";
import { Inbox } from "./inbox.ts";
import { withPlayerIds } from "./player-ids.ts";
import type { TestServer } from "./server.ts";

/** One load of a page in one tab. */
export interface Page {
  readonly server: TestServer;
  readonly proxy: Network["proxy"];
  /** What the SDK is given. */
  readonly options: {
    readonly server: string;
    readonly WebSocket: WebSocketClass;
    readonly storage: SessionStorage;
    readonly warn: () => void;
  };
  /** The page is gone: its connection is cut, and its script has no effect any more. */
  die(): void;
  /** It dies, and another load takes its place in the same tab. */
  reload(): Promise<Page>;
  /** A copy of the tab, as browsers make one: with a copy of what is stored. */
  duplicate(): Promise<Page>;
}

export async function openPage(server: TestServer, stored: ReadonlyMap<string, string> = new Map()): Promise<Page> {
  const network = await createNetwork(new URL(server.url), 1);
  onTestEnd(() => network.close());
  const items = new Map(stored);
  let isDead = false;
  const options = {
    server: server.url,
    warn: () => undefined, // lines are cut here on purpose
    storage: {
      getItem: (key: string) => items.get(key) ?? null,
      setItem: (key: string, value: string) => void (isDead || items.set(key, value)),
      removeItem: (key: string) => void (isDead || items.delete(key)),
    },
    WebSocket: new Proxy(network.WebSocket, {
      construct: (Socket, [url, protocols]: [string, string[]]) =>
        isDead ? new FakeSocket(url) : new Socket(url, protocols),
    }),
  };
  // All pages of a test are one page to the SDK, so what was noted down is made to look like another's.
  const asOfAnotherLoad = (): Map<string, string> =>
    new Map([...items].map(([key, value]) => [key, value.replace(/"page":"\w*"/, '"page":""')]));
  const page: Page = {
    server,
    proxy: network.proxy,
    options,
    die() {
      isDead = true;
      network.proxy.cutNow();
    },
    reload() {
      page.die();
      return openPage(server, asOfAnotherLoad());
    },
    duplicate: () => openPage(server, asOfAnotherLoad()),
  };
  return page;
}

export interface PageHost {
  readonly page: Page;
  readonly room: HostRoom;
  /** Every event but `state` and `text`, each as its name and what came with it; players as their ids. */
  readonly heard: Inbox<readonly unknown[]>;
}

const HOST_EVENTS = [
  "join",
  "leave",
  "away",
  "back",
  "json",
  "binary",
  "gap",
  "reopened",
  "reconnected",
  "close",
] as const;

export async function openTestHost(page: Page, options: CreateRoomOptions = {}): Promise<PageHost> {
  const room = await createRoom({ game: "sketch", ...page.options, ...options });
  onTestEnd(() => room.close());
  const heard = new Inbox<readonly unknown[]>("the TV");
  for (const event of HOST_EVENTS) {
    room.on(event, (...values: unknown[]) => heard.push([event, ...withPlayerIds(values)]));
  }
  return { page, room, heard };
}

export interface PagePhone {
  readonly page: Page;
  readonly me: PlayerRoom;
  /** Every event but `text` and `reconnecting`. */
  readonly heard: Inbox<readonly unknown[]>;
}

const PLAYER_EVENTS = ["open", "json", "binary", "away", "back", "game", "gap", "close"] as const;

export function openPhone(page: Page, code: string, options: JoinRoomOptions = {}): PagePhone {
  const me = joinRoom({ code, ...page.options, ...options });
  onTestEnd(() => me.close());
  const heard = new Inbox<readonly unknown[]>("the phone");
  for (const event of PLAYER_EVENTS) me.on(event, (...values: unknown[]) => heard.push([event, ...values]));
  return { page, me, heard };
}
