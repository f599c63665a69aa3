/** The 4xx status that express or its middleware set on an error, where the client caused it. Every other error is a bug. */
export function clientErrorStatus(error: unknown): number | undefined {
  const status = typeof error === "object" && error !== null && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}
