import { WaybillError } from "@waybill/core";
import type { AncestryQuery, CommitGraph, PullRequest } from "../ports/commit-graph.ts";
import { repositoryKey } from "../repositories/names.ts";

interface FakeCommit {
  readonly parents: readonly string[];
  readonly tree: string;
}

/** A history that is made up: for tests of programs that use slips. Of no repository in particular. */
export class FakeCommitGraph implements CommitGraph {
  readonly calls: { readonly method: string; readonly args: readonly unknown[] }[] = [];
  /** In the order they were made: the newest are last. */
  readonly #commits = new Map<string, FakeCommit>();
  readonly #refs = new Map<string, string>();
  readonly #pulls = new Map<number, PullRequest>();
  readonly #upstreams = new Map<string, string>();
  readonly #errors = new Map<string, Error>();

  /** @returns the commit's name, as it was given */
  commit(sha: string, parents: readonly string[] = [], tree = `tree of ${sha}`): string {
    this.#commits.set(sha, { parents, tree });
    return sha;
  }

  /** Commits one behind the other, the oldest first. */
  line(...shas: readonly string[]): void {
    shas.forEach((sha, index) => this.commit(sha, index === 0 ? [] : [shas[index - 1] ?? ""]));
  }

  ref(name: string, sha: string): void {
    this.#refs.set(name, sha);
  }

  setPullRequest(number: number, fields: Partial<PullRequest> & Pick<PullRequest, "headSha">): void {
    const unknown = { headBranch: null, headRepository: null, baseBranch: null, isMerged: true, mergeCommitSha: null };
    this.#pulls.set(number, { number, ...unknown, ...fields });
  }

  setPRHeadCommit(number: number, headSha: string): void {
    this.setPullRequest(number, { headSha });
  }

  setUpstream(fork: string, upstream: string): void {
    this.#upstreams.set(repositoryKey(fork), upstream);
  }

  /** Every further call of the method fails; null: none does. */
  fail(method: keyof CommitGraph, error: Error | null = unavailable()): void {
    if (error === null) this.#errors.delete(method);
    else this.#errors.set(method, error);
  }

  callsOf(method: keyof CommitGraph): readonly (readonly unknown[])[] {
    return this.calls.filter((call) => call.method === method).map(({ args }) => args);
  }

  ancestry(repository: string, ref: string, query: AncestryQuery): Promise<readonly string[]> {
    return this.#answer("ancestry", [repository, ref, query], () => {
      const excluded = query.excluding === undefined ? new Set<string>() : new Set(this.#history(query.excluding));
      const commits = this.#history(this.#refs.get(ref) ?? ref).filter((sha) => !excluded.has(sha));
      const skip = query.skip ?? 0;
      return commits.slice(skip, skip + query.limit);
    });
  }

  isAncestor(repository: string, ancestor: string, head: string): Promise<boolean | null> {
    return this.#answer("isAncestor", [repository, ancestor, head], () =>
      this.#commits.has(ancestor) && this.#commits.has(head) ? this.#history(head).includes(ancestor) : null,
    );
  }

  parents(repository: string, sha: string): Promise<readonly string[]> {
    return this.#answer("parents", [repository, sha], () => this.#commits.get(sha)?.parents ?? []);
  }

  pullRequest(repository: string, number: number): Promise<PullRequest | null> {
    return this.#answer("pullRequest", [repository, number], () => this.#pulls.get(number) ?? null);
  }

  isMergeOf(repository: string, sha: string, head: string): Promise<boolean | null> {
    return this.#answer("isMergeOf", [repository, sha, head], () => {
      const [own, other] = [this.#commits.get(sha), this.#commits.get(head)];
      return own === undefined || other === undefined ? null : own.tree === other.tree || own.parents.includes(head);
    });
  }

  trees(repository: string, shas: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return this.#answer("trees", [repository, shas], () => {
      const known = shas.filter((sha) => this.#commits.has(sha));
      return new Map(known.map((sha) => [sha, this.#commits.get(sha)?.tree ?? ""]));
    });
  }

  upstream(repository: string): Promise<string | null> {
    return this.#answer("upstream", [repository], () => this.#upstreams.get(repositoryKey(repository)) ?? null);
  }

  /** Newest first: the order they were made in, backwards. */
  #history(head: string): string[] {
    const reached = new Set<string>();
    const open = [head];
    for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
      const commit = this.#commits.get(sha);
      if (commit === undefined || reached.has(sha)) continue;
      reached.add(sha);
      open.push(...commit.parents);
    }
    return [...this.#commits.keys()].filter((sha) => reached.has(sha)).toReversed();
  }

  async #answer<Value>(method: keyof CommitGraph, args: readonly unknown[], work: () => Value): Promise<Value> {
    this.calls.push({ method, args });
    const error = this.#errors.get(method);
    if (error !== undefined) throw error;
    return await Promise.resolve(work());
  }
}

function unavailable(): Error {
  return new WaybillError("SLIP_HISTORY_UNAVAILABLE", { repository: "octo-org/webshop", detail: "it does not answer" });
}
