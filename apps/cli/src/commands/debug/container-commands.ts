import type { DockerRecipe } from "@waybill/executors";
import type { JobPlace } from "@waybill/pipeline";
import { posix } from "node:path";
import { shellWord } from "../../text/shell-word.ts";
import type { StepRecipe } from "./recipe.ts";
import { scriptOf, WORKSPACE } from "./render.ts";

/** A directory beside the workspace: the steps' home, temporary directory, and what they hand on. */
const CONTROL = '"$control"';

/** Steps of a job as commands that run them in containers, made as the executor makes its own. */
export class ContainerCommands {
  readonly #recipe: (image: string | null) => DockerRecipe;

  /** @param executors - loaded only where a job ran in a container */
  constructor(
    place: JobPlace,
    executors: { readonly dockerRecipe: (place: JobPlace, image: string | null) => DockerRecipe },
  ) {
    this.#recipe = (image) => executors.dockerRecipe(place, image);
  }

  /** Where steps see the workspace. */
  get workspace(): string {
    return this.#recipe(null).workspace;
  }

  imageOf(step: StepRecipe): string {
    return this.#recipe(step.image).image;
  }

  /** What has to be there besides the workspace, and whose it is. After the workspace is filled. */
  setup(): readonly string[] {
    const { directories, isRoot, ordinaryUser } = this.#recipe(null);
    const made = directories.map((name) => `${CONTROL}/${shellWord(name)}`).join(" ");
    const commands = [`control=$(mktemp -d) && mkdir ${made}`];
    if (isRoot) return commands;
    return [
      ...commands,
      `if [ "$(id -u)" = 0 ]; then user=${ordinaryUser}; else user=$(id -u):$(id -g); fi`,
      // -h: a link among the files must not give away what it leads to.
      `chown -Rh "$user" ${WORKSPACE} ${CONTROL}`,
    ];
  }

  /** @param hasTerminal - whether the step is to have one, and be ended with it */
  step(step: StepRecipe, hasTerminal: boolean): string {
    const { image, options, isRoot, workspace, control, variables, preparation } = this.#recipe(step.image);
    const values = { ...variables, ...step.environment, WAYBILL_OUTPUT: `${control}/output` };
    const redacted = new Set(step.redacted);
    const lines = [
      `docker run --rm ${hasTerminal ? "-it " : ""}--user ${isRoot ? "0:0" : '"$user"'} --workdir ${workspace}`,
      `--volume ${WORKSPACE}:${workspace} --volume ${CONTROL}:${control}`,
      ...options.map((group) => group.map(shellWord).join(" ")),
      // A name alone: Docker takes the value from the shell the command is run in.
      ...Object.entries(values).map(
        ([name, value]) => `--env ${shellWord(redacted.has(name) ? name : `${name}=${value}`)}`,
      ),
      `--entrypoint /bin/sh -- ${shellWord(image)}`,
      `-c ${shellWord(`${preparation}${enter(step, workspace)}${scriptOf(step)}`)}`,
    ];
    return lines.join(" \\\n  ");
  }
}

/** `--workdir` would make a directory that is not there, and the step would not fail as it did. */
function enter(step: StepRecipe, workspace: string): string {
  const directory = posix.resolve(workspace, step.workingDirectory);
  return directory === workspace ? "" : `CDPATH= cd -- ${shellWord(directory)} || exit\n`;
}
