export { admit, nextToStart, type Admission, type GroupMember } from "./admit.ts";
export type { ConcurrencyGroups, GroupEntry } from "./ports.ts";
