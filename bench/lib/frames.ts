import type { Page } from "playwright-core";
import { median } from "./statistics.ts";
import { percentile } from "./server.ts";

export interface Frames {
  /** From one frame to the next, in milliseconds. */
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
}

/** How long frames of a page take while something is done in it. */
export async function framesWhile(page: Page, work: () => Promise<unknown>): Promise<Frames> {
  await page.evaluate(() => {
    const watch = globalThis as unknown as { frames: number[]; isWatched: boolean };
    watch.frames = [];
    watch.isWatched = true;
    let last = performance.now();
    const next = (now: number): void => {
      watch.frames.push(now - last);
      last = now;
      if (watch.isWatched) requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  await work();
  const frames = await page.evaluate(() => {
    const watch = globalThis as unknown as { frames: number[]; isWatched: boolean };
    watch.isWatched = false;
    return watch.frames.slice(1);
  });
  return { median: median(frames), p99: percentile(frames, 0.99), worst: Math.max(...frames) };
}

export function report(what: string, unit: string, middle: number, worst: number, wanted: number, p99?: number): void {
  const tail = p99 === undefined ? "" : `, p99 ${p99.toFixed(0)}`;
  process.stdout.write(
    `${what}: ${middle.toFixed(0)} ${unit}${tail}, worst ${worst.toFixed(0)} (wanted: under ${wanted})\n`,
  );
}
