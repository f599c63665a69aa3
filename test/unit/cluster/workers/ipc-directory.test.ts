import { MemoryDirectory } from "../../../../src/cluster/memory/memory-directory.ts";
import { answerFrom, IpcDirectory } from "../../../../src/cluster/workers/ipc-directory.ts";
import { describeDirectory } from "../../../support/directory-suite.ts";
import { FakeClock } from "../../../support/room/fake-clock.ts";

const clock = new FakeClock();

describeDirectory({
  name: "the primary of workers",
  async begin(terms) {
    let directory = new MemoryDirectory(terms, clock);
    return {
      // What goes over the channel is a copy.
      connect: async () =>
        new IpcDirectory(async (call) => structuredClone(await answerFrom(directory, structuredClone(call)))),
      wipe: async () => void (directory = new MemoryDirectory(terms, clock)),
    };
  },
  pass: (ms) => clock.pass(ms),
  claims: 2_000,
});
