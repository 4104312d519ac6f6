import type { TriggerRule } from "../../api/generated/operations.ts";

/** What a trigger asks for besides its events: `on main, release/**, where src/** changed`. */
export function triggerText({ events, branches, tags, paths, actions, forks }: TriggerRule): string {
  const hasBranches = events.includes("push") || events.includes("pull_request");
  const parts = [
    ...(branches === null ? (hasBranches ? ["on any branch"] : []) : [`on ${branches.join(", ")}`]),
    ...(tags === null ? (events.includes("tag") ? ["of any name"] : []) : [`named ${tags.join(", ")}`]),
    ...(paths === null ? [] : [`where ${paths.join(", ")} changed`]),
    ...(actions === null ? [] : [`when ${actions.join(", ")}`]),
    ...(forks === null ? [] : [forks ? "from forks" : "from the repository itself"]),
  ];
  return parts.length === 0 ? "always" : parts.join(", ");
}
