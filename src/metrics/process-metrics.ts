/**
 * What this process takes, under the names that dashboards for Node know. prom-client's own collection of them cannot be ended with the server that it
 * belongs to.
 */
import type { Instruments } from "./instruments.ts";

const MICROSECONDS = 1e6;

export function addProcessMetrics(instruments: Instruments): void {
  const cpu = instruments.counter("process_cpu_seconds_total", "Processor time that this process has taken.");
  const started = instruments.gauge(
    "process_start_time_seconds",
    "When this process began, in seconds since 1970.",
    [],
    "min",
  );
  const resident = instruments.gauge("process_resident_memory_bytes", "Memory that this process takes up.");
  const heapTotal = instruments.gauge("nodejs_heap_size_total_bytes", "Size of the heap of JavaScript.");
  const heapUsed = instruments.gauge("nodejs_heap_size_used_bytes", "Used part of the heap of JavaScript.");
  const external = instruments.gauge(
    "nodejs_external_memory_bytes",
    "Memory outside the heap that JavaScript holds: buffers above all.",
  );
  started.set(Math.round(Date.now() / 1_000 - process.uptime()));
  instruments.beforeRead(() => {
    const { user, system } = process.cpuUsage();
    cpu.reset();
    cpu.inc((user + system) / MICROSECONDS);
    const memory = process.memoryUsage();
    resident.set(memory.rss);
    heapTotal.set(memory.heapTotal);
    heapUsed.set(memory.heapUsed);
    external.set(memory.external);
  });
}
