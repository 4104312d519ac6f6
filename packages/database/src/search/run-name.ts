/** What the commits and refs of runs are kept as in `run_names`: branches and tags by the names that people know. */
export type RunNameKind = "commit" | "branch" | "tag" | "ref";

export interface RunName {
  readonly kind: RunNameKind;
  readonly name: string;
}

const BEGINNINGS = { branch: "refs/heads/", tag: "refs/tags/" } as const;

export function runNameOfRef(ref: string): RunName {
  for (const kind of ["branch", "tag"] as const) {
    if (ref.startsWith(BEGINNINGS[kind])) return { kind, name: ref.slice(BEGINNINGS[kind].length) };
  }
  return { kind: "ref", name: ref };
}

/** The full ref, or the whole name of the commit. */
export function fullNameOf({ kind, name }: RunName): string {
  return kind === "branch" || kind === "tag" ? BEGINNINGS[kind] + name : name;
}
