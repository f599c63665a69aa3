import { describe, expect, test } from "@jest/globals";
import { HostClient, openRoom, roundTrip } from "../../support/host-client.ts";
import { PlayerClient } from "../../support/player-client.ts";
import { newSession, ReliableClient } from "../../support/reliable-client.ts";
import { startServer } from "../../support/server.ts";

describe("a room that becomes another game's", () => {
  test.each([
    ["CBOR", ""],
    ["JSON", "&format=json"],
  ])("P5.9.7 is found under the new game, with its code, its seats and its ids: %s", async (_, format) => {
    const server = await startServer();
    const query = `?session=${newSession()}${format}`;
    const { host, code } = await openRoom(server, { query });
    const session = newSession();
    const phone = new ReliableClient(server, `${code}?session=${session}&game=sketch`);
    await phone.hello();
    const plain = await PlayerClient.connect(server, code);
    await host.until("player_joined");
    await host.until("player_joined");
    await host.until("state");
    host.send({ cmd: "save", data: "of sketch" });
    host.sendFrame(JSON.stringify({ cmd: "to_str", to: [], data: "screen of sketch", retain: "screen" }));
    host.send({ cmd: "game", name: "quiz", join_url: "https://quiz.example/play?a=1" });
    expect(await host.next()).toMatchObject({ cmd: "state", name: "quiz", players: [1, 2], max_players: 8 });
    expect(await (await fetch(`${server.url}/${code}`)).text()).toBe("quiz");
    const json = await fetch(`${server.url}/${code}`, { headers: { Accept: "application/json" } });
    expect(await json.json()).toMatchObject({
      name: "quiz",
      players: 2,
      joinUrl: `https://quiz.example/play?a=1&room=${code}`,
    });

    expect(await phone.frames.take(2)).toEqual([
      "screen of sketch",
      `\0game {"name":"quiz","url":"https://quiz.example/play?a=1&room=${code}"}`,
    ]);
    phone.send("late");
    host.send({ cmd: "to_str", to: [], data: "question" });
    expect(await plain.frames.take(2)).toEqual(["screen of sketch", "question"]);
    plain.send("answer");
    expect(await host.until("from_str")).toEqual({ cmd: "from_str", from: 2, data: "answer" });

    const next = new ReliableClient(server, `${code}?session=${session}&game=quiz`);
    expect(await next.hello()).toMatchObject({ player: 1, game: "quiz", greeting: 0, lost: 0 });
    expect(await next.next()).toBe("question");
    expect(await phone.closed).toMatchObject({ code: 4509 });
    next.send("from the new page");
    expect(await host.until("from_str")).toEqual({ cmd: "from_str", from: 1, data: "from the new page" });

    host.socket.terminate();
    const back = await HostClient.connect(server, query);
    expect(await back.next()).toMatchObject({ cmd: "state", name: "quiz" });
    expect((await roundTrip(back)).map(({ cmd }) => cmd)).not.toContain("restore");
  });

  test("P5.9.7 a served game's phones are led to its page by the room's own address", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server, { name: "elsewhere" });
    const phone = new ReliableClient(server, `${code}?session=${newSession()}`);
    await phone.hello();
    host.send({ cmd: "game", name: "sketch" });
    const told = String(await phone.next());
    const { name, url }: { readonly name: string; readonly url: string } = JSON.parse(told.slice("\0game ".length));
    expect([name, new URL(url).pathname]).toEqual(["sketch", `/${code}`]);
    const page = await fetch(`${server.url}${new URL(url).pathname}`, {
      headers: { Accept: "text/html" },
      redirect: "manual",
    });
    expect(page.headers.get("location")).toBe(`/games/sketch/player.html?room=${code}`);
    // This one knows nothing of other pages, so its connection goes on.
    phone.send("still here");
    expect(await host.until("from_str")).toMatchObject({ from: 1, data: "still here" });
    host.send({ cmd: "to_str", to: [1], data: "hello" });
    expect(await phone.next()).toBe("hello");
  });

  test("P5.9.7 a phone with another game's page is sent on as soon as it connects", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server, { name: "quiz" });
    host.send({ cmd: "game", name: "sketch" });
    await host.until("state");
    const session = newSession();
    const phone = new ReliableClient(server, `${code}?session=${session}&game=quiz`);
    expect(await phone.hello()).toMatchObject({ game: "sketch", greeting: 0 });
    expect(String(await phone.next())).toMatch(/^\0game \{"name":"sketch",/);
    await host.until("player_joined");
    host.send({ cmd: "to_str", to: [1], data: "for the right page" });
    phone.send("from the wrong one");
    phone.send("\0ping");
    expect(await phone.next()).toBe("\0ack 1");
    const right = new ReliableClient(server, `${code}?session=${session}&game=sketch`);
    await right.hello();
    expect(await right.next()).toBe("for the right page");
    right.send("from the right one");
    expect(await host.until("from_str")).toMatchObject({ data: "from the right one" });
  });

  test("P5.9.7 a phone stays in a room that has had one game alone, whatever its page is called", async () => {
    const server = await startServer();
    const { host, code } = await openRoom(server, { name: "The Quiz" });
    const phone = new ReliableClient(server, `${code}?session=${newSession()}&game=quiz`);
    expect(await phone.hello()).toMatchObject({ game: "The Quiz" });
    phone.send("hello");
    expect(await host.until("from_str")).toMatchObject({ data: "hello" });
    host.send({ cmd: "to_str", to: [1], data: "welcome" });
    expect(await phone.next()).toBe("welcome");
  });

  test("P5.9.7 a name of more than 1,024 bytes in the query is refused", async () => {
    const server = await startServer();
    const { code } = await openRoom(server);
    const phone = new ReliableClient(server, `${code}?session=${newSession()}&game=${"x".repeat(1_025)}`);
    expect(await phone.closed).toMatchObject({ code: 4500, reason: expect.stringContaining('"game"') });
  });
});
