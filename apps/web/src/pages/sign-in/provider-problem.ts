import { ApiError } from "../../api/api-error.ts";

const WORDS: Readonly<Record<string, readonly [title: string, detail: string, remedy: string]>> = {
  AUTH_NOT_INVITED: [
    "You are not known here yet",
    "Your organisation knows you, but there is no user for you on this server.",
    "Ask an administrator to make one, with the address your organisation knows.",
  ],
  OIDC_UNAVAILABLE: [
    "The organisation's sign-in does not answer",
    "The identity provider could not be reached.",
    "Try again in a moment, or sign in with a password or a one-time link.",
  ],
  OIDC_REFUSED: [
    "The sign-in through your organisation failed",
    "What came back from the identity provider was no sign-in that this server began, or it was too late.",
    "Start it again. If it goes on, an administrator finds the reason under this number.",
  ],
};

/**
 * What the server said on the way to the identity provider and back, in words of ours: the address has its code alone.
 *
 * @param code of the server's problem
 * @param requestId under which the server's log has it
 */
export function providerProblem(code: string, requestId: string): ApiError {
  const [title, detail, remedy] = WORDS[Object.hasOwn(WORDS, code) ? code : "OIDC_REFUSED"] ?? ["", "", ""];
  return new ApiError({ type: "about:blank", title, status: 401, detail, code, remedy, request_id: requestId });
}
