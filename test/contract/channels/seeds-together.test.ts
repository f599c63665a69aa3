/** The clients of two of the systems that Couchwire takes after, unchanged, on one `/ws` at once (P6.0). */
import { expect, test } from "@jest/globals";
import { ChannelClient } from "../../support/channel-client.ts";
import { JWT_SECRET, MemberClient } from "../../support/member-client.ts";
import { startServer } from "../../support/server.ts";

test("P6.0 rows 28, 76: Tapaculo's members and turbine's lines share one path, and nothing leaks", async () => {
  const server = await startServer({ jwtSecret: JWT_SECRET, openRooms: "relay" });
  const plain = { query: "" };
  const [ann, line] = [await MemberClient.join(server, "ann", "chat", plain), await ChannelClient.connect(server)];
  const [ben, other] = [await MemberClient.join(server, "ben", "chat", plain), await ChannelClient.connect(server)];
  // The room and the channel are of the same name.
  await line.subscribe("chat");
  await other.subscribe("chat");
  for (let round = 1; round <= 20; round++) {
    ann.say({ member: round });
    await line.publish("chat", { line: round });
    expect(await ben.next()).toEqual({ from: "ann", data: { member: round } });
    expect(await other.next()).toMatchObject({
      method: "publication",
      params: { data: { line: round }, offset: round },
    });
  }
  expect(ann.frames.drain()).toEqual([]);
  expect(ben.frames.drain()).toEqual([]);
  expect(other.frames.drain()).toEqual([]);
});
