import type { IconName } from "../components/icon.tsx";

export interface Destination {
  readonly label: string;
  readonly to: string;
  readonly icon: IconName;
  /** Other words somebody may look for it by. */
  readonly words?: string;
}

/** What the navigation and the palette lead to, in their order. A page adds its line here and its route in router.tsx. */
export const DESTINATIONS: readonly Destination[] = [
  { label: "Activity", to: "/", icon: "activity", words: "home runs dashboard" },
];
