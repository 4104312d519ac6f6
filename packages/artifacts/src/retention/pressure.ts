/** How full the store is. */
export type PressureLevel = "normal" | "yellow" | "orange" | "red" | "critical";

/** From so many per cent of the quota on, the highest first. */
export const PRESSURE_LEVELS: readonly (readonly [from: number, level: PressureLevel])[] = [
  [98, "critical"],
  [95, "red"],
  [90, "orange"],
  [80, "yellow"],
];

/** @param usedPercent of the quota */
export function pressureLevel(usedPercent: number): PressureLevel {
  return PRESSURE_LEVELS.find(([from]) => usedPercent >= from)?.[1] ?? "normal";
}

/** What is left of age and grace at a level. Levels replace each other, they do not add up. */
export function retentionFactor(level: PressureLevel): number {
  switch (level) {
    case "normal":
      return 1;
    case "yellow":
      return 0.75;
    case "orange":
    case "red":
    case "critical":
      return 0.5;
  }
}

/** Below this use no more is evicted for its size. */
export const EVICTION_TARGET_PERCENT = 90;

const USUAL_INTERVAL_HOURS = 4;
const TIERS: readonly PressureLevel[] = ["normal", "yellow", "orange", "red", "critical"];

/** Hours until the next cleanup: half as many with each level. */
export function cleanupIntervalHours(level: PressureLevel): number {
  return USUAL_INTERVAL_HOURS / 2 ** TIERS.indexOf(level);
}

export function actionOf(level: PressureLevel): string {
  switch (level) {
    case "normal":
      return "none";
    case "yellow":
      return "retention periods 25 % shorter";
    case "orange":
      return "retention periods 50 % shorter, the largest unreferenced artifacts evicted";
    case "red":
      return "all unreferenced artifacts deleted regardless of age";
    case "critical":
      return "all unreferenced artifacts deleted regardless of age, new ones refused";
  }
}
