/** The Couchwire server: port 8081 of the machine that serves these pages, unless `VITE_COUCHWIRE` names another. */
export const SERVER: string = import.meta.env.VITE_COUCHWIRE ?? `http://${location.hostname}:8081`;
