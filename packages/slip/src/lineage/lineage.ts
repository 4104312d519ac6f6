import { unfold, type LoadedSlip, type SlipContext } from "../context.ts";
import { messageOf } from "../errors.ts";
import type { SlipSummary } from "../ports/slip-store.ts";
import { isSameRepository } from "../repositories/names.ts";
import { fromStore } from "../from-store.ts";
import type { AncestorEntry, Link } from "../slip.ts";
import { isTerminalSlip } from "../statuses.ts";
import { updateSlip } from "../steps/update.ts";
import { ancestorEntry, joinChains } from "./chain.ts";
import { findMerged, type MergedSlip } from "./merged.ts";
import { cherryPickedCommits, isCherryPick, isForceOrRewrite, snippet } from "./messages.ts";
import type { LineagePush } from "./push.ts";
import { findRewritten } from "./rewrite.ts";
import { findSameTree } from "./same-tree.ts";
import { searchAncestors, type AncestorSearch } from "./search.ts";

/** What a new slip comes from, and what becomes of that once the slip is there. */
export interface Lineage {
  readonly ancestry: readonly AncestorEntry[];
  readonly promoted: SlipSummary | null;
  readonly abandoned: SlipSummary | null;
}

const NO_SEARCH: AncestorSearch = { slips: [], commits: [] };

/**
 * Finds what a pushed commit comes from. Only reads; whatever cannot be looked up is missing from the lineage, and
 * makes nothing else fail.
 */
export async function resolveLineage(
  context: SlipContext,
  push: LineagePush,
  signal: AbortSignal | undefined,
): Promise<Lineage> {
  warnOfWording(context, push);
  const attempt = <Value>(what: string, none: Value, work: () => Promise<Value>): Promise<Value> =>
    attemptTo(context, push, what, none, work, signal);

  const git = await attempt("ancestors", NO_SEARCH, () =>
    searchAncestors(context, push.repository, push.commitSha, { without: push.commitSha }, signal),
  );
  const isFork = !isSameRepository(push.repository, push.sourceRepository);
  // A fork names its branches and writes its own messages: it promotes nothing.
  const merged = isFork ? null : await attempt("merged pull requests", null, () => findMerged(context, push, signal));
  const rewritten = await attempt("replaced commits", null, () => findRewritten(context, push, signal));
  const parent =
    git.slips.find(({ commitSha }) => merged === null || !merged.ownCommits.has(commitSha)) ??
    (await attempt("the repository before", null, () => headOfFormer(context, push, git, signal)));
  const known = new Set([...git.commits, push.commitSha]);
  const sameTree =
    merged !== null || rewritten !== null || isFork
      ? null
      : await attempt("commits of the same files", null, () => findSameTree(context, push, known, signal));

  const chains = [
    await cherryPicks(context, push, attempt, signal),
    await chainThrough(context, parent, "git", attempt, signal),
    await chainThrough(context, rewritten, "rewrite", attempt, signal),
    await chainThrough(context, sameTree, "squash", attempt, signal),
    await chainThrough(context, merged?.slip ?? null, linkOf(merged, git), attempt, signal),
  ];
  const promoted = merged !== null && mayTouch(context, push, merged.slip) ? merged.slip : null;
  const candidates = [...(rewritten === null ? [] : [rewritten]), ...git.slips];
  return {
    ancestry: joinChains(chains, push.commitSha, context.lineage.chainLimit),
    promoted: promoted !== null && isTerminalSlip(promoted.status) ? null : promoted,
    abandoned:
      candidates.find(
        (each) =>
          !isTerminalSlip(each.status) &&
          each.correlationId !== promoted?.correlationId &&
          isSameBranch(context, push, each) &&
          mayTouch(context, push, each),
      ) ?? null,
  };
}

/** Tells the ancestors what became of them. A failure is logged: the new slip is there, and stays. */
export async function markAncestors(
  context: SlipContext,
  { promoted, abandoned }: Lineage,
  correlationId: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const marks = [
    ...(promoted === null ? [] : [{ slip: promoted, status: "promoted", message: `promoted to ${correlationId}` }]),
    ...(abandoned === null
      ? []
      : [{ slip: abandoned, status: "abandoned", message: `superseded by ${correlationId}` }]),
  ];
  for (const { slip, status, message } of marks) {
    try {
      const stored = await fromStore(() => context.store.load(slip.correlationId, signal), signal);
      if (stored === null) continue;
      const promotedTo = status === "promoted" ? correlationId : "";
      await updateSlip(context, unfold(context, stored), { status, promotedTo, message }, signal);
    } catch (error) {
      if (signal?.aborted === true) throw error;
      const fields = { correlation_id: slip.correlationId, wanted: status, error: messageOf(error) };
      context.logger.error("an ancestor could not be marked", fields);
    }
  }
}

type Attempt = <Value>(what: string, none: Value, work: () => Promise<Value>) => Promise<Value>;

async function attemptTo<Value>(
  context: SlipContext,
  push: LineagePush,
  what: string,
  none: Value,
  work: () => Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    context.observer.failed?.("resolve");
    const fields = { repository: push.repository, commit: push.commitSha, error: messageOf(error) };
    context.logger.warn(`lineage goes on without ${what}`, fields);
    return none;
  }
}

/** The chain of a slip, and the slip itself behind it. */
async function chainThrough(
  context: SlipContext,
  slip: SlipSummary | null,
  link: Link,
  attempt: Attempt,
  signal: AbortSignal | undefined,
): Promise<readonly AncestorEntry[]> {
  if (slip === null) return [];
  const loaded = await attempt("an ancestor", null, () => loadSummary(context, slip, signal));
  return loaded === null ? [] : [...loaded.slip.ancestry, ancestorEntry(loaded.slip, context.route, link)];
}

async function loadSummary(
  context: SlipContext,
  { correlationId }: SlipSummary,
  signal: AbortSignal | undefined,
): Promise<LoadedSlip | null> {
  const stored = await fromStore(() => context.store.load(correlationId, signal), signal);
  return stored === null ? null : unfold(context, stored);
}

/** The sources of a picked commit: a link alone. They have a way of their own. */
async function cherryPicks(
  context: SlipContext,
  { repository, commitMessage }: LineagePush,
  attempt: Attempt,
  signal: AbortSignal | undefined,
): Promise<readonly AncestorEntry[]> {
  const entries: AncestorEntry[] = [];
  for (const sha of cherryPickedCommits(commitMessage).slice(0, 10)) {
    const loaded = await attempt("the source of a cherry-pick", null, async () => {
      const summary = await fromStore(() => context.store.findByCommit(repository, sha, signal), signal);
      return summary === null ? null : await loadSummary(context, summary, signal);
    });
    if (loaded !== null) entries.push(ancestorEntry(loaded.slip, context.route, "cherry_pick"));
  }
  return entries;
}

/** Where a repository goes on from another whose commits had other names: the last slip from before the move. */
async function headOfFormer(
  { store, repositories }: SlipContext,
  { repository }: LineagePush,
  git: AncestorSearch,
  signal: AbortSignal | undefined,
): Promise<SlipSummary | null> {
  if (git.slips.length > 0) return null;
  for (const { other, alias } of repositories.aliasesOf(repository)) {
    if (alias.kind !== "continues" || alias.since === null) continue;
    const query = { repositories: [other], createdBefore: alias.since, limit: 1 };
    const [last] = await fromStore(() => store.list(query, signal), signal);
    if (last !== undefined) return last;
  }
  return null;
}

function linkOf(merged: MergedSlip | null, git: AncestorSearch): Link {
  return merged !== null && git.commits.includes(merged.slip.commitSha) ? "git" : "squash";
}

/** Superseded is only what the same branch had before: of several repositories' branches of one name, its own. */
function isSameBranch({ lineage, repositories }: SlipContext, push: LineagePush, slip: SlipSummary): boolean {
  if (slip.branch !== push.branch) return false;
  const own = lineage.isAcrossRepositories ? repositories.names(push.sourceRepository) : [push.sourceRepository];
  return own.some((name) => isSameRepository(slip.sourceRepository, name));
}

/** Whether a push may end a slip: of a fork its own alone, and of other names of the repository where that is asked for. */
function mayTouch({ lineage }: SlipContext, push: LineagePush, slip: SlipSummary): boolean {
  if (!isSameRepository(push.repository, push.sourceRepository)) {
    return isSameRepository(slip.sourceRepository, push.sourceRepository);
  }
  return lineage.isAcrossRepositories || isSameRepository(slip.repository, push.repository);
}

function warnOfWording({ logger }: SlipContext, { repository, commitSha, commitMessage }: LineagePush): void {
  const fields = { repository, commit: commitSha, message_snippet: snippet(commitMessage) };
  if (isCherryPick(commitMessage)) {
    logger.warn("Cherry-pick detected - ancestry chain may be broken", fields);
  }
  if (isForceOrRewrite(commitMessage)) {
    logger.warn("Force push or rewrite detected - ancestry chain may be broken", fields);
  }
}
