import type { RunInput } from "@waybill/engine";
import { parseRef, type ManualEvent } from "@waybill/projects";
import { inputsOf } from "./run-cause.ts";

export interface ManualRequest {
  /** Of the repository. */
  readonly url: string;
  readonly gitRef: string;
  readonly gitSha: string;
  readonly inputs: Readonly<Record<string, RunInput>>;
  /** Who asks, as far as it is known. */
  readonly actor: unknown;
}

/** Somebody asks for a run of a pipeline. */
export function manualEvent({ url, gitRef, gitSha, inputs, actor }: ManualRequest): ManualEvent {
  const ref = parseRef(gitRef);
  return {
    kind: "manual",
    source: "waybill",
    repository: { name: repositoryName(url), urls: [url] },
    actor: typeof actor === "string" ? actor : "",
    branch: ref?.kind === "branch" ? ref.name : null,
    tag: ref?.kind === "tag" ? ref.name : null,
    sha: gitSha,
    inputs: inputsOf(inputs),
  };
}

/** `https://host/owner/name.git` -> `owner/name` */
export function repositoryName(url: string): string {
  const path = URL.parse(url)?.pathname ?? url;
  return path.replaceAll(/^\/+|\/+$/g, "").replace(/\.git$/i, "");
}
