export interface MarkdownLink {
  /** As it is written: an address, a path relative to the page, an anchor, or a path with an anchor. */
  readonly target: string;
  readonly line: number;
}

/** Links and pictures of a Markdown page, inline and in HTML; what stands in code is not a link. */
export function linksOf(markdown: string): MarkdownLink[] {
  return withoutCode(markdown).flatMap((text, index) =>
    [...text.matchAll(/\]\(<?([^)\s>]+)>?(?: "[^"]*")?\)|\b(?:href|src)="([^"]+)"/g)].map((match) => ({
      target: match[1] ?? match[2] ?? "",
      line: index + 1,
    })),
  );
}

/** What `#…` can name in a page: its headings, as code hosts spell them, and explicit anchors. */
export function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [index, text] of withoutFences(markdown).entries()) {
    for (const match of withoutSpans(text).matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(match[1] ?? "");
    const heading = /^#{1,6} (.+?)(?: #+)?$/.exec(text)?.[1];
    if (heading !== undefined) anchors.add(unused(slug(heading), anchors, index));
  }
  return anchors;
}

function unused(name: string, taken: ReadonlySet<string>, limit: number): string {
  if (!taken.has(name)) return name;
  for (let number = 1; number <= limit; number += 1) {
    if (!taken.has(`${name}-${number}`)) return `${name}-${number}`;
  }
  return name;
}

function slug(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
  return text.replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, "").replaceAll(" ", "-");
}

function withoutCode(markdown: string): string[] {
  return withoutFences(markdown).map(withoutSpans);
}

function withoutSpans(line: string): string {
  return line.replaceAll(/(`+)(?!`).*?(?<!`)\1(?!`)/g, "");
}

/** The lines of a page; those of fenced blocks are empty. */
function withoutFences(markdown: string): string[] {
  let fence: string | null = null;
  return markdown.split("\n").map((line) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === null && mark === undefined) return line;
    if (fence === null) fence = mark ?? null;
    else if (mark?.startsWith(fence) === true) fence = null;
    return "";
  });
}
