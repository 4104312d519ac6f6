import { LineHeights } from "./line-heights.ts";
import { ScrollSpace } from "./scroll-space.ts";

export const ROW_PX = 18;
export const HEAD_PX = 28;
/** Lines that are drawn above and below those that are seen. */
const OVERSCAN = 24;
/** So near to the end somebody is at the end. */
const NEAR_PX = 40;
const SETTLE_MS = 200;

/** Lines to be drawn, and where the first of them stands in the element that scrolls. */
export interface DrawnLines {
  readonly lines: readonly number[];
  readonly top: number;
}

/**
 * What of a log is seen. The place is a line and how much of it is above the window, so that nothing moves when lines
 * above are folded, measured or read; or it is the end, while somebody follows.
 */
export class LogScroller {
  readonly heights = new LineHeights(ROW_PX);
  readonly #space = new ScrollSpace();
  readonly #watchers = new Set<() => void>();
  readonly #whenFollowing: (follows: boolean) => void;
  #element: HTMLElement | null = null;
  #canvas: HTMLElement | null = null;
  #window = 0;
  #anchor = { line: 0, above: 0 };
  #follows = false;
  #version = 0;
  #settling: ReturnType<typeof setTimeout> | undefined;

  /** @param whenFollowing is told when somebody scrolls away from the end, or to it */
  constructor(whenFollowing: (follows: boolean) => void) {
    this.#whenFollowing = whenFollowing;
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  };

  readonly version = (): number => this.#version;

  /** The first line that is seen. */
  get firstSeen(): number {
    return this.#anchor.line;
  }

  /** @param canvas is made as high as what is scrolled. @returns takes it back */
  attach(element: HTMLElement, canvas: HTMLElement): () => void {
    this.#element = element;
    this.#canvas = canvas;
    const onScroll = (): void => this.#scrolled(element.scrollTop);
    const observer = new ResizeObserver(() => {
      this.#window = element.clientHeight;
      this.layOut();
    });
    element.addEventListener("scroll", onScroll, { passive: true });
    observer.observe(element);
    this.#window = element.clientHeight;
    this.layOut();
    return () => {
      clearTimeout(this.#settling);
      observer.disconnect();
      element.removeEventListener("scroll", onScroll);
      this.#element = null;
    };
  }

  drawn(): DrawnLines {
    const { heights } = this;
    if (heights.total === 0 || this.#window === 0) return { lines: [], top: 0 };
    const above = OVERSCAN * ROW_PX;
    const from = heights.lineAt(Math.max(0, this.#space.top - above));
    const end = this.#space.top + this.#window + above;
    const lines: number[] = [];
    let bottom = heights.offsetOf(from);
    for (let line = heights.nextShown(from); line < heights.total && bottom < end;) {
      lines.push(line);
      bottom += heights.heightOf(line);
      line = heights.nextShown(line + 1);
    }
    return { lines, top: heights.offsetOf(lines[0] ?? 0) - this.#space.shift };
  }

  /** Lines, heads, folds or heights have become others: what was seen stays where it was. */
  layOut(): void {
    this.#space.resize(this.heights.height, this.#window);
    if (this.#canvas !== null) this.#canvas.style.height = `${this.#space.height}px`;
    const { line, above } = this.#anchor;
    const wanted = this.#follows ? this.heights.height : this.heights.offsetOf(line) + above;
    this.#bar(this.#space.moveTo(wanted));
    if (this.#follows) this.#keepAnchor();
    this.#changed();
  }

  follow(follows: boolean): void {
    if (follows === this.#follows) return;
    this.#follows = follows;
    if (follows) this.layOut();
  }

  /** Brings a line into sight. @param align `nearest`: not where it is seen already */
  show(line: number, align: "center" | "start" | "end" | "nearest" = "center"): void {
    const { heights } = this;
    const [offset, height] = [heights.offsetOf(line), heights.heightOf(line)];
    const { top } = this.#space;
    if (align === "nearest" && offset >= top && offset + height <= top + this.#window) return;
    const before = align === "start" ? 0 : align === "end" ? this.#window - height : (this.#window - height) / 2;
    this.#follows = false;
    this.#anchor = { line: heights.lineAt(Math.max(0, offset - before)), above: 0 };
    this.#anchor.above = Math.max(0, offset - before) - heights.offsetOf(this.#anchor.line);
    this.layOut();
  }

  /** @param by in windows */
  page(by: number): void {
    this.#bar(this.#space.moveTo(this.#space.top + by * this.#window));
    this.#keepAnchor();
    this.#changed();
  }

  #scrolled(y: number): void {
    // By ourselves: the bar is where it was brought, to the pixel of the screen.
    if (Math.abs(y - this.#space.y) < 1) return;
    this.#space.scrolled(y);
    const isNearEnd = this.heights.height - this.#space.top - this.#window < NEAR_PX;
    if (isNearEnd !== this.#follows) this.#whenFollowing(isNearEnd);
    this.#keepAnchor();
    this.#changed();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => {
      if (this.#space.shift !== 0) this.layOut();
    }, SETTLE_MS);
  }

  #keepAnchor(): void {
    const { top } = this.#space;
    const line = this.heights.lineAt(top);
    this.#anchor = { line, above: top - this.heights.offsetOf(line) };
  }

  #bar(y: number): void {
    const element = this.#element;
    if (element === null || Math.abs(element.scrollTop - y) < 1) return;
    element.scrollTop = y;
  }

  #changed(): void {
    this.#version += 1;
    for (const watcher of this.#watchers) watcher();
  }
}
