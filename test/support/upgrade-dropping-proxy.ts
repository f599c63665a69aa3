/** A proxy that passes on requests and drops the header `Upgrade`, as one does that was never told of WebSockets. */
import { createServer, request } from "node:http";
import { onTestEnd } from "./clean-up.ts";
import { listen } from "./listen.ts";

/** Its address; it is closed when the test ends. */
export async function startUpgradeDroppingProxy(server: { readonly port: number }): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    const { upgrade: _upgrade, connection: _connection, ...headers } = incoming.headers;
    const { method, url: path } = incoming;
    const passedOn = request({ host: "127.0.0.1", port: server.port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passedOn.on("error", () => outgoing.writeHead(502).end());
    incoming.pipe(passedOn);
  });
  const port = await listen(proxy);
  onTestEnd(() => {
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${port}`;
}
