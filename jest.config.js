/** Jest's projects, one a folder of tests; `scripts/test.js` runs them all and says what each needs. */
const shared = {
  extensionsToTreatAsEsm: [".ts"],
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": [
      "@swc/jest",
      { jsc: { target: "es2023", parser: { syntax: "typescript" } }, module: { type: "es6" }, sourceMaps: "inline" },
    ],
  },
};

const project = (name) => ({ ...shared, displayName: name, testMatch: [`<rootDir>/test/${name}/**/*.test.ts`] });

/** A test waits for events, never for time; this is only how long a busy machine may take before one counts as hung. */
const HUNG_AFTER_MS = 30_000;

export default { projects: ["unit", "contract", "chaos", "browser"].map(project), testTimeout: HUNG_AFTER_MS };
