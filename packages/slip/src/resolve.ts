import { WaybillError } from "@waybill/core";
import { loadSlip, unfold, type LoadedSlip, type SlipContext } from "./context.ts";
import { messageOf, operationFailed } from "./errors.ts";
import { fromStore } from "./from-store.ts";
import { commitInImageTag } from "./image-tag.ts";
import { searchAncestors } from "./lineage/search.ts";
import type { SlipSummary } from "./ports/slip-store.ts";
import { parseRepository } from "./repositories/names.ts";
import { shortSha } from "./slip.ts";

export interface ResolveOptions {
  /** Goes before all others. */
  readonly correlationId?: string;
  /** `owner/repo`; needed for what follows. */
  readonly repository?: string;
  /** Stands for `HEAD`, which means something else to everyone. */
  readonly branch?: string;
  /** A branch or commit; its nearest ancestor with a slip is meant. */
  readonly ref?: string;
  /** With a commit in it: `octo-org/webshop:abc1234-1700000000`. */
  readonly imageTag?: string;
}

export interface ResolvedSlip extends LoadedSlip {
  readonly resolvedBy: "correlation_id" | "commit_sha" | "ancestry" | "image_tag";
  /** What the slip was found by; for a correlation id, the commit of the slip. */
  readonly matchedCommit: string;
}

const COMMIT_NAME = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/i;

/**
 * The slip that a job belongs to: by its correlation id, by the commits behind what it has checked out, or by the
 * image it deploys.
 *
 * @throws WaybillError `SLIP_UNRESOLVED` where there is none, with why as its cause; `SLIP_OPERATION_FAILED` where the
 *   store fails, which says nothing about whether there is one; `SLIP_REPOSITORY_INVALID`
 */
export async function resolveSlip(
  context: SlipContext,
  options: ResolveOptions,
  signal: AbortSignal | undefined,
): Promise<ResolvedSlip> {
  const { correlationId = "", repository: given = "", imageTag = "" } = options;
  const problems: unknown[] = [];
  if (correlationId !== "") {
    try {
      const loaded = await loadSlip(context, correlationId, signal);
      return { ...loaded, resolvedBy: "correlation_id", matchedCommit: loaded.slip.commitSha };
    } catch (error) {
      const isUnknown = error instanceof WaybillError && error.code === "SLIP_NOT_FOUND";
      if (signal?.aborted === true || !isUnknown || given === "") throw operationFailed("load slip", error);
      problems.push(error);
    }
  }
  const { repository } = context.repositories.plain(given);
  parseRepository(repository);
  const found =
    (await byRef(context, repository, options, problems, signal)) ??
    (await byImageTag(context, repository, imageTag, signal));
  if (found === null) {
    const cause = problems.length > 1 ? new AggregateError(problems, "several ways were tried") : problems[0];
    throw new WaybillError("SLIP_UNRESOLVED", { repository }, cause === undefined ? {} : { cause });
  }
  const { resolvedBy, matchedCommit, summary } = found;
  const stored = await fromStore(() => context.store.load(summary.correlationId, signal), signal);
  if (stored === null) throw new WaybillError("SLIP_UNRESOLVED", { repository });
  const loaded = unfold(context, stored);
  const commit = { matched_commit: shortSha(matchedCommit), slip_id: loaded.slip.slipId };
  context.logger.info(`resolved the slip by ${resolvedBy}`, { correlation_id: loaded.slip.correlationId, ...commit });
  return { ...loaded, resolvedBy, matchedCommit };
}

interface Found {
  readonly resolvedBy: ResolvedSlip["resolvedBy"];
  readonly matchedCommit: string;
  readonly summary: SlipSummary;
}

async function byRef(
  context: SlipContext,
  repository: string,
  { ref = "", branch = "" }: ResolveOptions,
  problems: unknown[],
  signal: AbortSignal | undefined,
): Promise<Found | null> {
  const { store, graph, repositories, logger } = context;
  if (ref === "") return null;
  if (COMMIT_NAME.test(ref)) {
    const names = repositories.names(repository);
    const [exact] = await fromStore(() => store.findAllByCommits(names, [ref.toLowerCase()], signal), signal);
    if (exact !== undefined) return { resolvedBy: "commit_sha", matchedCommit: exact.commitSha, summary: exact };
  }
  if (graph === null) return null;
  const meant = ref === "HEAD" && branch !== "" ? branch : ref;
  try {
    const [nearest] = (await searchAncestors(context, repository, meant, {}, signal)).slips;
    return nearest === undefined
      ? null
      : { resolvedBy: "ancestry", matchedCommit: nearest.commitSha, summary: nearest };
  } catch (error) {
    if (signal?.aborted === true || isOfStore(error)) throw error;
    logger.warn("the history of the ref cannot be read", { repository, ref: meant, error: messageOf(error) });
    context.observer.failed?.("github");
    problems.push(error);
    return null;
  }
}

async function byImageTag(
  { store, repositories }: SlipContext,
  repository: string,
  imageTag: string,
  signal: AbortSignal | undefined,
): Promise<Found | null> {
  const sha = commitInImageTag(imageTag);
  if (sha === "") return null;
  for (const name of repositories.names(repository)) {
    const summary = await fromStore(() => store.findByCommit(name, sha, signal), signal);
    if (summary !== null) return { resolvedBy: "image_tag", matchedCommit: sha, summary };
  }
  return null;
}

function isOfStore(error: unknown): boolean {
  return error instanceof WaybillError && error.code === "SLIP_OPERATION_FAILED";
}
