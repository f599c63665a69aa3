/** `examples/chat` over real sockets: history, typing, dice, and coming back. */
import { expect } from "@jest/globals";
import { z } from "zod";
import { defineChat } from "../../../examples/chat/room.js";
import { MemberClient } from "../../support/member-client.ts";
import { startServer } from "../../support/server.ts";
import { testInProcess } from "../../support/target.ts";

const CREATED = z.looseObject({ event: z.literal("created"), code: z.string().length(4) });

type Join = (name: string, avatar?: string) => Promise<MemberClient>;

/** A room that a TV's page has opened. All dice show their middle. */
async function openChat(): Promise<{ readonly tv: MemberClient; readonly join: Join }> {
  const server = await startServer({ openRooms: "chat", awayMs: 100 }, { rooms: [defineChat({ random: () => 0.5 })] });
  const tv = await MemberClient.connect(server, "CREATE?kind=chat");
  const { code } = CREATED.parse(await tv.next());
  const join: Join = (name, avatar = "owl") => {
    const data = encodeURIComponent(JSON.stringify({ avatar }));
    const session = `session-of-this-phone-${name}`;
    return MemberClient.connect(server, `${code}?role=member&name=${name}&session=${session}&data=${data}`);
  };
  return { tv, join };
}

/** The next frame whose data is of this type. */
const heard = (member: MemberClient, type: string): Promise<Record<string, unknown>> =>
  member.until(({ data }) => typeof data === "object" && data !== null && "type" in data && data.type === type);
const say = (member: MemberClient, text: string): void => member.say({ type: "say", text });

testInProcess("row 100: a line has its author's name and face, and a newcomer hears what was said before", async () => {
  const { join, tv } = await openChat();
  const ada = await join("ada", "fox");
  await ada.event("joined");
  say(ada, "hello");
  const line = { type: "say", text: "hello", name: "ada", avatar: "fox" };
  for (const member of [ada, tv]) expect(await heard(member, "say")).toEqual({ from: "p1", data: line });
  const ben = await join("ben");
  expect(await ben.event("joined")).toMatchObject({ you: "p2", history: 1 });
  expect(await ben.next()).toEqual({ from: "p1", data: line, seq: 1, at: expect.any(String) });
  expect(await heard(ben, "table")).toMatchObject({
    data: {
      people: [
        { name: "ada", avatar: "fox" },
        { name: "ben", avatar: "owl" },
      ],
    },
  });
});

testInProcess("row 100: who is typing is told to the others, and is no history", async () => {
  const { join, tv } = await openChat();
  const [ada, ben] = [await join("ada"), await join("ben")];
  await ben.event("joined");
  ada.say({ type: "typing" });
  for (const member of [ben, tv]) expect(await heard(member, "typing")).toMatchObject({ data: { name: "ada" } });
  const cleo = await join("cleo");
  expect(await cleo.event("joined")).toMatchObject({ history: 0 });
});

testInProcess("row 100: dice add up in the pot, and no roll is lost when many roll at once", async () => {
  const { join, tv } = await openChat();
  const players = await Promise.all(["ada", "ben", "cleo"].map((name) => join(name)));
  await Promise.all(players.map((player) => player.event("joined")));
  for (let round = 0; round < 10; round++) for (const player of players) say(player, "/roll 2d6");
  const pots: unknown[] = [];
  for (let rolls = 0; rolls < 30; rolls++) {
    const { data } = await heard(tv, "roll");
    pots.push(z.looseObject({ pot: z.number() }).parse(data).pot);
  }
  expect(pots).toEqual(Array.from({ length: 30 }, (_, index) => 8 * (index + 1)));
  say(players[0] ?? tv, "/roll 99d6");
  expect(await heard(players[0] ?? tv, "refused")).toMatchObject({ data: { reason: "Roll 1 to 20 dice at once." } });
});

testInProcess(
  "row 100: a phone that comes back has lost no line, and one that was reloaded gets the past",
  async () => {
    const { join } = await openChat();
    const [ada, ben] = [await join("ada"), await join("ben")];
    await ben.event("joined");
    say(ada, "one");
    await heard(ben, "say");
    ben.socket.terminate();
    await ada.event("away");
    say(ada, "two");
    say(ada, "three");
    const back = await join("ben");
    expect([await heard(back, "say"), await heard(back, "say")].map(({ data }) => data)).toEqual([
      expect.objectContaining({ text: "two" }),
      expect.objectContaining({ text: "three" }),
    ]);
    back.say({ type: "look" });
    const { data } = await heard(back, "past");
    const { lines } = z
      .looseObject({ lines: z.array(z.looseObject({ data: z.looseObject({ text: z.string() }) })) })
      .parse(data);
    expect(lines.map((line) => line.data.text)).toEqual(["one", "two", "three"]);
  },
);
