import { describe, expect, test } from "@jest/globals";
import { launcherTies, type LauncherQuery, type ProcessFacts } from "../../../src/cli/launcher.ts";

const SELF = 30;
const PARENT = 20;
const GRANDPARENT = 10;

function ties(
  name: string,
  environment: LauncherQuery["environment"] = { npm_command: "exec" },
  grandparent = GRANDPARENT,
): unknown {
  const facts: Record<number, ProcessFacts> = { [PARENT]: { name, parent: grandparent } };
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

  test("where its shell has ended at once: a script with `nohup couchwire &`", () => {
    const query = { environment: { npm_command: "run-script" }, self: SELF, parent: 1, factsOf: () => undefined };
    expect(launcherTies(query)).toEqual([]);
  });
});
