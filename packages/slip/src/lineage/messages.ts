/** Of a commit's message. What is behind is not looked at. */
const MAX_LENGTH = 100_000;

/** The forms in which messages name a pull request. A bare `#42` is none: mostly it is an issue. */
const PULL_REQUESTS: readonly RegExp[] = [
  /\(#(\d+)\)/g,
  /^Merge pull request #(\d+)\b/gim,
  /\bPR #(\d+)\b/gi,
  /\bpull request #(\d+)\b/gi,
];

const CHERRY_PICK = /\b(cherry.pick|cherry-pick|picked from|backport)\b/i;
const REWRITE_WORDS = ["force push", "rebase", "amend"];
const TRAILER = /^\(cherry picked from commit ([0-9a-f]{7,64})\)\s*$/gim;
const MERGED_BRANCH = /^Merge (?:remote-tracking )?branch '([^'\n]+)'/;

/** Numbers of the pull requests that a message names, each once, in order. */
export function extractAllPRNumbers(message: string): number[] {
  const text = message.slice(0, MAX_LENGTH);
  const found = PULL_REQUESTS.flatMap((pattern) =>
    Array.from(text.matchAll(pattern), (match) => ({
      at: match.index + match[0].indexOf("#"),
      number: Number(match[1]),
    })),
  );
  const numbers = found
    .toSorted((a, b) => a.at - b.at)
    .map(({ number }) => number)
    .filter((number) => number > 0 && Number.isSafeInteger(number));
  return [...new Set(numbers)];
}

/** The first of them; null: there is none. */
export function extractPRNumber(message: string): number | null {
  return extractAllPRNumbers(message)[0] ?? null;
}

/** Whether a message sounds like a commit that was picked from elsewhere. Knows some that are not ("hand-picked from"). */
export function isCherryPick(message: string): boolean {
  return CHERRY_PICK.test(message.slice(0, MAX_LENGTH));
}

/** Whether a message sounds like history that was written anew. */
export function isForceOrRewrite(message: string): boolean {
  const text = message.slice(0, MAX_LENGTH).toLowerCase();
  return REWRITE_WORDS.some((word) => text.includes(word));
}

/** Commits that `git cherry-pick -x` says this one was picked from. */
export function cherryPickedCommits(message: string): string[] {
  return [
    ...new Set(Array.from(message.slice(0, MAX_LENGTH).matchAll(TRAILER), (match) => (match[1] ?? "").toLowerCase())),
  ];
}

/** The branch that `git merge` says it merged; null: it says nothing. */
export function mergedBranch(message: string): string | null {
  return MERGED_BRANCH.exec(message.slice(0, MAX_LENGTH))?.[1]?.replace(/^(?:refs\/heads\/|origin\/)/, "") ?? null;
}

/** The beginning of a message, for logs. */
export function snippet(message: string): string {
  const characters = [...message.slice(0, 400)];
  return characters.length <= 100 ? characters.join("") : characters.slice(0, 100).join("");
}
