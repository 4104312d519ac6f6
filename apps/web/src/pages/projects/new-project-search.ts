import { textOf } from "../../api/queries/run-filter.ts";

export interface NewProjectSearch {
  /** Id of the project that gets another pipeline; undefined: a new one. */
  readonly project?: string;
  /** The repository's address. */
  readonly url?: string;
}

export function newProjectSearch(search: Record<string, unknown>): NewProjectSearch {
  const [project, url] = [textOf(search["project"]), textOf(search["url"])];
  return { ...(project === null ? {} : { project }), ...(url === null ? {} : { url }) };
}
