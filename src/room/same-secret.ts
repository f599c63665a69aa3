/** Compares secrets in a time that says nothing about how much of them was right. */

/** Whether what was shown is the secret. The time depends on the length of what was shown alone. */
export function isSameSecret(shown: string, secret: string): boolean {
  let difference = shown.length ^ secret.length;
  for (let index = 0; index < shown.length; index++) {
    difference |= shown.charCodeAt(index) ^ secret.charCodeAt(index % Math.max(secret.length, 1));
  }
  return difference === 0;
}
