/** Jest's projects, one a folder of tests; `scripts/test.js` runs them and says what each needs. */
const shared = {
  extensionsToTreatAsEsm: [".ts"],
  testEnvironment: "node",
  // The examples import the package by its name; tests try them with the code of today, not with what was built last.
  moduleNameMapper: { "^couchwire$": "<rootDir>/src/index.ts", "^couchwire/tcp$": "<rootDir>/src/tcp/index.ts" },
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2023", parser: { syntax: "typescript" } }, module: { type: "es6" }, sourceMaps: "inline" },
    ],
  },
};

const project = ([displayName, folder]) => ({
  ...shared,
  displayName,
  testMatch: [`<rootDir>/${folder}/**/*.test.ts`],
});

const FOLDERS = {
  unit: "test/unit",
  contract: "test/contract",
  chaos: "test/chaos",
  browser: "test/browser",
  bench: "bench/test",
  package: "test/package",
};

/** A test waits for events, never for time; this is only how long a busy machine may take before one counts as hung. */
const HUNG_AFTER_MS = 30_000;

export default { projects: Object.entries(FOLDERS).map(project), testTimeout: HUNG_AFTER_MS };
