/** `examples/express`: a site of one's own, with Couchwire attached to it. */
import { expect } from "@jest/globals";
import { z } from "zod";
import { createSite } from "../../../examples/express/site.js";
import { onTestEnd } from "../../support/clean-up.ts";
import { MemberClient } from "../../support/member-client.ts";
import { testInProcess } from "../../support/target.ts";

async function startSite(): Promise<{ readonly url: string; readonly ws: string }> {
  const site = createSite({ logLevel: "silent" });
  onTestEnd(() => site.close());
  const { port } = new URL(await site.listen(0, "127.0.0.1"));
  return { url: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}` };
}

testInProcess(
  "row 94: the site's own routes win, Couchwire answers beside them, and all else is the site's 404",
  async () => {
    const { url } = await startSite();
    const read = async (path: string): Promise<[number, string]> => {
      const answer = await fetch(`${url}${path}`, { headers: { Accept: "text/html" } });
      return [answer.status, await answer.text()];
    };
    expect(await read("/")).toEqual([200, expect.stringContaining("Open a room, let others scan its code")]);
    expect((await read("/sdk/couchwire.js"))[0]).toBe(200);
    expect((await read("/healthz"))[0]).toBe(200);
    expect(await read("/nothing/here")).toEqual([404, expect.stringContaining("Nothing here")]);
  },
);

testInProcess(
  "row 94 row 100: a room that a route opens is joined by its code, and a route counts who is in it",
  async () => {
    const { url, ws } = await startSite();
    expect(await (await fetch(`${url}/rooms`)).json()).toEqual([]);
    const { code } = z
      .looseObject({ code: z.string() })
      .parse(await (await fetch(`${url}/rooms`, { method: "POST" })).json());
    expect((await fetch(`${url}/room/${code}`)).status).toBe(200);
    const [ada, ben] = [
      await MemberClient.connect({ ws }, `${code}?role=member`),
      await MemberClient.connect({ ws }, `${code}?role=member`),
    ];
    await ben.event("joined");
    ada.say("star");
    expect(await ben.message()).toEqual({ from: "p1", data: "star" });
    expect(await (await fetch(`${url}/rooms`)).json()).toEqual([{ code, people: 2 }]);
  },
);
