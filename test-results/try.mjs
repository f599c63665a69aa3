import { chromium } from "playwright-core";
import { createServer } from "../dist/index.js";
const server = createServer({
  port: 0,
  host: "127.0.0.1",
  logLevel: "warn",
  games: process.argv[4] ?? "test/support/playground-games",
  dev: true,
});
const { url } = await server.listen();
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--headless=new", "--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage({
  viewport: { width: Number(process.argv[3] ?? 1440), height: Math.round((Number(process.argv[3] ?? 1440) * 10) / 16) },
});
page.on("console", (m) => console.log(m.type(), m.text()));
page.on("pageerror", (e) => console.log("ERR", e.message));
await page.goto(`${url}/playground/${process.argv[2] ?? "pair"}?phones=4`);
await page.waitForTimeout(6000);
await page.screenshot({ path: "/tmp/pg/1.png" });
for (const f of page.frames())
  console.log(
    f.name(),
    f.url(),
    (
      await f
        .locator("#log li")
        .allInnerTexts()
        .catch(() => [])
    ).join("|"),
  );
await browser.close();
await server.close();
