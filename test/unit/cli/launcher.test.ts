import { describe, expect, test } from "@jest/globals";
import { launcherTies, type LauncherQuery, type ProcessFacts } from "../../../src/cli/launcher.ts";

const SELF = 30;
const PARENT = 20;
const GRANDPARENT = 10;

function ties(
  name: string,
  environment: LauncherQuery["environment"] = { npm_command: "exec" },
  grandparent = GRANDPARENT,
  commandLine = "sh -c couchwire",
): unknown {
  const facts: Record<number, ProcessFacts> = { [PARENT]: { name, parent: grandparent, commandLine } };
  return launcherTies({ environment, self: SELF, parent: PARENT, factsOf: (pid) => facts[pid] });
}

const TO_PARENT = { child: SELF, parent: PARENT };
const TO_GRANDPARENT = { child: PARENT, parent: GRANDPARENT };

describe("a server that npm started ends with", () => {
  test.each(["npm exec couchw", "node", "concurrently"])("its parent %s", (name) => {
    expect(ties(name)).toEqual([TO_PARENT]);
  });

  test.each(["sh", "dash", "bash", "-zsh", "busybox"])("its shell %s, and the npm that started the shell", (name) => {
    expect(ties(name)).toEqual([TO_PARENT, TO_GRANDPARENT]);
  });

  test("its shell where that is all there is: npm is the first process of a container", () => {
    expect(ties("sh", { npm_command: "start" }, 1)).toEqual([TO_PARENT]);
  });

  test.each(["nohup couchwire >log 2>&1", "couchwire & wait", "nohup couchwire && echo over", "nohup couchwire &>log"])(
    "its shell that runs %s",
    (script) => {
      expect(ties("sh", undefined, undefined, `sh -c ${script}`)).toEqual([TO_PARENT, TO_GRANDPARENT]);
    },
  );

  test("its parent where the system tells no more", () => {
    const query = { environment: { npm_execpath: "/npm" }, self: SELF, parent: PARENT, factsOf: () => undefined };
    expect(launcherTies(query)).toEqual([TO_PARENT]);
  });
});

describe("a server goes on by itself", () => {
  test.each([{}, { npm_command: "" }, { npm_config_cache: "/tmp" }])(
    "where npm has not started it: %j",
    (environment) => {
      expect(ties("sh", environment)).toEqual([]);
    },
  );

  test.each(["nohup couchwire & sleep 5; echo started", "cd game && nohup couchwire >log 2>&1 & wait-on :8081 "])(
    "where its shell runs %s",
    (script) => {
      expect(ties("sh", undefined, undefined, `sh -c ${script}`)).toEqual([]);
    },
  );

  test("where its shell has ended at once: a script with `nohup couchwire &`", () => {
    const query = { environment: { npm_command: "run-script" }, self: SELF, parent: 1, factsOf: () => undefined };
    expect(launcherTies(query)).toEqual([]);
  });
});
