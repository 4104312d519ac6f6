import type { IconName } from "../components/icon.tsx";

export interface Destination {
  readonly label: string;
  readonly to: string;
  readonly icon: IconName;
  /** Other words somebody may look for it by. */
  readonly words?: string;
  /** Not in the bar: in the row of pages that this one opens. */
  readonly within?: "settings";
}

/** What the navigation and the palette lead to, in their order. A page adds its line here and its route in router.tsx. */
export const DESTINATIONS: readonly Destination[] = [
  { label: "Activity", to: "/", icon: "activity", words: "home runs dashboard" },
  { label: "Approvals", to: "/approvals", icon: "approvals", words: "waiting reject decide" },
  { label: "Artifacts", to: "/artifacts", icon: "package", words: "files downloads storage retention" },
  { label: "Environments", to: "/environments", icon: "environments", words: "production staging rules approvers" },
  { label: "Settings", to: "/settings", icon: "settings" },
  { label: "Secrets", to: "/settings/secrets", icon: "key", words: "variables tokens passwords", within: "settings" },
  { label: "People", to: "/settings/people", icon: "people", words: "users roles members tokens", within: "settings" },
  { label: "Audit", to: "/settings/audit", icon: "audit", words: "log history verify export", within: "settings" },
  { label: "Server", to: "/settings/server", icon: "system", words: "health executors database", within: "settings" },
  { label: "Profile", to: "/settings/profile", icon: "user", words: "password sessions theme", within: "settings" },
];
