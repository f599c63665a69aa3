/** The Couchwire server. It runs on the machine that serves these pages, unless `VITE_COUCHWIRE` names another. */
export const SERVER = import.meta.env.VITE_COUCHWIRE ?? `http://${location.hostname}:8081`;
