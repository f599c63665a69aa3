/** The first page of docs/API.md: what a game maker wants to do, and the exports, methods, options and events that do it. */

/** @typedef {readonly [want: string, ...see: string[]]} Want The names are those of `couchwire/sdk`, `/ui` and `/controls`: `HostRoom.save`. */

/** @type {{ title: string, wants: Want[] }[]} */
export const WANTS = [
  {
    title: "On the TV",
    wants: [
      ["open a room", "createRoom"],
      ["show how to join", "LobbyElement", "QrElement", "HostRoom.code", "HostRoom.joinUrl", "HostRoom.qr"],
      ["know who plays", "HostRoom.players", "HostRoomEvents.join", "HostRoomEvents.leave", "HostRoom.player"],
      ["know who is away", "HostRoomEvents.away", "HostRoomEvents.back", "Player.isAway", "HostRoom.health"],
      ["show a player", "Player.name", "Player.color", "Player.meta", "avatarSvg", "LeaderboardElement"],
      ["rename a player, or keep characters apart", "Player.setProfile", "ownCharacter"],
      ["tell all phones, or one", "HostRoom.emit", "Player.emit", "HostRoom.broadcast", "HostRoom.send"],
      ["keep a secret with one phone", "Player.state", "Player.emit"],
      ["hear a phone", "HostRoom.on", "HostRoomEvents.text", "HostRoomEvents.json", "HostRoomEvents.binary"],
      ["ask a phone and get an answer", "Player.ask"],
      ["show how things are on all screens", "HostRoom.state", "SharedState.set", "SharedState.on"],
      ["refuse what a phone writes into its state", "CreateRoomOptions.acceptPlayerState"],
      ["count down", "HostRoom.countdown", "HostRoom.now", "CountdownElement"],
      ["survive a reload", "HostRoom.save", "HostRoom.restored", "HostRoom.isRestored", "CreateRoomOptions.version"],
      ["let no one in any more, or remove one", "HostRoom.lock", "HostRoom.open", "HostRoom.kick"],
      ["limit seats, ask for a PIN", "CreateRoomOptions.maxPlayers", "CreateRoomOptions.pin"],
      [
        "let people watch and vote, or wait",
        "CreateRoomOptions.audience",
        "HostRoom.poll",
        "HostRoomEvents.tally",
        "CreateRoomOptions.overflow",
      ],
      ["help a player whose phone died", "HostRoom.rescue"],
      ["go to another game, or end", "HostRoom.startGame", "HostRoom.endGame", "HostRoom.close"],
      ["play with gamepads at the TV", "gamepads"],
    ],
  },
  {
    title: "On the phone",
    wants: [
      ["join", "JoinElement", "joinRoom", "hasFreeSeat"],
      [
        "say who I am",
        "PlayerRoom.id",
        "PlayerRoom.name",
        "PlayerRoom.color",
        "PlayerRoom.meta",
        "PlayerRoom.setProfile",
      ],
      ["tell the TV", "PlayerRoom.emit", "PlayerRoom.send"],
      ["tell it many times a second", "PlayerSendOptions.volatile"],
      ["ask the TV and get an answer", "PlayerRoom.ask"],
      ["hear the TV", "PlayerRoom.on"],
      ["draw the screen from the state", "PlayerRoom.state", "PlayerRoomEvents.state", "SharedState.all"],
      ["steer", "JoystickElement", "DpadElement", "TiltElement", "SwipeElement"],
      ["press, choose, write, draw", "ButtonElement", "ChoiceElement", "TextElement", "DrawElement"],
      ["keep a text that the TV refuses", "TextElement.accept"],
      ["vibrate", "vibrate", "setVibration"],
      ["show a countdown", "PlayerRoom.now", "CountdownElement"],
      [
        "tell what is wrong with the connection",
        "ConnectionElement",
        "PlayerRoomEvents.reconnecting",
        "PlayerRoomEvents.connecting",
      ],
      ["know that the TV was loaded again", "PlayerRoomEvents.reloaded"],
      ["know why it is over", "PlayerRoomEvents.close", "CLOSE_CODES"],
      ["leave, or let go of the connection alone", "PlayerRoom.close", "PlayerRoom.detach"],
    ],
  },
  {
    title: "On both",
    wants: [
      ["have types for events and state", "GameShape"],
      ["measure the way", "HostRoom.latency", "PlayerRoom.latency"],
      ["keep several phones in one page apart", "ReliableConnectionOptions.storage"],
      ["show a token", "ReliableConnectionOptions.token", "TokenSource"],
      ["know why no connection comes about", "ReliableConnectionOptions.onConnecting", "ConnectFailure"],
      ["handle an error", "CouchwireError", "CouchwireErrorCode"],
      ["join a room whose rules are in the server", "joinMember", "MemberRoom"],
    ],
  },
];

/** How a page writes a member of these. */
const WRITTEN = {
  HostRoom: (member) => `room.${member}`,
  HostRoomEvents: (event) => `room.on("${event}")`,
  Player: (member) => `player.${member}`,
  PlayerRoom: (member) => `me.${member}`,
  PlayerRoomEvents: (event) => `me.on("${event}")`,
  SharedState: (member) => `state.${member}`,
  CreateRoomOptions: (option) => `createRoom({ ${option} })`,
  PlayerSendOptions: (option) => `{ ${option} }`,
  ReliableConnectionOptions: (option) => `{ ${option} }`,
};
const ELEMENT = /^(\w+)Element$/;

/** @param {string} see as in `WANTS` */
export function written(see) {
  const [owner, member] = see.split(".");
  const element = ELEMENT.exec(owner)?.[1].toLowerCase();
  if (element !== undefined) return member === undefined ? `<cw-${element}>` : `${element}.${member}`;
  return member === undefined ? owner : (WRITTEN[owner]?.(member) ?? see);
}
