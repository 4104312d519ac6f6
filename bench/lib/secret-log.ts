import { hash } from "node:crypto";

/** 20 secrets. They begin with many different characters, as secrets do: that is what makes looking for them slow. */
export const secrets: readonly string[] = Array.from({ length: 20 }, (_, index) =>
  hash("sha256", String(index), "base64").slice(0, 20 + index),
);

/** So many lines as a build prints them, one in a thousand with a secret. */
export function secretLog(lines: number): Buffer {
  return Buffer.from(
    Array.from({ length: lines }, (_, index) => {
      const what = index % 1000 === 0 ? secrets[index % secrets.length] : `module-${index % 977}`;
      return `2026-01-01T10:00:00.${index % 1000}Z info building target ${what} of ${index} in ${index % 61} ms\n`;
    }).join(""),
  );
}
