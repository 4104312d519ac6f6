// A million lines past 20 secrets, in pieces of 64 KiB, against counting their lines with the fastest search Node has.
import { createMasker } from "@waybill/core";
import { secretLog, secrets } from "./lib/secret-log.ts";
import { inTurn, median, printHeader, printRatio, timed } from "./lib/statistics.ts";

const LINES = 1_000_000;
const CHUNK = 64 * 1024;

const log = secretLog(LINES);

function* chunks(): Iterable<Uint8Array> {
  for (let at = 0; at < log.length; at += CHUNK) yield log.subarray(at, at + CHUNK);
}

function maskAll(): number {
  const masker = createMasker(secrets);
  let length = 0;
  for (const chunk of chunks()) length += masker.write(chunk).length;
  return length + masker.end().length;
}

function countLines(): number {
  let count = 0;
  for (const chunk of chunks()) for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count += 1;
  return count;
}

printHeader();
const times = await inTurn(
  5,
  () => timed(1, maskAll),
  () => timed(1, countLines),
);
printRatio("mask 1,000,000 lines / find their ends", times.subject, times.baseline, "3 s or less");
const megabytes = log.length / 1e6;
const seconds = median(times.subject) / 1000;
process.stdout.write(
  `${Math.round(LINES / seconds).toLocaleString("en")} lines/s, ${Math.round(megabytes / seconds)} MB/s\n`,
);
