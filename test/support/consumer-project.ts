/** Projects of people who install the packages: both are packed as `npm publish` would, and installed into scratch folders. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Has an old TypeScript, Vite and Node's types; `scripts/test.js` installs them. */
const TOOLS = path.join(ROOT, "test/consumers/node_modules");

export interface Run {
  readonly status: number | null;
  /** What it wrote to standard output and standard error. */
  readonly output: string;
}

/** A folder for packages and projects. */
export class Workbench {
  readonly folder = mkdtempSync(path.join(tmpdir(), "couchwire-consumers-"));

  /** Packs what is built, and returns the archives by the name of their package. */
  pack(): { readonly couchwire: string; readonly sdk: string } {
    const words = ["--silent", "--ignore-scripts", "--workspaces", "--include-workspace-root"];
    const { status, output } = runIn(ROOT, "npm", ["pack", ...words, "--pack-destination", this.folder]);
    const archives = readdirSync(this.folder).filter((name) => name.endsWith(".tgz"));
    const sdk = archives.find((name) => name.startsWith("couchwire-sdk-"));
    const couchwire = archives.find((name) => !name.startsWith("couchwire-sdk-"));
    if (status !== 0 || sdk === undefined || couchwire === undefined) throw new Error(output);
    return { couchwire: path.join(this.folder, couchwire), sdk: path.join(this.folder, sdk) };
  }

  /** A project with these files, in which these packages are installed. */
  project(name: string, files: Readonly<Record<string, string>>, packages: readonly string[]): ConsumerProject {
    const folder = path.join(this.folder, name);
    mkdirSync(folder);
    const project = new ConsumerProject(folder);
    for (const [file, text] of Object.entries({ "package.json": '{ "type": "module" }', ...files })) {
      project.write(file, text);
    }
    const words = ["install", "--prefer-offline", "--no-audit", "--no-fund", "--omit=dev", ...packages];
    const { status, output } = runIn(folder, "npm", words);
    if (status !== 0) throw new Error(output);
    return project;
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export class ConsumerProject {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  write(file: string, text: string): void {
    const at = path.join(this.folder, file);
    mkdirSync(path.dirname(at), { recursive: true });
    writeFileSync(at, text);
  }

  node(...words: readonly string[]): Run {
    return this.run(process.execPath, ...words);
  }

  run(program: string, ...words: readonly string[]): Run {
    return runIn(this.folder, program, words);
  }

  /** TypeScript 5.4, strict, which looks at the packages' types as well. */
  compile(resolution: "bundler" | "nodenext" | "node10", ...files: readonly string[]): Run {
    const module = { bundler: "esnext", nodenext: "nodenext", node10: "commonjs" }[resolution];
    const options = { module, moduleResolution: resolution, target: "es2022", lib: "es2022,dom", types: "node" };
    const words = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    const skipLibCheck = String(resolution === "node10"); // where it finds no types there are none to look at
    words.push("--strict", "--noEmit", "--skipLibCheck", skipLibCheck, "--typeRoots", path.join(TOOLS, "@types"));
    return this.node(path.join(TOOLS, "typescript/bin/tsc"), ...words, ...files);
  }

  viteBuild(): Run {
    return this.node(path.join(TOOLS, "vite/bin/vite.js"), "build", "--logLevel", "warn");
  }

  jest(...words: readonly string[]): Run {
    return this.node(path.join(ROOT, "node_modules/jest/bin/jest.js"), ...words);
  }
}

/** Runs a program to its end, with an environment that is not that of our tests. */
export function runIn(cwd: string, program: string, words: readonly string[]): Run {
  const environment = { ...process.env };
  delete environment["NODE_OPTIONS"]; // ours are not those of another project
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, encoding: "utf8", env: environment });
  return { status, output: stdout + stderr };
}
