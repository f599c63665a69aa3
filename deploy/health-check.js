/** Exits with 0 if the server of this container answers `GET /healthz`, and with 1 if not. It reads the same variables as the server. */
import { get as getPlain } from "node:http";
import { get as getByTls } from "node:https";

const { PORT = "8081", COUCHWIRE_HOST = "", COUCHWIRE_TLS_CERT = "" } = process.env;
const TIMEOUT_MS = 3_000;

const isEveryAddress = ["", "0.0.0.0", "::"].includes(COUCHWIRE_HOST);
const isTls = COUCHWIRE_TLS_CERT !== "";
const get = isTls ? getByTls : getPlain;
const request = get(
  {
    host: isEveryAddress ? "127.0.0.1" : COUCHWIRE_HOST,
    port: PORT || "8081",
    path: "/healthz",
    headers: { Accept: "text/plain" },
    timeout: TIMEOUT_MS,
    // The certificate is for the public name, and this asks the own machine.
    ...(isTls && { rejectUnauthorized: false }),
  },
  (response) => {
    response.resume();
    end(response.statusCode === 200 ? undefined : `it answered ${response.statusCode}`);
  },
);
request.on("timeout", () => end(`it did not answer within ${TIMEOUT_MS} ms`));
request.on("error", (error) => end(error.message));

/** @param {string} [why] */
function end(why) {
  if (why !== undefined) console.error(`The server is not well: ${why}.`);
  process.exit(why === undefined ? 0 : 1);
}
