import type { SavedArtifact } from "@waybill/engine";
import { posix } from "node:path";
import { shellWord, shellWordWith } from "../../text/shell-word.ts";
import { WORKSPACE_MARKER, type StepRecipe } from "./recipe.ts";

export const WORKSPACE = '"$workspace"';

/** What steps inherit of the host; the rest of a person's environment must not make the difference. */
const INHERITED = ["PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "TZ"];

export interface CopySource {
  /** Absolute. */
  readonly project: string;
  readonly isInGit: boolean;
  /** Number of the run. */
  readonly run: number;
  /** In the order in which the job got them. */
  readonly artifacts: readonly SavedArtifact[];
  /** The words that start the program. */
  readonly waybill: readonly string[];
}

/** Makes a fresh directory of the project's files as they are now, and what the jobs before built. */
export function setupCommands({ project, isInGit, run, artifacts, waybill }: CopySource): readonly string[] {
  const archive = isInGit
    ? "git ls-files -z --cached --others --exclude-standard -- . ':!.waybill' | tar --null -T - -cf -"
    : "tar --exclude=.git --exclude=.waybill --exclude=node_modules -cf - .";
  return [
    "workspace=$(mktemp -d)",
    `(cd -- ${shellWord(project)} && ${archive}) | tar -C ${WORKSPACE} -xf -`,
    ...artifacts.map(({ jobName, name }) => {
      const get = [...waybill, "artifacts", "get", "--force", String(run), jobName, name].map(shellWord).join(" ");
      return `(cd -- ${shellWord(project)} && ${get} --to ${WORKSPACE} >/dev/null)`;
    }),
  ];
}

/** One command that does what the step did, in an environment like the one it had. */
export function stepCommand(step: StepRecipe): string {
  const inherited = INHERITED.map((name) => `\${${name}+${name}="$${name}"}`).join(" ");
  const own = Object.entries(step.environment).map(
    ([name, value]) => `  ${name}=${value === "" ? "" : shellWordWith(value, WORKSPACE_MARKER, WORKSPACE)} \\\n`,
  );
  return (
    `(cd -- ${directoryWord(step.workingDirectory)} && env -i ${inherited} CI=true WAYBILL=true WAYBILL_OUTPUT=${WORKSPACE}.output \\\n` +
    `${own.join("")}  sh -c ${shellWordWith(scriptOf(step), WORKSPACE_MARKER, WORKSPACE)})`
  );
}

/** The entries as one script that ends with the first one that fails, as the executor joins them. */
export function scriptOf(step: StepRecipe): string {
  const entries = step.script.map((entry) => `${entry}\n\ncase $? in 0) ;; *) exit ;; esac\n`);
  return `set -e\n${entries.join("")}`;
}

function directoryWord(workingDirectory: string): string {
  const path = posix.normalize(workingDirectory === "" ? "." : workingDirectory).replace(/^\/workspace(?=\/|$)/, ".");
  if (path.startsWith(WORKSPACE_MARKER) || posix.isAbsolute(path)) {
    return shellWordWith(path, WORKSPACE_MARKER, WORKSPACE);
  }
  const below = posix.normalize(path).replace(/^\.?\/?$/, "");
  return below === "" ? WORKSPACE : `${WORKSPACE}/${shellWord(below)}`;
}
