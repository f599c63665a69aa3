/** `couchwire serve --tls-self-signed`: https for a local network, with a certificate that this machine makes and keeps. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { X509Certificate } from "node:crypto";
import { expect, test } from "@jest/globals";
import { onTestEnd } from "../support/clean-up.ts";
import { startCli, type CliProcess } from "../support/cli-process.ts";

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), "couchwire-home-"));
  onTestEnd(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

function start(home: string, more: Readonly<Record<string, string>> = {}): CliProcess {
  return startCli(["serve", "--tls-self-signed"], { PORT: "0", COUCHWIRE_HOST: "127.0.0.1", HOME: home, ...more });
}

const fileIn = (home: string): string => join(home, ".local/state/couchwire/lan.pem");

/** What `/healthz` answers to a client that trusts this certificate alone. */
async function healthOf(url: string, ca: string): Promise<number | undefined> {
  const request = get(`${url}/healthz`, { ca, agent: false });
  const [response] = await once(request, "response");
  response.resume();
  return response.statusCode;
}

test("row 75 keeps its certificate for the user alone, so that phones are asked once, and says what they will show", async () => {
  const home = newHome();
  const first = start(home);
  const { url } = await first.listening;
  expect(url).toMatch(/^https:\/\/127\.0\.0\.1:/);
  const pem = readFileSync(fileIn(home), "utf8");
  expect(statSync(fileIn(home)).mode & 0o777).toBe(0o600);
  expect(await healthOf(url, pem)).toBe(200);
  first.kill("SIGTERM");
  const { exitCode, stderr, stdout } = await first.ended;
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(/Each browser warns once .*Proceed.*visit this website.*motion sensors/);
  expect(stdout + stderr).not.toContain("PRIVATE KEY");

  const again = start(home);
  expect(await healthOf((await again.listening).url, pem)).toBe(200);
  expect(readFileSync(fileIn(home), "utf8")).toBe(pem);
  again.kill("SIGTERM");
  await again.ended;
});

test("row 75 counts for the public URL too, and lies where XDG_STATE_HOME says", async () => {
  const home = newHome();
  const cli = start(home, { XDG_STATE_HOME: join(home, "state"), COUCHWIRE_PUBLIC_URL: "https://tv.example:8081" });
  await cli.listening;
  const certificate = new X509Certificate(readFileSync(join(home, "state/couchwire/lan.pem")));
  expect([certificate.checkHost("tv.example"), certificate.checkHost("localhost")]).toEqual([
    "tv.example",
    "localhost",
  ]);
  expect(certificate.checkIP("127.0.0.1")).toBe("127.0.0.1");
  cli.kill("SIGTERM");
  await cli.ended;
});

test("row 75 says in one sentence where it cannot keep the certificate", async () => {
  const home = newHome();
  writeFileSync(join(home, ".local"), "a file where the folder would be");
  const { exitCode, stderr } = await start(home).ended;
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringMatching(/^couchwire: --tls-self-signed cannot keep its certificate in .*\/couchwire: .*\n$/),
  ]);
});
