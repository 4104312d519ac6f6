import { safeReturn } from "../../session/session.ts";
import { textSearch } from "../../shell/text-search.ts";

export interface SignInSearch {
  readonly return_to?: string;
  /** There was a session, and it is over. */
  readonly ended?: string;
  /** Code of what went wrong on the way through the identity provider, and under what the server's log has it. */
  readonly problem?: string;
  readonly request_id?: string;
}

export function signInSearch(search: Record<string, unknown>): SignInSearch {
  const { return_to, ended, problem, request_id } = textSearch("return_to", "ended", "problem", "request_id")(search);
  return {
    ...(return_to === undefined ? {} : { return_to: safeReturn(return_to) }),
    ...(ended === undefined ? {} : { ended }),
    // Whoever makes a link with it puts no words of theirs onto this page.
    ...(problem === undefined || !/^[A-Z_]{1,40}$/.test(problem) ? {} : { problem }),
    ...(request_id === undefined || !/^[\w.-]{1,64}$/.test(request_id) ? {} : { request_id }),
  };
}
