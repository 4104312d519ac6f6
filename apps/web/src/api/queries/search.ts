import { call } from "../client.ts";
import type { SearchHit } from "../generated/operations.ts";
import { keys } from "../keys.ts";
import type { Query } from "../query.ts";

const MOST = 30;
/** As the server takes it. */
const LONGEST = 200;

/** @param text not blank */
export function searchQuery(text: string): Query<{ readonly items: readonly SearchHit[] }> {
  const q = text.slice(0, LONGEST);
  return { queryKey: keys.search(q), queryFn: ({ signal }) => call("search", { query: { q, limit: MOST }, signal }) };
}
