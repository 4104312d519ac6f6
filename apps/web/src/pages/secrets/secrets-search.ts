import { textSearch } from "../../shell/text-search.ts";

/** `edit`, `of` and `branch` name the secret whose value is being given; empty `edit` is a new one. */
export function secretsSearch(search: Record<string, unknown>): {
  readonly project?: string;
  readonly environment?: string;
  readonly edit?: string;
  readonly of?: string;
  readonly branch?: string;
} {
  const given = textSearch("project", "environment", "edit", "of", "branch")(search);
  return search["edit"] === "" ? { ...given, edit: "" } : given;
}
