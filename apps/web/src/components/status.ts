/** How something stands, as people see it: each has one colour, one icon and one word, everywhere. */
export type Status = "queued" | "running" | "success" | "failed" | "cancelled" | "held" | "person";

export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  queued: "queued",
  running: "running",
  success: "success",
  failed: "failed",
  cancelled: "cancelled",
  held: "held",
  person: "waiting for a person",
};

const WIRE: Readonly<Record<string, Status>> = {
  pending: "queued",
  running: "running",
  retry: "held",
  success: "success",
  failed: "failed",
  cancelled: "cancelled",
};

/** Of a status of the API. Words for `retry` and for reasons come with it: `StatusMark` shows them. */
export function statusOf(wire: string): Status {
  return WIRE[wire] ?? "queued";
}

export function isSettled(wire: string): boolean {
  return wire === "success" || wire === "failed" || wire === "cancelled";
}

/** `retry` is held until its next attempt, and says so. */
export function wordOf(wire: string): string {
  return wire === "retry" ? "retrying" : STATUS_WORDS[statusOf(wire)];
}
