import type { Verdict } from "./decision-dialog.tsx";
import { textSearch } from "../../shell/text-search.ts";

export interface ApprovalsSearch {
  /** Which one is being decided, and how. */
  readonly approval?: string;
  readonly verdict?: Verdict;
}

export function approvalsSearch(search: Record<string, unknown>): ApprovalsSearch {
  const { approval, verdict } = textSearch("approval", "verdict")(search);
  return {
    ...(approval === undefined ? {} : { approval }),
    ...(verdict === "approve" || verdict === "reject" ? { verdict } : {}),
  };
}
