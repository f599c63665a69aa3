/** Follows a channel over lost connections. `token` promises a token, `onGap` is called where something is missing. */
export function follow(url, token, channel, onData, onGap = () => {}) {
  let since; // the last publication that has come
  const open = () => {
    const socket = new WebSocket(url);
    const say = (id, method, params) => socket.send(JSON.stringify({ id, method, params }));
    const connect = (text) => say(1, "connect", { token: text });
    socket.addEventListener("open", () => void token().then(connect, () => socket.close()));
    socket.addEventListener("close", ({ code }) => code < 4500 && setTimeout(open, 500 + 1_000 * Math.random()));
    socket.addEventListener("message", ({ data }) => {
      const { id, result, error, method, params } = JSON.parse(data);
      if (error) socket.close();
      else if (id === 1) say(2, "subscribe", { channel, since });
      else if (id === 2) {
        if (since && !result.recovered) onGap();
        since = { epoch: result.epoch, offset: result.offset };
      } else if (method === "publication") {
        since.offset = params.offset;
        onData(params.data);
      }
    });
  };
  open();
}
