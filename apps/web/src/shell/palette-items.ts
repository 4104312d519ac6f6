import type { Run } from "../api/generated/operations.ts";
import { shortRef } from "../components/format.ts";
import type { IconName } from "../components/icon.tsx";
import { DESTINATIONS } from "./navigation.ts";

export interface PaletteItem {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly subtitle: string;
  readonly icon: IconName;
  readonly href: string;
}

export interface PaletteSources {
  readonly runs: readonly Run[];
}

const MOST = 30;

/**
 * What matches a text, of what this browser knows: pages, and recent runs by number (`#12`), branch, commit and name. Pages
 * of projects and pipelines, and the server's search over everything, join here.
 */
export function paletteItems(text: string, { runs }: PaletteSources): readonly PaletteItem[] {
  const wanted = text.trim().toLowerCase();
  const pages = DESTINATIONS.filter(({ label, words = "" }) => `${label} ${words}`.toLowerCase().includes(wanted)).map(
    ({ label, to, icon }): PaletteItem => ({
      id: `page ${to}`,
      kind: "Page",
      title: label,
      subtitle: "",
      icon,
      href: to,
    }),
  );
  const matchingRuns = runs
    .filter((run) => matchesRun(run, wanted))
    .map((run): PaletteItem => ({
      id: run.id,
      kind: "Run",
      title: `#${run.number} ${run.pipeline_name}`,
      subtitle: [run.status, run.git_ref === null ? "" : shortRef(run.git_ref), run.git_sha?.slice(0, 8) ?? ""]
        .filter((part) => part !== "")
        .join(" · "),
      icon: "activity",
      href: `/runs/${run.id}`,
    }));
  return [...pages, ...matchingRuns].slice(0, MOST);
}

function matchesRun({ number, pipeline_name, git_ref, git_sha, id }: Run, wanted: string): boolean {
  if (/^#\d+$/.test(wanted)) return String(number).startsWith(wanted.slice(1));
  if (/^[0-9a-f]{4,64}$/.test(wanted) && git_sha?.startsWith(wanted) === true) return true;
  return `${number} ${pipeline_name} ${git_ref ?? ""} ${id}`.toLowerCase().includes(wanted);
}
