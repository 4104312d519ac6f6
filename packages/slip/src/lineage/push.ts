/** What lineage needs to know of a push. */
export interface LineagePush {
  readonly repository: string;
  /** Another one than `repository`: the push was to a fork. */
  readonly sourceRepository: string;
  readonly branch: string;
  readonly commitSha: string;
  /** Empty: not told. */
  readonly commitMessage: string;
  /** What the branch pointed to before; empty: to nothing, or not told. */
  readonly before: string;
  /** Whether the branch's history was written anew; null: not told. */
  readonly isForced: boolean | null;
}
