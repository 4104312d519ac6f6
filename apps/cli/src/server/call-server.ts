import { WaybillError } from "@waybill/core";

const TIMEOUT_MS = 60_000;

/**
 * Posts JSON to a server and returns its answer.
 *
 * @param token empty: none
 * @throws WaybillError `SERVER_UNREACHABLE`, `SERVER_REFUSED` with what the server says
 */
export async function callServer(server: string, token: string, path: string, body: unknown): Promise<unknown> {
  const base = URL.parse(server);
  if (base === null || !/^https?:$/.test(base.protocol)) {
    throw new WaybillError("SERVER_UNREACHABLE", { url: server, detail: "it is no http:// or https:// address" });
  }
  const url = new URL(`${base.pathname.replace(/\/+$/, "")}${path}`, base);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token === "" ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    text = await response.text();
  } catch (cause) {
    throw new WaybillError("SERVER_UNREACHABLE", { url: base.origin, detail: reasonOf(cause) }, { cause });
  }
  const answer = parse(text);
  if (response.ok) return answer;
  const { detail, remedy } = problemOf(answer);
  throw new WaybillError("SERVER_REFUSED", { status: response.status, detail, remedy });
}

/** `fetch` says what is wrong in the cause of its error. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message !== "" ? error.cause.message : error.message;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problemOf(answer: unknown): { readonly detail: string; readonly remedy: string } {
  const problem = typeof answer === "object" && answer !== null ? (answer as Readonly<Record<string, unknown>>) : {};
  const { detail, remedy } = problem;
  return {
    detail: typeof detail === "string" ? detail : "it does not say why",
    remedy: typeof remedy === "string" ? remedy : "Is it a Waybill server?",
  };
}
