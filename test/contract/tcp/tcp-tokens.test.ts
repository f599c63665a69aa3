/** Tokens on ghost-sync's wire: `room?token=JWT`. */
import { describe, expect, test } from "@jest/globals";
import { isUuid } from "../../../src/protocol/ghost-sync/uuid-bytes.ts";
import { JWT_SECRET, MemberClient, tokenFor } from "../../support/member-client.ts";
import { startTcpServer, type TcpServer } from "../../support/tcp-server.ts";

const start = (requireToken = "players"): Promise<TcpServer> =>
  startTcpServer({ jwtSecret: JWT_SECRET, requireToken, openRooms: "relay" });

describe("P7.8 tokens", () => {
  test("P7.8 the token stands behind the room, which is told without it, and the id is a UUID all the same", async () => {
    const server = await start();
    const ann = await MemberClient.join(server, "ann", "lobby");
    await ann.event("joined");
    const client = await server.connect();
    client.say({ say: "join_room", room: `lobby?token=${await tokenFor("bob", "lobby", { name: "Bob" })}` });
    const joined = await client.inbox.next();
    expect(joined).toMatchObject({ say: "joined", room: "lobby" });
    const id = joined.say === "joined" ? joined.client : "";
    expect(isUuid(id)).toBe(true);
    expect(await ann.event("join")).toMatchObject({ member: { id, name: "Bob", role: "member" } });
  });

  test("P7.8 a token opens a room where the options let it", async () => {
    const { connect } = await start();
    const client = await connect();
    client.say({ say: "join_room", room: `brand new?token=${await tokenFor("bob", "brand new")}` });
    expect(await client.inbox.next()).toMatchObject({ say: "joined", room: "brand new" });
  });

  test.each([
    ["no token", "lobby", "A token is needed here: the first frame is JoinRoom with room?token=JWT."],
    ["an empty token", "lobby?token=", "Your token is empty."],
    ["no JWT", "lobby?token=x", "Your token is no valid JWT."],
  ])("P7.8 %s: told why, and the line ends", async (_, room, text) => {
    const { connect } = await start();
    const client = await connect();
    client.say({ say: "join_room", room });
    expect(await client.error()).toBe(text);
    await client.ended;
  });

  test("P7.8 a token for another room: told why, and the line ends", async () => {
    const { connect } = await start();
    const client = await connect();
    client.say({ say: "join_room", room: `a?token=${await tokenFor("bob", "lobby")}` });
    expect(await client.error()).toBe("Your token is for another room.");
    await client.ended;
  });

  test.each([{ say: "leave_room" } as const, { say: "broadcast", data: new Uint8Array(1) } as const])(
    "P7.8 the first frame is JoinRoom, not %j, but pings are answered",
    async (message) => {
      const { connect } = await start();
      const client = await connect();
      client.say({ say: "ping" });
      await client.pongs.next();
      client.say(message);
      expect(await client.error()).toMatch(/^A token is needed here/);
      await client.ended;
    },
  );

  test("P7.8 the line ends with the token, and says so", async () => {
    const { connect } = await start();
    const client = await connect();
    client.say({ say: "join_room", room: `lobby?token=${await tokenFor("bob", "lobby", {}, 2)}` });
    await client.inbox.next();
    expect(await client.error()).toMatch(/expired/);
    await client.ended;
  });

  test("P7.8 where none is needed, a token still says who one is, and a wrong one does not pass for none", async () => {
    const { connect } = await start("none");
    const [plain, other] = [await connect(), await connect()];
    await plain.join("lobby");
    other.say({ say: "join_room", room: "lobby?token=x" });
    expect(await other.error()).toBe("Your token is no valid JWT.");
    await other.ended;
  });
});
