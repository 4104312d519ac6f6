import { openImageStore, type ImageStore } from "@waybill/executors";
import type { CommandContext } from "../../context.ts";
import { findProject } from "../../files/pipeline-file.ts";
import { prepareProject, projectPaths } from "../../files/project.ts";

/** The images of the project the command is called in. Looking must not make directories. */
export async function projectImages(context: CommandContext, purpose: "make" | "look"): Promise<ImageStore> {
  const project = findProject(context, "run");
  const paths = purpose === "make" ? await prepareProject(project) : projectPaths(project);
  return openImageStore(paths.images, context.clock);
}
