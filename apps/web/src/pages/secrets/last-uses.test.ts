import { expect, test } from "vitest";
import type { AuditEntry } from "../../api/generated/operations.ts";
import { lastUses } from "./last-uses.ts";

function use(timestamp: string, resource: string, context: AuditEntry["context"]): AuditEntry {
  const rest = { seq: 1, event_id: "", actor_id: "", action: "SECRET_ACCESSED", project_id: "p" };
  return { ...rest, timestamp, resource, context, previous_hash: "", integrity_hash: "" };
}

test("the newest use of each name counts, and a log that says something else is none", () => {
  const found = lastUses([
    use("2026-01-03", "run:c", { job: "ship", names: ["A"] }),
    use("2026-01-02", "run:b", { job: "test", names: ["A", "B", 7] }),
    use("2026-01-01", "run:a", { names: "B" }),
  ]);
  expect([...found]).toEqual([
    ["A", { time: "2026-01-03", runId: "c", job: "ship" }],
    ["B", { time: "2026-01-02", runId: "b", job: "test" }],
  ]);
});
