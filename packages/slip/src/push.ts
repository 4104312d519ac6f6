import { WaybillError } from "@waybill/core";
import { untilAborted } from "./abortable.ts";
import { loadSlip, unfold, type LoadedSlip, type SlipContext } from "./context.ts";
import { messageOf, operationFailed } from "./errors.ts";
import { markAncestors, resolveLineage } from "./lineage/lineage.ts";
import { isEnabled } from "./repositories/filter.ts";
import { parseRepository, repositoryFromAddress } from "./repositories/names.ts";
import { firstStep } from "./route/route.ts";
import { shortSha, type ComponentDefinition, type Slip } from "./slip.ts";
import type { SlipHeader } from "./state/events.ts";
import { MAX_NAME, storable } from "./texts.ts";
import { retrySlip } from "./steps/update.ts";

/** A push, as whoever hears of it tells it. */
export interface PushOptions {
  readonly correlationId: string;
  /** `owner/repo`, or an address of it. */
  readonly repository: string;
  readonly commitSha: string;
  readonly branch?: string;
  readonly components?: readonly ComponentDefinition[];
  /** Names what was merged. */
  readonly commitMessage?: string;
  /** What the branch pointed to before. */
  readonly before?: string;
  /** Whether the push has written history anew. */
  readonly forced?: boolean;
}

const MAX_COMPONENTS = 2000;
const HEX_NAME = /^[0-9a-f]{7,64}$/i;

/** @throws WaybillError `SLIP_PUSH_INVALID`, for the first thing that is wrong */
export function validatePush(options: PushOptions): void {
  const { correlationId, repository, commitSha, branch = "", components = [] } = options;
  const required = { correlation_id: correlationId, repository, commit_sha: commitSha };
  for (const [name, value] of Object.entries(required)) {
    if (typeof value !== "string" || value.trim() === "") throw invalid(`${name} is required`);
  }
  for (const [name, value] of Object.entries({ ...required, branch })) {
    if (storable(value, MAX_NAME) !== value) throw invalid(`${name} is longer than ${MAX_NAME} characters, or no text`);
  }
  if (components.length > MAX_COMPONENTS) throw invalid(`there are more than ${MAX_COMPONENTS} components`);
  const names = new Set<string>();
  for (const { name, dockerfilePath } of components) {
    if (name === "") throw invalid("a component has no name");
    if (names.has(name)) throw invalid(`two components are called "${name}"`);
    if (storable(name, MAX_NAME) !== name || storable(dockerfilePath, MAX_NAME) !== dockerfilePath) {
      throw invalid("a component's name or path is too long, or no text");
    }
    names.add(name);
  }
}

/**
 * The slip of a pushed commit: a new one with its lineage, or the one that the commit has already, whose first step
 * begins anew. The caller hands on the correlation id of the slip, which is not its own where that was a retry.
 *
 * @returns null: the repository is filtered out, or slips are switched off
 * @throws WaybillError `SLIP_PUSH_INVALID`, `SLIP_REPOSITORY_INVALID`, `SLIP_CORRELATION_TAKEN`, `SLIP_OPERATION_FAILED`
 */
export async function createSlipForPush(
  context: SlipContext,
  options: PushOptions,
  signal: AbortSignal | undefined,
): Promise<Slip | null> {
  const { store, logger, filter } = context;
  const given = repositoryFromAddress(options.repository);
  if (!context.isEnabled || !isEnabled(filter, given)) {
    logger.debug("slips are not enabled for this repository", { repository: given });
    return null;
  }
  validatePush(options);
  const { repository, sourceRepository } = await identify(context, given, signal);
  parseRepository(repository);
  const commitSha = normalSha(options.commitSha);
  const commit = { repository, commit: shortSha(commitSha), correlation_id: options.correlationId };
  logger.info(`a push of ${repository}@${shortSha(commitSha)}`, commit);

  const existing = await find(context, repository, commitSha, sourceRepository, signal);
  if (existing !== null) return (await retry(context, existing, signal)).slip;

  const push = {
    repository,
    sourceRepository,
    branch: options.branch ?? "",
    commitSha,
    commitMessage: options.commitMessage ?? "",
    before: options.before?.toLowerCase() ?? "",
    isForced: options.forced ?? null,
  };
  const lineage = await resolveLineage(context, push, signal);
  const header: SlipHeader = {
    slipId: context.slipIds.next(),
    correlationId: options.correlationId,
    repository,
    sourceRepository,
    branch: push.branch,
    commitSha,
    createdAt: context.clock.now(),
    components: (options.components ?? []).map(({ name, dockerfilePath }) => ({ name, dockerfilePath })),
    ancestry: lineage.ancestry,
  };
  let isNew: boolean;
  try {
    isNew = await untilAborted(store.create(header, signal), signal);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw operationFailed("create slip", error);
  }
  if (!isNew) {
    // Somebody else heard of the same push at the same time, and began the first step.
    const other = await find(context, repository, commitSha, sourceRepository, signal);
    if (other === null) throw operationFailed("create slip", new Error("it was removed at the same moment"));
    return other.slip;
  }
  const { slip } = unfold(context, { header, events: [], version: "" });
  context.observer.slipCreated?.(repository, header.components.length);
  await markAncestors(context, lineage, slip.correlationId, signal);
  const fields = { slip_id: slip.slipId, component_count: slip.components.length, ancestors: slip.ancestry.length };
  logger.info("a slip was created", { ...commit, ...fields });
  return slip;
}

/** The name of a commit as it is kept; what is none stays as it is. */
export function normalSha(sha: string): string {
  return HEX_NAME.test(sha) ? sha.toLowerCase() : sha;
}

/** A forge that does not answer must not keep a push from its slip. */
async function identify(
  { repositories, logger }: SlipContext,
  given: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly repository: string; readonly sourceRepository: string }> {
  try {
    return await untilAborted(repositories.normalize(given, signal), signal);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    logger.warn("whether this is a fork cannot be told", { repository: given, error: messageOf(error) });
    return repositories.plain(given);
  }
}

async function find(
  context: SlipContext,
  repository: string,
  sha: string,
  source: string,
  signal: AbortSignal | undefined,
): Promise<LoadedSlip | null> {
  try {
    const stored = await untilAborted(context.store.loadByCommit(repository, sha, source, signal), signal);
    return stored === null ? null : unfold(context, stored);
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw operationFailed("look for the commit's slip", error);
  }
}

async function retry(context: SlipContext, loaded: LoadedSlip, signal: AbortSignal | undefined): Promise<LoadedSlip> {
  const { slip } = loaded;
  const fields = { correlation_id: slip.correlationId, slip_id: slip.slipId, status: slip.status };
  if (slip.status !== "in_progress" && slip.status !== "failed" && slip.status !== "pending") {
    context.logger.warn("the commit was pushed again, and its slip has ended: nothing is changed", fields);
    return loaded;
  }
  const step = firstStep(context.route);
  context.logger.info(`the commit was pushed again: ${step} begins anew`, fields);
  await retrySlip(context, loaded, step, signal);
  return await loadSlip(context, slip.correlationId, signal);
}

function invalid(problem: string): WaybillError {
  return new WaybillError("SLIP_PUSH_INVALID", { problem });
}
