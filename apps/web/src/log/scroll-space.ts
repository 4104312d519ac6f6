/** Higher elements than this are beyond what browsers lay out, at 200 % already. */
const MAX_PX = 8_000_000;
/** So far from either end everything is as long as it is on the screen. */
const EDGE_PX = 2_000_000;
/** A step longer than so many windows is one of the scroll bar. */
const LEAP = 3;

/**
 * The place of a window over something higher than a browser can scroll. `top` is where it is in what is shown, `y` what
 * the scroll bar says. They differ by `shift`. Small steps move both alike; one of the scroll bar leads to where in the
 * whole the bar is. `settle` brings the bar to where it belongs after small steps.
 */
export class ScrollSpace {
  #total = 0;
  #window = 0;
  #y = 0;
  #shift = 0;

  /** What the element that scrolls has to be high. */
  get height(): number {
    return Math.min(this.#total, MAX_PX);
  }

  get y(): number {
    return this.#y;
  }

  get top(): number {
    return Math.max(0, Math.min(this.#y + this.#shift, this.#lastTop()));
  }

  /** What is taken from places in the whole to have those in the element. */
  get shift(): number {
    return this.#shift;
  }

  get isAtEnd(): boolean {
    return this.top >= this.#lastTop() - 1;
  }

  /** @param total height of what is shown. @param window height of what is seen of it */
  resize(total: number, window: number): void {
    this.#total = total;
    this.#window = window;
  }

  /** The bar was moved. */
  scrolled(y: number): void {
    const isLeap = Math.abs(y - this.#y) > LEAP * this.#window;
    this.#y = y;
    if (isLeap || y <= 0 || y >= this.#lastY()) this.#shift = this.#topOf(y) - y;
  }

  /** @returns where the bar has to be */
  moveTo(top: number): number {
    const wanted = Math.max(0, Math.min(top, this.#lastTop()));
    this.#y = this.#yOf(wanted);
    this.#shift = wanted - this.#y;
    return this.#y;
  }

  /** @returns where the bar has to be */
  settle(): number {
    return this.moveTo(this.top);
  }

  #lastTop(): number {
    return Math.max(0, this.#total - this.#window);
  }

  #lastY(): number {
    return Math.max(0, this.height - this.#window);
  }

  #topOf(y: number): number {
    const [lastY, lastTop] = [this.#lastY(), this.#lastTop()];
    if (lastY === lastTop || y <= EDGE_PX) return y;
    if (y >= lastY - EDGE_PX) return lastTop - (lastY - y);
    return EDGE_PX + ((y - EDGE_PX) * (lastTop - 2 * EDGE_PX)) / (lastY - 2 * EDGE_PX);
  }

  #yOf(top: number): number {
    const [lastY, lastTop] = [this.#lastY(), this.#lastTop()];
    if (lastY === lastTop || top <= EDGE_PX) return top;
    if (top >= lastTop - EDGE_PX) return lastY - (lastTop - top);
    return Math.round(EDGE_PX + ((top - EDGE_PX) * (lastY - 2 * EDGE_PX)) / (lastTop - 2 * EDGE_PX));
  }
}
