import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { HOST_COMMANDS, HOST_EVENTS } from "../../../src/protocol/index.ts";

const FOLDER = new URL("../../../src/protocol/", import.meta.url);
const index = readFileSync(new URL("index.ts", FOLDER), "utf8");

function wireNames(file: string): string[] {
  const source = readFileSync(new URL(file, FOLDER), "utf8");
  const names = [...source.matchAll(/^ {2}readonly cmd: "(\w+)";/gm)].map(([, name = ""]) => name);
  return [...new Set(names)].toSorted(); // one command may have two forms
}

test.each(["commands.ts", "events.ts"])("couchwire/protocol exports all that %s declares", (file) => {
  const source = readFileSync(new URL(file, FOLDER), "utf8");
  const names = [...source.matchAll(/^export (?:interface|type|const) (\w+)/gm)].map(([, name = ""]) => name);
  expect(names.length).toBeGreaterThan(10);
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(index))).toEqual([]);
});

test("the tables of commands and events have the name of each interface, as it stands on the wire", () => {
  expect(HOST_COMMANDS.toSorted()).toEqual(wireNames("commands.ts"));
  expect(HOST_EVENTS.toSorted()).toEqual(wireNames("events.ts"));
});
