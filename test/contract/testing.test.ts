/** The suites of `couchwire/testing`, run against each of the project's own ports; and that they find a port that does not do what it should. */
import { describe, expect, test } from "@jest/globals";
import { hostSuite, memberSuite, type Behaviour, type HostTarget } from "../../src/testing/index.ts";
import { JWT_SECRET } from "../support/member-client.ts";
import { startServer } from "../support/server.ts";
import {
  inProcessHosts,
  membersByCode,
  membersByTcp,
  membersByToken,
  membersInProcess,
  webSocketHosts,
} from "../support/suite-targets.ts";
import { testInProcess } from "../support/target.ts";

const OPTIONS = { jwtSecret: JWT_SECRET, tcpPort: 0, playerRate: 0 } as const;

/** Runs each behaviour as a test of its own, in the process of the server, since open rooms are opened there. */
function check<Target>(suite: readonly Behaviour<Target>[], open: () => Promise<Target>): void {
  for (const { name, run } of suite) testInProcess(name, async () => run(await open()));
}

describe("a page that hosts in CBOR", () => {
  for (const { name, run } of hostSuite) {
    test(name, async () => {
      await expect(run(webSocketHosts(await startServer(), "cbor"))).resolves.toBeUndefined();
    });
  }
});

describe("a page that hosts in JSON", () => {
  for (const { name, run } of hostSuite) {
    test(name, async () => {
      await expect(run(webSocketHosts(await startServer(), "json"))).resolves.toBeUndefined();
    });
  }
});

describe("code in this process that hosts", () => check(hostSuite, async () => inProcessHosts(await startServer())));
describe("members with the code", () => check(memberSuite, async () => membersByCode(await startServer(OPTIONS))));
describe("members with a token", () => check(memberSuite, async () => membersByToken(await startServer(OPTIONS))));
describe("members in this process", () => check(memberSuite, async () => membersInProcess()));
describe("members over TCP", () =>
  check(memberSuite, async () => {
    const server = await startServer(OPTIONS);
    return membersByTcp(server, server.tcpPort ?? 0);
  }));

/** The behaviours that do not hold. */
async function failing<Target>(suite: readonly Behaviour<Target>[], open: () => Promise<Target>): Promise<string[]> {
  const names: string[] = [];
  for (const { name, run } of suite) await run(await open()).catch(() => names.push(name));
  return names;
}

/** A host's port that says no empty text. */
async function forgetfulHosts(): Promise<HostTarget> {
  const inner = inProcessHosts(await startServer());
  return {
    ...inner,
    async connectHost() {
      const host = await inner.connectHost();
      const say: typeof host.say = (command) => (command["data"] === "" ? undefined : host.say(command));
      return { say, next: () => host.next(), leave: () => host.leave(), closed: host.closed };
    },
  };
}

/** Members that hear what they say themselves. */
async function echoingMembers(): Promise<ReturnType<typeof membersInProcess>> {
  const inner = membersInProcess();
  return {
    ...inner,
    async join(room, as) {
      const member = await inner.join(room, as);
      const echoes: Uint8Array[] = [];
      return {
        ...member,
        sayBytes(data) {
          echoes.push(data);
          member.sayBytes(data);
        },
        next: async () => {
          const data = echoes.shift();
          return data === undefined ? member.next() : { is: "bytes", from: undefined, data };
        },
      };
    },
  };
}

describe("the suites", () => {
  test("have names that are all different, and are three dozen", () => {
    const names = [...hostSuite, ...memberSuite].map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(35);
  });

  testInProcess("find a host's port that drops empty text", async () => {
    const suite = hostSuite.filter(({ name }) => /^P2\.6|^P2\.5/.test(name));
    expect(await failing(suite, forgetfulHosts)).toEqual([
      "P2.6 text of the host reaches all phones, in the order sent",
    ]);
  });

  testInProcess("find members that hear themselves", async () => {
    expect(await failing(memberSuite.slice(0, 2), echoingMembers)).toEqual([memberSuite[0]?.name]);
  });
});
