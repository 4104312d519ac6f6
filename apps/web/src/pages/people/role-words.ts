import type { Role } from "../../api/generated/operations.ts";

export const ROLES: readonly Role[] = ["viewer", "developer", "approver", "admin"];

/** What each role may, beside what those before it may. */
export const ROLE_WORDS: Readonly<Record<Role, string>> = {
  viewer: "sees runs, logs and artifacts",
  developer: "also starts, reruns and cancels runs, and sees the names of secrets",
  approver: "also approves what waits for a person",
  admin: "also changes pipelines, secrets, environments, people and tokens",
};
