import type { DiagnosticCollector } from "../../diagnostics/diagnostic.ts";
import { DEFAULT_BACKOFF, parseCondition, type Backoff, type RetryCondition } from "../../model/retry-rule.ts";
import type { RetryTemplate } from "../../model/template.ts";
import { joinPath, type MappingNode } from "../../yaml/node.ts";
import { itemsAt, mappingAt, numberAt } from "../read-values.ts";

/** @returns null where the job or step has no `retry` */
export function readRetry(owner: MappingNode, path: string, collector: DiagnosticCollector): RetryTemplate | null {
  const entry = owner.entries.get("retry");
  const retry = mappingAt(owner, "retry");
  if (entry === undefined || retry === null) return null;
  const retryPath = joinPath(path, "retry");
  if (owner.entries.has("retry_count")) {
    collector.report("PIPELINE_RETRY_AND_RETRY_COUNT", {}, { span: entry.keySpan, path: retryPath });
  }
  const backoff = mappingAt(retry, "backoff");
  const backoffPath = joinPath(retryPath, "backoff");
  const maxDelay = backoff === null ? null : numberAt(backoff, "max_delay", backoffPath);
  return {
    max: numberAt(retry, "max", retryPath),
    when: retry.entries.has("when") ? readConditions(retry, retryPath, collector) : null,
    delay: backoff === null ? null : numberAt(backoff, "delay", backoffPath),
    maxDelay,
    factor: plainNumber(backoff, "factor") ?? DEFAULT_BACKOFF.factor,
    jitter: plainNumber(backoff, "jitter") ?? DEFAULT_BACKOFF.jitter,
  };
}

function readConditions(retry: MappingNode, path: string, collector: DiagnosticCollector): readonly RetryCondition[] {
  const base = joinPath(path, "when");
  return itemsAt(retry, "when").flatMap((node, index) => {
    if (node.kind !== "scalar") return [];
    const condition = parseCondition(node.value);
    // The schema knows the form of a range, not whether it makes sense.
    if (condition === null && typeof node.value === "string" && /^[\d-]+$/.test(node.value)) {
      const place = { span: node.span, path: joinPath(base, index) };
      collector.report("PIPELINE_EXIT_CODES_INVALID", { codes: node.value }, place);
    }
    return condition ?? [];
  });
}

function plainNumber(parent: MappingNode | null, key: keyof Backoff): number | null {
  const node = parent?.entries.get(key)?.value;
  return node?.kind === "scalar" && typeof node.value === "number" ? node.value : null;
}
