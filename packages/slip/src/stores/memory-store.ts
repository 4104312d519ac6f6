import { WaybillError } from "@waybill/core";
import { notFound } from "../errors.ts";
import type { AppendedVersions, SlipQuery, SlipStore, SlipSummary, StoredSlip } from "../ports/slip-store.ts";
import { repositoryKey } from "../repositories/names.ts";
import { DEFAULT_ROUTE, type Route } from "../route/route.ts";
import type { SlipEvent, SlipHeader } from "../state/events.ts";
import { foldSlip } from "../state/fold.ts";
import { MAX_PAGE, summaryOf } from "./summary.ts";

interface Entry {
  readonly header: SlipHeader;
  readonly events: SlipEvent[];
}

/** Slips of this process, gone with it: for tests, and for programs that are their own only reader. */
export class MemorySlipStore implements SlipStore {
  readonly #route: Route;
  readonly #slips = new Map<string, Entry>();

  constructor(route: Route = DEFAULT_ROUTE) {
    this.#route = route;
  }

  create(header: SlipHeader, signal?: AbortSignal): Promise<boolean> {
    return this.#answer(signal, () => {
      const entries = [...this.#slips.values()];
      if (entries.some((entry) => isOfCommit(entry, header))) return false;
      if (entries.some((entry) => entry.header.correlationId === header.correlationId)) {
        throw new WaybillError("SLIP_CORRELATION_TAKEN", { correlationId: header.correlationId });
      }
      this.#slips.set(header.slipId, { header: structuredClone(header), events: [] });
      return true;
    });
  }

  append(slipId: string, events: readonly SlipEvent[], signal?: AbortSignal): Promise<AppendedVersions> {
    return this.#answer(signal, () => {
      const entry = this.#slips.get(slipId);
      if (entry === undefined) throw notFound(slipId);
      const before = String(entry.events.length);
      for (const event of events) {
        if (!entry.events.some(({ id }) => id === event.id)) entry.events.push(structuredClone(event));
      }
      return { before, after: String(entry.events.length) };
    });
  }

  load(correlationId: string, signal?: AbortSignal): Promise<StoredSlip | null> {
    return this.#answer(signal, () => stored(this.#byCorrelation(correlationId)));
  }

  loadById(slipId: string, signal?: AbortSignal): Promise<StoredSlip | null> {
    return this.#answer(signal, () => stored(this.#slips.get(slipId)));
  }

  loadByCommit(repository: string, sha: string, source?: string, signal?: AbortSignal): Promise<StoredSlip | null> {
    return this.#answer(signal, () => {
      const found = this.#ofCommits(repository, (commit) => commit === sha);
      const wanted = source === undefined ? undefined : repositoryKey(source);
      return stored(
        found.find(({ header }) => wanted === undefined || repositoryKey(header.sourceRepository) === wanted),
      );
    });
  }

  findByCommit(repository: string, prefix: string, signal?: AbortSignal): Promise<SlipSummary | null> {
    return this.#answer(signal, () => {
      const found =
        this.#ofCommits(repository, (commit) => commit === prefix)[0] ??
        this.#ofCommits(repository, (commit) => commit.startsWith(prefix)).toSorted(newestFirst)[0];
      return found === undefined ? null : this.#summary(found);
    });
  }

  findAllByCommits(
    repositories: readonly string[],
    commits: readonly string[],
    signal?: AbortSignal,
  ): Promise<readonly SlipSummary[]> {
    return this.#answer(signal, () =>
      commits.flatMap((sha) =>
        repositories.flatMap((repository) => {
          const found = this.#ofCommits(repository, (commit) => commit === sha)[0];
          return found === undefined ? [] : [this.#summary(found)];
        }),
      ),
    );
  }

  version(correlationId: string, signal?: AbortSignal): Promise<string | null> {
    return this.#answer(signal, () => {
      const entry = this.#byCorrelation(correlationId);
      return entry === undefined ? null : String(entry.events.length);
    });
  }

  list(query: SlipQuery, signal?: AbortSignal): Promise<readonly SlipSummary[]> {
    return this.#answer(signal, () => {
      const { repositories, branch, statuses, createdBefore = Infinity, createdFrom = -Infinity, after } = query;
      const keys = repositories?.map(repositoryKey);
      return [...this.#slips.values()]
        .filter(
          ({ header }) =>
            (keys === undefined || keys.includes(repositoryKey(header.repository))) &&
            (branch === undefined || header.branch === branch) &&
            header.createdAt < createdBefore &&
            header.createdAt >= createdFrom &&
            (after === undefined || newestFirst({ header: after }, { header }) < 0),
        )
        .toSorted(newestFirst)
        .map((entry) => this.#summary(entry))
        .filter(({ status }) => statuses === undefined || statuses.includes(status))
        .slice(0, Math.min(query.limit, MAX_PAGE));
    });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #byCorrelation(correlationId: string): Entry | undefined {
    return [...this.#slips.values()].find(({ header }) => header.correlationId === correlationId);
  }

  /** Those of the repository itself before those of its forks. */
  #ofCommits(repository: string, matches: (sha: string) => boolean): readonly Entry[] {
    const key = repositoryKey(repository);
    return [...this.#slips.values()]
      .filter(({ header }) => repositoryKey(header.repository) === key && matches(header.commitSha))
      .toSorted((a, b) => Number(isOfFork(a)) - Number(isOfFork(b)) || newestFirst(a, b));
  }

  #summary({ header, events }: Entry): SlipSummary {
    return summaryOf(foldSlip(header, events, this.#route));
  }

  async #answer<Value>(signal: AbortSignal | undefined, work: () => Value): Promise<Value> {
    signal?.throwIfAborted();
    return await Promise.resolve(work());
  }
}

function stored(entry: Entry | undefined): StoredSlip | null {
  if (entry === undefined) return null;
  return { header: entry.header, events: [...entry.events], version: String(entry.events.length) };
}

function isOfCommit({ header }: Entry, other: SlipHeader): boolean {
  return (
    header.commitSha === other.commitSha &&
    repositoryKey(header.repository) === repositoryKey(other.repository) &&
    repositoryKey(header.sourceRepository) === repositoryKey(other.sourceRepository)
  );
}

function isOfFork({ header }: Entry): boolean {
  return repositoryKey(header.repository) !== repositoryKey(header.sourceRepository);
}

interface Aged {
  readonly header: { readonly createdAt: number; readonly slipId: string };
}

function newestFirst({ header: a }: Aged, { header: b }: Aged): number {
  return b.createdAt - a.createdAt || (a.slipId < b.slipId ? 1 : a.slipId > b.slipId ? -1 : 0);
}
