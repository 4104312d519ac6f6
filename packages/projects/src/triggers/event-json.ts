import { WaybillError } from "@waybill/core";
import { PULL_REQUEST_ACTIONS } from "@waybill/pipeline";
import * as z from "zod/mini";
import { isRefName, isSha } from "./git-names.ts";
import type { TriggerEvent } from "./trigger-event.ts";

/*
 * An event as it is stored and shown: `pipeline_runs.trigger_event`. Names are the wire's. Beside its fields may be those
 * of whoever stores it: why it started the run, say.
 */

const ref = z.string().check(z.refine(isRefName));
const sha = z.string().check(z.refine(isSha));
const repository = z.object({ name: z.string(), urls: z.array(z.string()) });
const common = { source: z.string(), repository, actor: z.string() };
const place = { branch: z.nullable(ref), tag: z.nullable(ref), sha: z.nullable(sha) };
const inputValue = z.union([z.string(), z.number(), z.boolean()]);

const schema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("push"), ...common, branch: ref, before: z.nullable(sha), sha }),
  z.object({ kind: z.literal("tag"), ...common, tag: ref, sha }),
  z.object({ kind: z.literal("deletion"), ...common, of: z.enum(["branch", "tag"]), name: ref }),
  z.object({
    kind: z.literal("pull_request"),
    ...common,
    action: z.enum(PULL_REQUEST_ACTIONS),
    number: z.int().check(z.positive()),
    sha,
    source_branch: ref,
    target_branch: ref,
    base_sha: z.nullable(sha),
    is_fork: z.boolean(),
    is_from_member: z.nullable(z.boolean()),
    fetch_ref: z.string(),
    is_merged: z.boolean(),
  }),
  z.object({ kind: z.literal("manual"), ...common, ...place, inputs: z.record(z.string(), inputValue) }),
  z.object({
    kind: z.literal("cron"),
    ...common,
    branch: ref,
    cron: z.string(),
    timezone: z.string(),
    due_at: z.int(),
  }),
  z.object({ kind: z.literal("webhook"), ...common, ...place, inputs: z.record(z.string(), z.unknown()) }),
]);

export type TriggerEventJson = z.infer<typeof schema>;

export function eventToJson(event: TriggerEvent): TriggerEventJson {
  switch (event.kind) {
    case "pull_request": {
      const { sourceBranch, targetBranch, baseSha, isFork, isFromMember, fetchRef, isMerged, ...rest } = event;
      return {
        ...rest,
        repository: copyOf(event),
        source_branch: sourceBranch,
        target_branch: targetBranch,
        base_sha: baseSha,
        is_fork: isFork,
        is_from_member: isFromMember,
        fetch_ref: fetchRef,
        is_merged: isMerged,
      };
    }
    case "cron": {
      const { dueAt, ...rest } = event;
      return { ...rest, repository: copyOf(event), due_at: dueAt };
    }
    case "push":
    case "tag":
    case "deletion":
    case "manual":
    case "webhook":
      return { ...event, repository: copyOf(event) };
  }
}

function copyOf({ repository: { name, urls } }: TriggerEvent): { name: string; urls: string[] } {
  return { name, urls: [...urls] };
}

/** @throws WaybillError `TRIGGER_EVENT_UNREADABLE` */
export function eventFromJson(value: unknown): TriggerEvent {
  const result = z.safeParse(schema, value);
  if (!result.success) {
    const detail = result.error.issues[0]?.path.join(".") ?? "";
    throw new WaybillError("TRIGGER_EVENT_UNREADABLE", { detail: detail === "" ? "the whole" : detail });
  }
  const json = result.data;
  switch (json.kind) {
    case "pull_request": {
      const { source_branch, target_branch, base_sha, is_fork, is_from_member, fetch_ref, is_merged, ...rest } = json;
      return {
        ...rest,
        sourceBranch: source_branch,
        targetBranch: target_branch,
        baseSha: base_sha,
        isFork: is_fork,
        isFromMember: is_from_member,
        fetchRef: fetch_ref,
        isMerged: is_merged,
      };
    }
    case "cron": {
      const { due_at, ...rest } = json;
      return { ...rest, dueAt: due_at };
    }
    case "push":
    case "tag":
    case "deletion":
    case "manual":
    case "webhook":
      return json;
  }
}
