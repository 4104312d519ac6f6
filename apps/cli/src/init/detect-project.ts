import { join } from "node:path";
import { detectors } from "./detectors/registry.ts";
import { openProjectDirectory, type ProjectDirectory } from "./project-files.ts";
import type { Detection, Detector } from "./starter.ts";

export interface DetectedJob {
  readonly name: string;
  readonly detection: Detection;
  /** Relative to the project; null: the project itself. */
  readonly directory: string | null;
  readonly dependsOn: readonly string[];
}

export interface DetectedProject {
  readonly jobs: readonly DetectedJob[];
  readonly hints: readonly string[];
}

/**
 * Looks at the project's own directory and, where there is nothing to build in it, at those directly below.
 * Never fails: an empty directory is a project without jobs.
 */
export async function detectProject(directory: string): Promise<DetectedProject> {
  const project = await openProjectDirectory(directory);
  const own = jobsOf(project, null);
  const jobs = own.length > 0 ? own : await jobsBelow(directory, project);
  return { jobs: withDependencies(jobs), hints: [...new Set(jobs.flatMap(({ detection }) => detection.hints ?? []))] };
}

interface FoundJob {
  readonly name: string;
  readonly kind: Detector["kind"];
  readonly detection: Detection;
  readonly directory: string | null;
}

function jobsOf(project: ProjectDirectory, directory: string | null): FoundJob[] {
  const found: FoundJob[] = [];
  for (const detector of detectors) {
    const { id, kind } = detector;
    if (kind === "wrapper" && found.length > 0) continue;
    const detection = detector.detect(project.files);
    if (detection !== null) found.push({ name: id, kind, detection, directory });
  }
  return found;
}

async function jobsBelow(directory: string, project: ProjectDirectory): Promise<FoundJob[]> {
  const jobs: FoundJob[] = [];
  const taken = new Set<string>();
  for (const name of project.subdirectories) {
    for (const job of jobsOf(await openProjectDirectory(join(directory, name)), name)) {
      const jobName = freeName(`${toJobName(name)}-${job.name}`, taken);
      taken.add(jobName);
      jobs.push({ ...job, name: jobName });
    }
  }
  return jobs;
}

function withDependencies(jobs: readonly FoundJob[]): DetectedJob[] {
  return jobs.map(({ name, kind, detection, directory }) => ({
    name,
    detection,
    directory,
    dependsOn:
      kind === "packaging"
        ? jobs.filter((other) => other.kind !== "packaging" && other.directory === directory).map((other) => other.name)
        : [],
  }));
}

/** Letters, digits, `-` and `_`, beginning with a letter, with room for what is appended. */
function toJobName(text: string): string {
  const cleaned = text.replaceAll(/[^A-Za-z0-9_-]+/g, "-").replace(/^[^A-Za-z]+/, "");
  return cleaned === "" ? "part" : cleaned.slice(0, 35);
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let count = 2; taken.has(name); count++) name = `${wanted}-${count}`;
  return name;
}
