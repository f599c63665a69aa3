/** Opens an address in the browser of this machine, by the command that its system has for that. */
import { spawn } from "node:child_process";

export interface BrowserQuery {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The command and its words: open(1) on macOS, xdg-open(1) of freedesktop.org, and the shell's `start` on Windows. `undefined` where a browser would not be
 * seen: without a display, and in a build.
 */
export function browserCommand(
  url: string,
  { platform, environment }: BrowserQuery,
): readonly [string, ...string[]] | undefined {
  const has = (name: string): boolean => (environment[name] ?? "") !== "";
  if (has("CI")) return undefined;
  switch (platform) {
    case "darwin":
      return has("SSH_CONNECTION") ? undefined : ["open", url];
    case "win32":
      // `start` takes its first quoted word as the window's title, and cmd.exe reads & as the end of a command.
      return ["cmd.exe", "/c", "start", '""', url.replaceAll("&", "^&")];
    default:
      return has("DISPLAY") || has("WAYLAND_DISPLAY") ? ["xdg-open", url] : undefined;
  }
}

/** A browser that does not open is no failure: the address stands in the terminal. */
export function openBrowser(url: string, query: BrowserQuery): void {
  const [command, ...words] = browserCommand(url, query) ?? [];
  if (command === undefined) return;
  const child = spawn(command, words, {
    detached: true,
    stdio: "ignore",
    windowsVerbatimArguments: query.platform === "win32",
  });
  child.on("error", () => {}); // there is no such command
  child.unref();
}
