/** Lines that are not shown, both ends included. */
export interface Fold {
  readonly first: number;
  readonly last: number;
}

/** From `line` on, up to the next one, all lines have one height. */
interface Stretch {
  readonly line: number;
  readonly offset: number;
  readonly height: number;
}

/**
 * Where each line of a log stands, in pixels from the top of it. All lines are equally high but for some: those that
 * wrap, those that have a head above them, and those that are folded away. Cost and memory go with their number, not
 * with that of the lines.
 */
export class LineHeights {
  readonly #row: number;
  readonly #wraps = new Map<number, number>();
  readonly #heads = new Map<number, number>();
  #folds: readonly Fold[] = [];
  #total = 0;
  #stretches: readonly Stretch[] | null = null;

  /** @param row height of an ordinary line */
  constructor(row: number) {
    this.#row = row;
  }

  get total(): number {
    return this.#total;
  }

  /** Height of all lines together. */
  get height(): number {
    return this.offsetOf(this.#total);
  }

  setTotal(total: number): void {
    this.#total = total;
  }

  /** @param height of the line as it was measured, without its head. @returns whether that is new */
  measured(line: number, height: number): boolean {
    const extra = Math.max(0, height - this.#row);
    if (extra === (this.#wraps.get(line) ?? 0)) return false;
    if (extra === 0) this.#wraps.delete(line);
    else this.#wraps.set(line, extra);
    this.#stretches = null;
    return true;
  }

  forgetMeasured(): void {
    this.#wraps.clear();
    this.#stretches = null;
  }

  /** @param heads lines with a head above them. @param height of a head */
  setHeads(heads: Iterable<number>, height: number): void {
    this.#heads.clear();
    for (const line of heads) this.#heads.set(line, height);
    this.#stretches = null;
  }

  /** @param folds may overlap. A head stays where its line is folded away */
  setFolds(folds: readonly Fold[]): void {
    const merged: Fold[] = [];
    for (const fold of folds.toSorted((a, b) => a.first - b.first)) {
      const last = merged.at(-1);
      if (last === undefined || fold.first > last.last + 1) merged.push(fold);
      else merged[merged.length - 1] = { first: last.first, last: Math.max(last.last, fold.last) };
    }
    this.#folds = merged;
    this.#stretches = null;
  }

  isHidden(line: number): boolean {
    return this.#foldAt(line) !== null;
  }

  /** The first line from here on that is shown or has a head; `total` where there is none. */
  nextShown(line: number): number {
    const fold = this.#foldAt(line);
    if (fold === null || this.#heads.has(line)) return line;
    const head = [...this.#heads.keys()].filter((at) => at > line && at <= fold.last).sort((a, b) => a - b)[0];
    return Math.min(this.#total, head ?? fold.last + 1);
  }

  /** Top of a line: of its head, where it has one. */
  offsetOf(line: number): number {
    const at = this.#last((stretch) => stretch.line <= line);
    return at.offset + (line - at.line) * at.height;
  }

  heightOf(line: number): number {
    const shown = this.isHidden(line) ? 0 : this.#row + (this.#wraps.get(line) ?? 0);
    return shown + (this.#heads.get(line) ?? 0);
  }

  /** The line that stands at a height, or the nearest. */
  lineAt(offset: number): number {
    const at = this.#last((stretch) => stretch.offset <= offset);
    const line = at.height === 0 ? at.line : at.line + Math.floor((offset - at.offset) / at.height);
    return Math.max(0, Math.min(line, this.#total - 1));
  }

  #foldAt(line: number): Fold | null {
    const folds = this.#folds;
    let [low, high] = [0, folds.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((folds[middle]?.last ?? 0) < line) low = middle + 1;
      else high = middle;
    }
    const found = folds[low];
    return found !== undefined && found.first <= line ? found : null;
  }

  /** The last stretch of those that fit, which are the first ones. */
  #last(fits: (stretch: Stretch) => boolean): Stretch {
    const all = (this.#stretches ??= this.#build());
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const stretch = all[middle];
      if (stretch !== undefined && fits(stretch)) low = middle + 1;
      else high = middle;
    }
    return all[Math.max(0, low - 1)] ?? { line: 0, offset: 0, height: this.#row };
  }

  #build(): readonly Stretch[] {
    const lines = new Set([0]);
    for (const line of [...this.#wraps.keys(), ...this.#heads.keys()]) lines.add(line).add(line + 1);
    for (const { first, last } of this.#folds) lines.add(first).add(last + 1);
    const stretches: Stretch[] = [];
    let before: Stretch = { line: 0, offset: 0, height: 0 };
    for (const line of [...lines].sort((a, b) => a - b)) {
      const offset = before.offset + (line - before.line) * before.height;
      stretches.push((before = { line, offset, height: this.heightOf(line) }));
    }
    return stretches;
  }
}
