import type { Clock } from "@waybill/core";
import type { ProgressListener } from "../ports/files.ts";

/** A transfer that takes longer than this is told of, and again each time as much has passed. */
const TELL_EVERY_MS = 2_000;

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

/**
 * Turns the progress of artifacts into a line now and then: none for what is quick.
 *
 * @param verb what is done with the artifact: `keeping`, `getting`
 */
export function transferProgress(
  clock: Clock,
  verb: string,
  tell: (time: number, text: string) => void,
): ProgressListener {
  let last = clock.now();
  return ({ artifact, doneBytes, totalBytes }) => {
    const now = clock.now();
    if (now - last < TELL_EVERY_MS) return;
    last = now;
    const percent = totalBytes === 0 ? 100 : Math.floor((doneBytes / totalBytes) * 100);
    tell(now, `${verb} artifact ${artifact}: ${formatBytes(doneBytes)} of ${formatBytes(totalBytes)}, ${percent} %`);
  };
}

/** `1.5 GiB`: three digits at most, as nobody reads more of them. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // What would be rounded up to 1000 has the next unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
