/**
 * Exits with 0 if the server of this container answers `GET /healthz`, and with 1 if not. Port and address are those of the variables that the server reads; with
 * TLS or without, it finds out: it asks in plain HTTP, and by https where that is not answered.
 */
import { get as getPlain } from "node:http";
import { get as getByTls } from "node:https";

const { PORT = "8081", COUCHWIRE_HOST = "", COUCHWIRE_TLS_CERT = "" } = process.env;
const TIMEOUT_MS = 3_000;

const isEveryAddress = ["", "0.0.0.0", "::"].includes(COUCHWIRE_HOST);
const deadline = setTimeout(() => end(`it did not answer within ${TIMEOUT_MS} ms`), TIMEOUT_MS);
ask(COUCHWIRE_TLS_CERT !== "");

/** @param {boolean} isTls */
function ask(isTls) {
  const get = isTls ? getByTls : getPlain;
  const request = get(
    {
      host: isEveryAddress ? "127.0.0.1" : COUCHWIRE_HOST,
      port: PORT || "8081",
      path: "/healthz",
      headers: { Accept: "text/plain" },
      // The certificate is for the public name, and this asks the own machine.
      ...(isTls && { rejectUnauthorized: false }),
    },
    (response) => {
      response.resume();
      if (response.statusCode === 307 && !isTls) ask(true);
      else end(response.statusCode === 200 ? undefined : `it answered ${response.statusCode}`);
    },
  );
  request.on("error", (error) => {
    if (isTls) end(error.message);
    else ask(true);
  });
}

/** @param {string} [why] */
function end(why) {
  clearTimeout(deadline);
  if (why !== undefined) console.error(`The server is not well: ${why}.`);
  process.exit(why === undefined ? 0 : 1);
}
