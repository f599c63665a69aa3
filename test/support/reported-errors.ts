/** What the SDK reports of a game's listeners in a program without a page: it is on the console. */
import { onTestEnd } from "./clean-up.ts";

/** The list grows with each error that is reported up to the end of the test. */
export function catchReports(): unknown[] {
  const errors: unknown[] = [];
  const { error } = console;
  console.error = (reported) => void errors.push(reported);
  onTestEnd(() => (console.error = error));
  return errors;
}
