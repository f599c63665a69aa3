/** The primary with two workers that say which they are. The bytes are what counts here; rooms are in workers.test.ts. */
import { expect, test } from "@jest/globals";
import { eventually } from "../../../support/inbox.ts";
import { LineClient, pageAt, upgradeTo } from "../../../support/workers/line-client.ts";
import { CODE_OF_WORKER, startEchoPrimary } from "../../../support/workers/echo-primary.ts";

test("a phone is served by the worker that has its code, and pages by all in turn", async () => {
  const { port } = await startEchoPrimary();
  for (const [index, code] of CODE_OF_WORKER.slice(0, 2).entries()) {
    const phone = new LineClient(port);
    phone.socket.write(upgradeTo(`/${code}?name=a`));
    const [, worker, url] = await phone.until(/x-worker: (\d)\r\nx-url: (.*)\r\n\r\n/);
    expect([Number(worker), url]).toEqual([index, `/${code}?name=a`]);
  }
  const served: string[] = [];
  for (let count = 0; count < 4; count++) {
    const response = await fetch(`http://127.0.0.1:${port}/page${count}`);
    served.push(response.headers.get("x-worker") ?? "");
    await response.text();
  }
  expect(new Set(served)).toEqual(new Set(["0", "1"]));
});

test("a phone comes back to the worker of its code also while the directory cannot be asked", async () => {
  const { port, cutDirectory, log } = await startEchoPrimary();
  const workerOf = async (code: string): Promise<number> => {
    const phone = new LineClient(port);
    phone.socket.write(upgradeTo(`/${code}`));
    const [, worker] = await phone.until(/x-worker: (\d)/);
    return Number(worker);
  };
  const codes = CODE_OF_WORKER.slice(0, 2);
  for (const [index, code] of codes.entries()) expect(await workerOf(code)).toBe(index);
  cutDirectory();
  for (let time = 0; time < 3; time++)
    for (const [index, code] of codes.entries()) expect(await workerOf(code)).toBe(index);
  expect(await workerOf("DDDD")).toBeLessThan(2); // never asked for: any worker
  expect(log).toContain("the directory cannot say which worker has a room");
});

test("what comes behind the head is neither lost nor read twice, however it is cut", async () => {
  const { port } = await startEchoPrimary();
  const said = Array.from({ length: 40 }, (_, index) => `<${index}>`).join("");
  for (const size of [1, 2, 7, 64, 10_000]) {
    const phone = new LineClient(port);
    await phone.writeSlowly(`${upgradeTo(`/${CODE_OF_WORKER[1]}`)}${said}`, size);
    await phone.until(/<39>/);
    expect(phone.text.split("\r\n\r\n")[1]).toBe(said);
    expect(phone.text).toContain("x-worker: 1");
    phone.socket.destroy();
  }
});

test("a request with a body, in pieces or pipelined behind others, is answered whole and in order", async () => {
  const { port } = await startEchoPrimary();
  const body = "x".repeat(70_000);
  const post = `POST /one HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const client = new LineClient(port);
  client.socket.write(`${post}${pageAt("/two")}${pageAt("/three")}`);
  await client.until(/GET \/three/);
  expect(client.text.match(/(?:GET|POST) \/\w+/g)).toEqual(["POST /one", "GET /two", "GET /three"]);
  expect(client.text).toContain(body);

  const slow = new LineClient(port);
  await slow.writeSlowly(`POST /four HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello`);
  await slow.until(/POST \/four hello/);
});

test("an upgrade behind other requests goes to the worker of its code, with what comes behind it", async () => {
  const { port } = await startEchoPrimary();
  for (const [index, code] of [...CODE_OF_WORKER.slice(0, 2).entries(), ...CODE_OF_WORKER.slice(0, 2).entries()]) {
    const client = new LineClient(port);
    client.socket.write(pageAt("/first"));
    await client.until(/GET \/first/);
    client.socket.write(`${pageAt("/second")}${upgradeTo(`/${code}`)}early,`);
    await client.writeSlowly("more,last");
    await client.until(/last$/);
    expect(client.text).toContain(
      `101 Switching Protocols\r\nx-worker: ${index}\r\nx-url: /${code}\r\n\r\nearly,more,last`,
    );
    client.socket.destroy();
  }
});

test("a connection that is kept for more requests ends with its peer, and leaves nothing behind in the primary", async () => {
  const { port, primary } = await startEchoPrimary();
  const clients = Array.from({ length: 20 }, () => new LineClient(port));
  for (const client of clients) client.socket.write(pageAt("/kept"));
  await Promise.all(clients.map((client) => client.until(/GET \/kept/)));
  expect(primary.keptCount).toBe(20);
  for (const client of clients) client.socket.end();
  await Promise.all(clients.map(({ gone }) => gone));
  await eventually("the primary lets them go", () => primary.keptCount === 0);
});

test("a head that does not end is handed on at its limit, and the worker answers it", async () => {
  const { port } = await startEchoPrimary();
  const long = new LineClient(port);
  long.socket.write(`GET / HTTP/1.1\r\nHost: x\r\nx-long: ${"a".repeat(20_000)}`);
  expect(await long.until(/^HTTP\/1.1 431/)).toHaveLength(1);
  const nonsense = new LineClient(port);
  nonsense.socket.write(Buffer.from([22, 3, 1, 0, 5]));
  await nonsense.until(/^HTTP\/1.1 400/);
  const late = new LineClient(port);
  late.socket.write("GET / HTTP/1.1\r\nHost:");
  await late.until(/^HTTP\/1.1 408/);
});

test("a peer that leaves in the middle of a head, or before it, does no harm", async () => {
  const { port } = await startEchoPrimary();
  for (const said of ["", "GET ", pageAt("/").slice(0, -2), upgradeTo("/BBBB").slice(0, -1)]) {
    const client = new LineClient(port);
    client.socket.write(said);
    client.socket.resetAndDestroy();
    const other = new LineClient(port);
    other.socket.end(said);
    await Promise.all([client.gone, other.gone]);
  }
  const response = await fetch(`http://127.0.0.1:${port}/after`);
  expect(await response.text()).toBe("GET /after ");
});

test("a worker that is killed takes its own connections alone, and is there again at once", async () => {
  const { port, log } = await startEchoPrimary();
  const phones = CODE_OF_WORKER.slice(0, 2).map((code) => {
    const phone = new LineClient(port);
    phone.socket.write(upgradeTo(`/${code}`));
    return phone;
  });
  const [first, second] = phones;
  await Promise.all(phones.map((phone) => phone.until(/101 Switching/)));
  const killer = new LineClient(port);
  killer.socket.write(pageAt("/crash"));
  await killer.gone;
  const victim = await Promise.race([first?.gone.then(() => 0), second?.gone.then(() => 1)]);
  const survivor = victim === 0 ? second : first;
  survivor?.socket.write("still here");
  await survivor?.until(/still here/);
  expect(log).toContain("a worker ended by itself, and its rooms with it; another takes its place");
  // Its code has no living home now, and is served by some worker all the same.
  const back = new LineClient(port);
  back.socket.write(upgradeTo(`/${CODE_OF_WORKER[victim ?? 0]}`));
  await back.until(/101 Switching/);
  await eventually("another worker is there", () => log.includes("a worker has taken the place of another"));
  const served = new Set<string>();
  while (served.size < 2) served.add((await fetch(`http://127.0.0.1:${port}/`)).headers.get("x-worker") ?? "");
});
