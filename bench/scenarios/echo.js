/** @type {import("./index.js").Scenario} */
export const ECHO = {
  name: "echo",
  what: "As `input`, and the host answers each frame to the phone that sent it.",
  rooms: 40,
  phones: 8,
  input: { bytes: 24, perSecond: 20 },
  answers: true,
};
