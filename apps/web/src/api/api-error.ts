import type { Problem } from "./generated/operations.ts";

/** What the server answered in place of what was asked for, or that it did not answer. */
export class ApiError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = "ApiError";
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }

  /** 0: there was no answer. */
  get status(): number {
    return this.problem.status;
  }
}

/** Of whatever was thrown, something that can be shown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ApiError) return error.problem;
  const detail = error instanceof Error ? error.message : String(error);
  return {
    type: "about:blank",
    title: "This page has a defect",
    status: 0,
    detail,
    code: "WEB_DEFECT",
    remedy: "Load the page again. If it comes back, please report it with what you did before.",
    request_id: "",
  };
}

export function unreachable(): ApiError {
  return new ApiError({
    type: "about:blank",
    title: "The server does not answer",
    status: 0,
    detail: "The server did not answer.",
    code: "WEB_UNREACHABLE",
    remedy: "Check the network, and that the server runs. This page connects again by itself.",
    request_id: "",
  });
}

/** An answer that is no problem of ours: of a proxy in between, say. */
export function strangeAnswer(status: number): ApiError {
  return new ApiError({
    type: "about:blank",
    title: "An answer that is not Waybill's",
    status,
    detail: `Something between here and the server answered with HTTP ${status}.`,
    code: "WEB_STRANGE_ANSWER",
    remedy: "Look at the proxy in front of the server.",
    request_id: "",
  });
}
