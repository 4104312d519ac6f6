import { ApiError, strangeAnswer, unreachable } from "./api-error.ts";
import { OPERATIONS, type Operations, type Problem } from "./generated/operations.ts";

export type OperationId = keyof Operations;

/** Parameters, query and body of an operation, as its schemas have them, and what ends it early. */
export type Args<Id extends OperationId> = Operations[Id]["args"];

export type Result<Id extends OperationId> = Operations[Id]["result"];

interface AnyArgs {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

let csrfToken: string | null = null;
let whenSignedOut: () => void = () => undefined;

/** Of the session: every request that changes something carries it. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

/** @param listener is called when the server says that nobody is signed in */
export function onSignedOut(listener: () => void): void {
  whenSignedOut = listener;
}

/** The address of an operation, for links to what browsers show or save themselves. */
export function addressOf<Id extends OperationId>(id: Id, args: Args<Id>): string {
  const [, path] = OPERATIONS[id];
  const { params = {}, query = {} } = args as AnyArgs;
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
  const given = Object.entries(query).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === null ? [] : [[name, String(value as string | number | boolean)]],
  );
  return given.length === 0 ? filled : `${filled}?${new URLSearchParams(given).toString()}`;
}

/**
 * Carries out an operation of the server's API.
 *
 * @throws ApiError with the server's problem; `WEB_UNREACHABLE` where there was no answer
 */
export async function call<Id extends OperationId>(id: Id, args: Args<Id>): Promise<Result<Id>> {
  const [method] = OPERATIONS[id];
  const { body, signal } = args as AnyArgs;
  const changes = method !== "GET";
  const response = await send(addressOf(id, args), {
    method,
    headers: {
      accept: "application/json",
      ...(changes && csrfToken !== null ? { "x-csrf-token": csrfToken } : {}),
      ...(changes ? { "content-type": "application/json" } : {}),
    },
    ...(changes ? { body: JSON.stringify(body ?? {}) } : {}),
    ...(signal === undefined ? {} : { signal }),
  });
  if (!response.ok) throw await errorOf(response, id);
  if (response.status === 204) return null;
  return (await response.json()) as Result<Id>;
}

async function send(address: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(address, request);
  } catch (error) {
    if (request.signal?.aborted === true) throw error;
    throw unreachable();
  }
}

async function errorOf(response: Response, id: OperationId): Promise<ApiError> {
  if (response.headers.get("content-type")?.startsWith("application/problem+json") !== true) {
    return strangeAnswer(response.status);
  }
  const problem = (await response.json()) as Problem;
  // Whoever gives a wrong password is told so where they gave it.
  if (response.status === 401 && !id.startsWith("signIn")) whenSignedOut();
  return new ApiError(problem);
}
