/**
 * Works on several items at once and gives the results in the order of the items. What is begun is always waited for,
 * also when the consumer stops early or something fails: afterwards nobody uses a file or buffer any more.
 *
 * @param width items under way or waiting to be taken, at most
 */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item>,
  width: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const begun = work(item);
      // It is looked at in its turn; until then its failure is nobody's yet.
      begun.catch(() => undefined);
      underWay.push(begun);
      if (underWay.length >= width) yield await (underWay.shift() as Promise<Result>);
    }
    for (let next = underWay.shift(); next !== undefined; next = underWay.shift()) yield await next;
  } finally {
    await Promise.allSettled(underWay);
  }
}
