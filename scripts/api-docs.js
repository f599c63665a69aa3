/** `npm run docs:api`: installs what writes docs/API.md, apart from the product, and runs it with the given words (`--check`). */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { installIn } from "./install.js";

const FOLDER = fileURLToPath(new URL("api-docs/", import.meta.url));

installIn(FOLDER);
const words = [`${FOLDER}generate.js`, ...process.argv.slice(2)];
process.exitCode = spawnSync(process.execPath, words, { stdio: "inherit" }).status ?? 1;
