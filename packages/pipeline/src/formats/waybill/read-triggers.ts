import { parseGlob } from "@waybill/core";
import type { DiagnosticCollector } from "../../diagnostics/diagnostic.ts";
import { cronProblem } from "../../model/cron-syntax.ts";
import { DEFAULT_TIME_ZONE, isTimeZone, MAX_SCHEDULES, type ScheduleRule } from "../../model/schedule.ts";
import type { ConcurrencyTemplate, Located } from "../../model/template.ts";
import {
  PULL_REQUEST_ACTIONS,
  TRIGGER_EVENTS,
  TRIGGER_FIELD_EVENTS,
  type TriggerCondition,
  type TriggerEventName,
} from "../../model/trigger.ts";
import { joinPath, type MappingNode } from "../../yaml/node.ts";
import { asMapping, booleanAt, characters, itemsAt, mappingAt, textAt, textsAt } from "../read-values.ts";

const MAX_TRIGGERS = 100;
const MAX_PATTERNS = 100;
const MAX_PATTERN_LENGTH = 1000;

type Collector = DiagnosticCollector;

/** What starts the pipeline. A condition in error is left out. */
export function readTriggers(root: MappingNode, collector: Collector): readonly TriggerCondition[] {
  const items = itemsAt(root, "triggers");
  checkNumber(root, "triggers", items.length, MAX_TRIGGERS, collector);
  return items.slice(0, MAX_TRIGGERS).flatMap((item, index) => {
    const trigger = asMapping(item);
    return trigger === null ? [] : (readTrigger(trigger, joinPath("triggers", index), collector) ?? []);
  });
}

function readTrigger(trigger: MappingNode, path: string, collector: Collector): TriggerCondition | null {
  const events = wordsAt(trigger, "event", path, TRIGGER_EVENTS);
  if (events.length === 0) return null;
  const forks = trigger.entries.get("forks")?.value;
  const condition: TriggerCondition = {
    events,
    branches: patternsAt(trigger, "branches", path, collector),
    tags: patternsAt(trigger, "tags", path, collector),
    paths: patternsAt(trigger, "paths", path, collector),
    actions: trigger.entries.has("actions") ? wordsAt(trigger, "actions", path, PULL_REQUEST_ACTIONS) : null,
    forks: forks?.kind === "scalar" && typeof forks.value === "boolean" ? forks.value : null,
  };
  checkFields(trigger, events, path, collector);
  return condition;
}

/** A field that no event of the trigger looks at would promise something that never happens. */
function checkFields(
  trigger: MappingNode,
  events: readonly TriggerEventName[],
  path: string,
  collector: Collector,
): void {
  for (const [field, meaningful] of Object.entries(TRIGGER_FIELD_EVENTS)) {
    const entry = trigger.entries.get(field);
    if (entry === undefined || meaningful.some((event) => events.includes(event))) continue;
    const parameters = { field, events: events.join(", "), meaningful: meaningful.join(" or ") };
    collector.report("PIPELINE_TRIGGER_FIELD_UNUSED", parameters, {
      span: entry.keySpan,
      path: joinPath(path, field),
    });
  }
}

/** Null: the field is not written. */
function patternsAt(parent: MappingNode, key: string, path: string, collector: Collector): readonly string[] | null {
  if (!parent.entries.has(key)) return null;
  const written = oneOrMoreAt(parent, key, path);
  checkNumber(parent, key, written.length, MAX_PATTERNS, collector, path);
  const patterns = written.slice(0, MAX_PATTERNS);
  for (const pattern of patterns) {
    const problem = patternProblem(pattern.value);
    if (problem !== null) {
      collector.report("PIPELINE_PATTERN_INVALID", { pattern: pattern.value, problem }, pattern);
    }
  }
  return patterns.map(({ value }) => value);
}

function patternProblem(pattern: string): string | null {
  if (pattern.length > MAX_PATTERN_LENGTH) return `is longer than ${MAX_PATTERN_LENGTH} characters`;
  if (pattern.includes("${")) return "holds a variable, and they are not replaced here";
  const glob = pattern.startsWith("!") ? pattern.slice(1) : pattern;
  if (glob.trim() === "") return "names nothing";
  if (glob.startsWith("/")) return "starts with a slash, which neither branches nor paths of a repository do";
  return parseGlob(glob) === null ? "stands for too many patterns" : null;
}

/** When the pipeline runs by itself. A schedule in error is left out. */
export function readSchedule(root: MappingNode, collector: Collector): readonly ScheduleRule[] {
  const items = itemsAt(root, "schedule");
  checkNumber(root, "schedule", items.length, MAX_SCHEDULES, collector);
  return items.slice(0, MAX_SCHEDULES).flatMap((item, index) => {
    const schedule = asMapping(item);
    return schedule === null ? [] : (readScheduleRule(schedule, joinPath("schedule", index), collector) ?? []);
  });
}

function readScheduleRule(schedule: MappingNode, path: string, collector: Collector): ScheduleRule | null {
  const cron = textAt(schedule, "cron", path);
  if (cron === null) return null;
  const problem = cronProblem(cron.value);
  if (problem !== null) collector.report("PIPELINE_CRON_INVALID", { cron: cron.value, problem }, cron);
  const timezone = textAt(schedule, "timezone", path);
  if (timezone !== null && !isTimeZone(timezone.value)) {
    collector.report("PIPELINE_TIME_ZONE_UNKNOWN", { timezone: timezone.value }, timezone);
  }
  return {
    cron: cron.value.trim().split(/\s+/).join(" "),
    timezone: timezone?.value ?? DEFAULT_TIME_ZONE,
    branch: textAt(schedule, "branch", path)?.value ?? null,
  };
}

/** Null: the pipeline says nothing of other runs. */
export function readConcurrency(root: MappingNode): ConcurrencyTemplate | null {
  const concurrency = mappingAt(root, "concurrency");
  const group = concurrency === null ? null : textAt(concurrency, "group", "concurrency");
  if (concurrency === null || group === null) return null;
  return { group, cancelInProgress: booleanAt(concurrency, "cancel_in_progress", "concurrency") };
}

function wordsAt<Word extends string>(
  parent: MappingNode,
  key: string,
  path: string,
  words: readonly Word[],
): readonly Word[] {
  const written = new Set(oneOrMoreAt(parent, key, path).map(({ value }) => value));
  return words.filter((word) => written.has(word));
}

function oneOrMoreAt(parent: MappingNode, key: string, path: string): readonly Located<string>[] {
  const node = parent.entries.get(key)?.value;
  if (node?.kind === "sequence") return textsAt(parent, key, path);
  const single = node === undefined ? null : characters(node, joinPath(path, key));
  return single === null ? [] : [single];
}

function checkNumber(
  parent: MappingNode,
  key: string,
  count: number,
  limit: number,
  collector: Collector,
  path = "",
): void {
  const entry = parent.entries.get(key);
  if (entry === undefined || count <= limit) return;
  const place = { span: entry.keySpan, path: joinPath(path, key) };
  collector.report("PIPELINE_LIST_TOO_LONG", { field: key, count, limit }, place);
}
