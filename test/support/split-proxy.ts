/** One address in front of several servers, which chooses by the first line of each connection. It passes on bytes, ends and resets as they come. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { listen } from "./listen.ts";

export interface SplitProxy {
  readonly port: number;
  close(): Promise<void>;
}

/** More is no first line of a request. */
const MAX_FIRST_LINE = 65_536;

/** `portFor`: where a connection goes whose first line is this; `""` for one that ends before it has said a line, or says none that is text. */
export async function startSplitProxy(portFor: (firstLine: string) => number): Promise<SplitProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    follow(client);
    const heard: Buffer[] = [];
    const hear = (chunk: Buffer): void => {
      heard.push(chunk);
      const text = Buffer.concat(heard);
      const end = text.indexOf("\n");
      if (end < 0 && text.length < MAX_FIRST_LINE) return;
      passOn(text, text.toString("latin1", 0, Math.max(end, 0)).trimEnd());
    };
    const passOn = (head: Buffer, firstLine: string): void => {
      client.off("data", hear).off("end", endEarly);
      client.pause();
      const target = connect({ port: portFor(firstLine), host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
      follow(target);
      if (head.length > 0) target.write(head);
      join(client, target);
    };
    const endEarly = (): void => passOn(Buffer.concat(heard), "");
    client.on("data", hear).once("end", endEarly);
  });

  function follow(socket: Socket): void {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // the other side is told
  }

  const port = await listen(server);
  return {
    port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function join(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.pipe(to);
    from.once("close", (hadError) => {
      if (hadError) to.resetAndDestroy();
      else to.destroySoon();
    });
  }
}
