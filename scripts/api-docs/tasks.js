/** The order of docs/API.md: by what a reader wants to do, and below it the exports that serve it. Every export has its place here. */

/**
 * @typedef {object} Task
 * @property {string} title What the reader wants to do.
 * @property {string} [intro] What to know before.
 * @property {string[]} exports
 */

/** @type {{ module: string, source: string, intro: string, tasks: Task[] }[]} */
export const MODULES = [
  {
    module: "couchwire/sdk",
    source: "src/sdk/index.ts",
    intro:
      "For the two pages of a game, from the server as `/sdk/couchwire.js` or from npm as `@couchwire/sdk` or `couchwire/sdk`. [GAMES.md](GAMES.md) goes through it step by step.",
    tasks: [
      {
        title: "Open a room on the TV",
        exports: [
          "createRoom",
          "CreateRoomOptions",
          "HostRoom",
          "HostRoomEvents",
          "SendOptions",
          "KickOptions",
          "RoomState",
          "PlayerHealth",
          "HostGap",
          "RoomError",
        ],
      },
      {
        title: "Join a room on a phone",
        exports: ["joinRoom", "JoinRoomOptions", "PlayerRoom", "PlayerRoomEvents", "PlayerSendOptions", "hasSeat"],
      },
      {
        title: "Join an open room",
        intro: "An open room has no TV page: code in the server is its host, or the built-in kind `relay`.",
        exports: [
          "joinMember",
          "JoinMemberOptions",
          "MemberRoom",
          "MemberRoomEvents",
          "RoomMember",
          "PastMessage",
          "MemberSendOptions",
        ],
      },
      {
        title: "Show codes and pictures",
        exports: ["qrSvg", "QrOptions", "parseRoomCode"],
      },
      {
        title: "Handle lost connections and errors",
        intro: "The SDK connects again by itself. What follows is for telling people about it.",
        exports: [
          "ConnectFailure",
          "ConnectCause",
          "Retry",
          "CloseReason",
          "CLOSE_CODES",
          "CloseName",
          "CloseCodeEntry",
          "AfterClose",
          "afterClose",
          "CouchwireError",
          "CouchwireErrorCode",
          "ErrorCode",
        ],
      },
      {
        title: "Fit the SDK to a platform",
        exports: ["ReliableConnectionOptions", "Payload", "SessionStorage", "WebSocketClass", "WebSocketPort"],
      },
    ],
  },
  {
    module: "couchwire",
    source: "src/index.ts",
    intro: "For a program that runs the server itself.",
    tasks: [
      {
        title: "Run a server",
        exports: [
          "createServer",
          "OptionsInput",
          "Options",
          "OptionsError",
          "ServerExtras",
          "CouchwireServer",
          "AttachOptions",
          "ServerAddress",
          "PhoneReach",
          "PhoneObstacle",
          "NetworkSource",
          "NetworkEvidence",
        ],
      },
      {
        title: "Write rooms in your own code",
        intro:
          "Open rooms need no TV page: their host is a function of your program. [EMBEDDING.md](EMBEDDING.md) has a room in ten lines.",
        exports: [
          "defineRoom",
          "RoomDefinition",
          "RoomKind",
          "relay",
          "Rooms",
          "NewRoomOptions",
          "RoomExistsError",
          "GameRoom",
          "Member",
          "MemberMeta",
          "Role",
          "MemberRecipients",
          "SayOptions",
          "Delivery",
          "Json",
          "HistoryLimits",
          "HistoryEntry",
          "JoinDetails",
          "JoinAnswer",
          "LeaveReason",
          "defineBot",
          "BotOptions",
          "Bot",
          "BotSelf",
        ],
      },
      {
        title: "Sign tokens",
        exports: ["createTokens", "TokenOptions", "Tokens", "MemberClaims", "MemberToken", "TokenRefusal"],
      },
      {
        title: "Decide what may happen in it",
        exports: [
          "Hooks",
          "ConnectHook",
          "CreateHook",
          "JoinHook",
          "MessageHook",
          "LeaveHook",
          "Refusable",
          "MessageAnswer",
          "RoomInfo",
          "MemberInfo",
          "Role",
          "Json",
        ],
      },
      {
        title: "Watch what happens in it",
        exports: [
          "RoomEventName",
          "RoomEventFields",
          "RoomEventListener",
          "LeaveReason",
          "ServerObserver",
          "ServerActivity",
          "RoomActivity",
          "DepartureReason",
          "Traffic",
        ],
      },
      { title: "Ban people from it", exports: ["Bans", "BanTarget", "BanOptions", "Ban"] },
      { title: "Look into its rooms", exports: ["Hub", "Room"] },
    ],
  },
  {
    module: "couchwire/tcp",
    source: "src/tcp/index.ts",
    intro:
      "For a program or a bot on Node that joins open rooms over TCP, where the server has `COUCHWIRE_TCP_PORT`. [examples/tcp-bot](../examples/tcp-bot) is one.",
    tasks: [
      {
        title: "Join open rooms from a program",
        exports: ["connect", "TcpClientOptions", "TcpClient", "TcpJoinOptions", "TcpEvent", "TcpError", "TcpErrorCode"],
      },
    ],
  },
  {
    module: "couchwire/testing",
    source: "src/testing/index.ts",
    intro:
      "For those who write a transport, a host or a client of their own: what the project's own do, as functions for any test framework. [EMBEDDING.md](EMBEDDING.md) shows how.",
    tasks: [
      {
        title: "Test a way to host rooms",
        exports: ["hostSuite", "HostTarget", "HostUnderTest", "PhoneUnderTest", "HostCommandSaid", "HostNewsSeen"],
      },
      {
        title: "Test a way into open rooms",
        exports: ["memberSuite", "MemberTarget", "MemberUnderTest", "RoomUnderTest", "HeardByMember"],
      },
      { title: "Read a suite", exports: ["Behaviour", "ConnectionEnd"] },
    ],
  },
  {
    module: "couchwire/protocol",
    source: "src/protocol/index.ts",
    intro:
      "For a host, a player or a tool of your own that speaks the wire. [PROTOCOL.md](PROTOCOL.md) has its rules; P numbers lead there.",
    tasks: [
      {
        title: "Give commands as a host",
        exports: [
          "HOST_COMMANDS",
          "HostCommand",
          "HostCommandName",
          "PrepareCommand",
          "StartCommand",
          "OpenCommand",
          "KickCommand",
          "ToCommand",
          "ToStrCommand",
          "SaveCommand",
          "HealthCommand",
          "RescueCommand",
          "StopCommand",
          "Recipients",
          "PlayerId",
        ],
      },
      {
        title: "Understand events as a host",
        exports: [
          "HOST_EVENTS",
          "HostEvent",
          "HostEventName",
          "RoomEvent",
          "StateEvent",
          "StateDeltaEvent",
          "PrepareReplyEvent",
          "PlayerJoinedEvent",
          "PlayerLeftEvent",
          "PlayerAwayEvent",
          "PlayerBackEvent",
          "GapEvent",
          "RestoreEvent",
          "HealthEvent",
          "PlayerHealth",
          "RescueReplyEvent",
          "GuessingEvent",
          "ErrorEvent",
          "FromEvent",
          "FromStrEvent",
        ],
      },
      {
        title: "Read host frames",
        exports: ["decodeHostFrame", "HostFormat", "HostBytes", "Refusal", "Result", "ERROR_CODES", "ErrorCode"],
      },
      {
        title: "Open connections",
        exports: [
          "parseRoomCode",
          "ROOM_CODE_ALPHABET",
          "ROOM_CODE_LENGTH",
          "parseHostQuery",
          "HostQuery",
          "parsePlayerQuery",
          "PlayerQuery",
          "Attempt",
          "HostStates",
          "QueryParameters",
          "readSubprotocols",
          "OfferedSubprotocols",
          "SecretName",
          "RELIABLE_SUBPROTOCOL",
          "Control",
          "Hello",
        ],
      },
      {
        title: "Close connections",
        exports: [
          "CLOSE_CODES",
          "CloseName",
          "CloseCodeEntry",
          "AfterClose",
          "afterClose",
          "fitCloseReason",
          "MAX_CLOSE_REASON_BYTES",
        ],
      },
    ],
  },
];
