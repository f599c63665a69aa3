/**
 * npm gives a signal to the shell it runs a script in, and that shell ends without passing it on: its end is our signal.
 */
const POLL_MS = 200;

const shell = process.ppid;
const watch = setInterval(() => {
  if (process.ppid === shell) return;
  clearInterval(watch);
  process.kill(process.pid, "SIGTERM");
}, POLL_MS);
watch.unref();
