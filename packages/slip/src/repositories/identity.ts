import type { CommitGraph } from "../ports/commit-graph.ts";
import { isSameRepository, repositoryFromAddress, repositoryKey } from "./names.ts";

/** One repository after another. */
export interface RepositoryAlias {
  readonly from: string;
  readonly to: string;
  /** `rename`: both names are one repository. `continues`: the history of `from` goes on in `to`. */
  readonly kind: "rename" | "continues";
  /** Milliseconds since the epoch; from when on it is `to`. */
  readonly since: number | null;
  /** Names of commits of `from`, by those they have in `to`, where the move wrote history anew. */
  readonly commits: Readonly<Record<string, string>>;
}

export interface RepositoryIdentity {
  /** Upstreams by fork. They go before what the graph says. */
  readonly forks: Readonly<Record<string, string>>;
  readonly aliases: readonly RepositoryAlias[];
}

export const NO_IDENTITY: RepositoryIdentity = { forks: {}, aliases: [] };

/** What repositories are called, and what they are the same as. Answers of the graph are kept for the process. */
export class Repositories {
  readonly #identity: RepositoryIdentity;
  readonly #graph: CommitGraph | null;
  readonly #upstreams = new Map<string, string | null>();

  constructor(identity: RepositoryIdentity, graph: CommitGraph | null) {
    this.#identity = identity;
    this.#graph = graph;
  }

  /** As `normalizeRepository`, of which this is the part that asks nobody. */
  plain(repository: string): { readonly repository: string; readonly sourceRepository: string } {
    const sourceRepository = repositoryFromAddress(repository);
    const fork = Object.keys(this.#identity.forks).find((name) => isSameRepository(name, sourceRepository));
    return { repository: fork === undefined ? sourceRepository : this.#identity.forks[fork]!, sourceRepository };
  }

  /**
   * The name under which slips of a repository are kept, that of its upstream for a fork, and its own. Where the graph
   * cannot tell, it is taken for no fork, and asked again the next time.
   */
  async normalize(
    text: string,
    signal?: AbortSignal,
  ): Promise<{ readonly repository: string; readonly sourceRepository: string }> {
    const known = this.plain(text);
    if (this.#graph === null || known.repository !== known.sourceRepository) return known;
    const key = repositoryKey(known.sourceRepository);
    let upstream = this.#upstreams.get(key);
    if (upstream === undefined) {
      upstream = await this.#graph.upstream(known.sourceRepository, signal);
      this.#upstreams.set(key, upstream);
    }
    return { ...known, repository: upstream ?? known.repository };
  }

  /** The names slips of a repository may be under, its own first. */
  names(repository: string): readonly string[] {
    return [repository, ...this.aliasesOf(repository).map(({ other }) => other)];
  }

  aliasesOf(repository: string): readonly { readonly other: string; readonly alias: RepositoryAlias }[] {
    return this.#identity.aliases.flatMap((alias) => {
      if (isSameRepository(alias.to, repository)) return [{ other: alias.from, alias }];
      return alias.kind === "rename" && isSameRepository(alias.from, repository) ? [{ other: alias.to, alias }] : [];
    });
  }
}
