import type { Run, SearchHit } from "../api/generated/operations.ts";
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
  /** Of late, which this browser has anyway. */
  readonly runs: readonly Run[];
  /** What the server found for the text. */
  readonly hits: readonly SearchHit[];
  /** What was opened before. */
  readonly recent: readonly PaletteItem[];
}

const MOST = 30;
const MOST_RUNS = 12;

/** Pages that are in no navigation. */
const OTHERS = [
  { label: "New project", to: "/projects/new", icon: "plus", words: "connect repository create" },
] as const;

/**
 * What a text leads to: without one what was opened before, pages, and the newest runs; with one the pages and runs known
 * here at once, and what the server finds as soon as it answers. Each address once.
 */
export function paletteItems(text: string, { runs, hits, recent }: PaletteSources): readonly PaletteItem[] {
  const wanted = text.trim().toLowerCase();
  const pages = [...DESTINATIONS, ...OTHERS]
    .filter(({ label, words = "" }) => `${label} ${words}`.toLowerCase().includes(wanted))
    .map(({ label, to, icon }): PaletteItem => ({
      id: `page ${to}`,
      kind: "Page",
      title: label,
      subtitle: "",
      icon,
      href: to,
    }));
  const known = runs
    .filter((run) => matchesRun(run, wanted))
    .slice(0, MOST_RUNS)
    .map(runItem);
  const found = hits.map(hitItem);
  const items = wanted === "" ? [...recent, ...pages, ...known] : [...pages, ...found, ...known];
  return [...new Map(items.toReversed().map((item) => [item.href, item])).values()].toReversed().slice(0, MOST);
}

function runItem(run: Run): PaletteItem {
  return {
    id: run.id,
    kind: "Run",
    title: `#${run.number} ${run.pipeline_name}`,
    subtitle: [run.status, run.git_ref === null ? "" : shortRef(run.git_ref), run.git_sha?.slice(0, 8) ?? ""]
      .filter((part) => part !== "")
      .join(" · "),
    icon: "activity",
    href: `/runs/${run.id}`,
  };
}

function matchesRun({ number, pipeline_name, git_ref, git_sha, id }: Run, wanted: string): boolean {
  if (/^#\d+$/.test(wanted)) return String(number).startsWith(wanted.slice(1));
  if (/^[0-9a-f]{4,64}$/.test(wanted) && git_sha?.startsWith(wanted) === true) return true;
  return `${number} ${pipeline_name} ${git_ref ?? ""} ${id}`.toLowerCase().includes(wanted);
}

const KINDS: Readonly<Record<SearchHit["kind"], readonly [word: string, icon: IconName]>> = {
  project: ["Project", "projects"],
  pipeline: ["Pipeline", "graph"],
  run: ["Run", "activity"],
  job: ["Job", "timeline"],
  commit: ["Commit", "commit"],
  branch: ["Branch", "branch"],
  tag: ["Tag", "branch"],
  ref: ["Ref", "branch"],
  pull_request: ["Pull request", "branch"],
};

function hitItem(hit: SearchHit): PaletteItem {
  const [kind, icon] = KINDS[hit.kind];
  return { id: `${hit.kind} ${hit.id}`, kind, title: hit.title, subtitle: hit.subtitle, icon, href: hrefOf(hit) };
}

/** Where a hit leads: a commit to its newest run, a branch to its runs. */
function hrefOf({ kind, id, title, project, run_id: run }: SearchHit): string {
  const ofProject = project === null ? "" : `&project=${encodeURIComponent(project.id)}`;
  switch (kind) {
    case "project":
      return `/projects/${id}`;
    case "pipeline":
      return `/pipelines/${id}`;
    case "job":
      return `/runs/${run ?? ""}?job=${encodeURIComponent(title)}`;
    case "branch":
      return `/?branch=${encodeURIComponent(shortRef(id))}${ofProject}`;
    case "tag":
    case "ref":
    case "pull_request":
      return `/?ref=${encodeURIComponent(id)}${ofProject}`;
    case "run":
    case "commit":
      return `/runs/${run ?? id}`;
  }
}
