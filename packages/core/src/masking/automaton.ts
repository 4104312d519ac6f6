/**
 * Finds many byte strings at once in one pass (Aho-Corasick): a trie of them all, and for each node the node of its
 * longest proper suffix that is in the trie too. Where a byte leads nowhere, the search goes on from there, so that no
 * byte of the input is looked at again: linear time whatever is sought.
 *
 * Nodes are numbers from 0, the root; children are linked lists, so memory is linear in the patterns. Most nodes have
 * one child. The root has many, and most of any text stays there: it has a table.
 */
export class Automaton {
  /** Of the longest pattern. */
  readonly longest: number;
  readonly #fromRoot = new Int32Array(256);
  readonly #byte: Uint8Array;
  readonly #firstChild: Int32Array;
  readonly #nextSibling: Int32Array;
  readonly #open: Int32Array;
  readonly #suffix: Int32Array;
  readonly #matched: Int32Array;
  #nodeCount = 1;

  constructor(patterns: readonly Uint8Array[]) {
    this.longest = patterns.reduce((longest, pattern) => Math.max(longest, pattern.length), 0);
    const capacity = patterns.reduce((sum, pattern) => sum + pattern.length, 1);
    this.#byte = new Uint8Array(capacity);
    this.#firstChild = new Int32Array(capacity);
    this.#nextSibling = new Int32Array(capacity);
    this.#open = new Int32Array(capacity);
    this.#suffix = new Int32Array(capacity);
    this.#matched = new Int32Array(capacity);
    for (const pattern of patterns) this.#add(pattern);
    this.#linkSuffixes();
  }

  /** Where a byte leads from a node. */
  next(node: number, byte: number): number {
    let from = node;
    while (from !== 0) {
      const child = this.#child(from, byte);
      if (child !== 0) return child;
      from = this.#suffix[from] as number;
    }
    return this.#fromRoot[byte] as number;
  }

  /** Index of the first byte from `start` on that leads away from the root; the end of the bytes: there is none. */
  skip(bytes: Uint8Array, start: number): number {
    const fromRoot = this.#fromRoot;
    let index = start;
    while (index < bytes.length && fromRoot[bytes[index] as number] === 0) index += 1;
    return index;
  }

  /** How many of the last bytes may be the beginning of a pattern that is still to be completed. */
  open(node: number): number {
    return this.#open[node] as number;
  }

  /** Length of the longest pattern that ends here; 0: none does. */
  matched(node: number): number {
    return this.#matched[node] as number;
  }

  #child(node: number, byte: number): number {
    let child = this.#firstChild[node] as number;
    while (child !== 0 && this.#byte[child] !== byte) child = this.#nextSibling[child] as number;
    return child;
  }

  #add(pattern: Uint8Array): void {
    let node = 0;
    for (const byte of pattern) {
      const known = node === 0 ? (this.#fromRoot[byte] as number) : this.#child(node, byte);
      node = known === 0 ? this.#addChild(node, byte) : known;
    }
    this.#matched[node] = pattern.length;
  }

  #addChild(parent: number, byte: number): number {
    const node = this.#nodeCount++;
    this.#byte[node] = byte;
    this.#open[node] = (this.#open[parent] as number) + 1;
    this.#nextSibling[node] = this.#firstChild[parent] as number;
    this.#firstChild[parent] = node;
    if (parent === 0) this.#fromRoot[byte] = node;
    return node;
  }

  /** Breadth first: a suffix is shorter than what it is the suffix of. */
  #linkSuffixes(): void {
    const queue = new Int32Array(this.#nodeCount);
    let queued = 1;
    for (let index = 0; index < queued; index += 1) {
      const node = queue[index] as number;
      for (let child = this.#firstChild[node] as number; child !== 0; child = this.#nextSibling[child] as number) {
        queue[queued++] = child;
        const suffix = node === 0 ? 0 : this.next(this.#suffix[node] as number, this.#byte[child] as number);
        this.#suffix[child] = suffix;
        // What ends here is at least as long as what ends at the suffix.
        if (this.#matched[child] === 0) this.#matched[child] = this.#matched[suffix] as number;
        // Where a pattern is complete and none goes on, only what begins further back here can still be completed.
        if (this.#firstChild[child] === 0) this.#open[child] = this.#open[suffix] as number;
      }
    }
  }
}
