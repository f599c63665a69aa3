import { MemoryDirectory } from "../../../src/cluster/memory/memory-directory.ts";
import type { Directory } from "../../../src/cluster/ports.ts";
import { describeDirectory } from "../../support/directory-suite.ts";
import { FakeClock } from "../../support/room/fake-clock.ts";

const clock = new FakeClock();

describeDirectory({
  name: "memory",
  async begin(terms) {
    let current = new MemoryDirectory(terms, clock);
    // What its nodes hold stays, while what is behind it begins anew.
    const directory = new Proxy<Directory>(current, {
      get: (_, name: keyof Directory | "then") => (name === "then" ? undefined : current[name].bind(current)),
    });
    return {
      connect: async () => directory,
      wipe: async () => void (current = new MemoryDirectory(terms, clock)),
    };
  },
  pass: (ms) => clock.pass(ms),
  claims: 60_000,
});
