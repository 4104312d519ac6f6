import type { Page } from "playwright-core";
import { percentile } from "./server.ts";
import { median } from "./statistics.ts";

export interface Frames {
  /** From one frame to the next, in milliseconds. */
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
}

// Scripts of the page are texts here: the types of a browser would be those of the whole checkout.
const BEGIN = `{
  globalThis.frames_ = [];
  globalThis.watched_ = true;
  let last = performance.now();
  const next = (now) => {
    frames_.push(now - last);
    last = now;
    if (watched_) requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}`;
const END = "(watched_ = false, frames_.slice(1))";

/** How long frames of a page take while something is done in it. */
export async function framesWhile(page: Page, work: () => Promise<unknown>): Promise<Frames> {
  await page.evaluate(BEGIN);
  await work();
  const frames: readonly number[] = await page.evaluate(END);
  return { median: median(frames), p99: percentile(frames, 0.99), worst: Math.max(...frames) };
}

/**
 * From a click to the frame behind the one in which something is there, in milliseconds, by the clock of the page.
 *
 * @param isThere a script's expression
 */
export async function msUntil(page: Page, clicked: string, isThere: string): Promise<number> {
  return await page.evaluate(`new Promise((done) => {
    const start = performance.now();
    document.querySelector(${JSON.stringify(clicked)}).click();
    const look = () => {
      if (${isThere}) requestAnimationFrame(() => done(performance.now() - start));
      else requestAnimationFrame(look);
    };
    look();
  })`);
}

export function report(what: string, middle: number, worst: number, wanted: number, p99?: number): void {
  const tail = p99 === undefined ? "" : `, p99 ${p99.toFixed(0)}`;
  process.stdout.write(
    `${what}: ${middle.toFixed(0)} ms${tail}, worst ${worst.toFixed(0)} (wanted: under ${wanted})\n`,
  );
}
