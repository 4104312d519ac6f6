import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { projectAnswer } from "../../server/answers.ts";
import { openClient, type ServerChoice } from "../../server/choose-server.ts";
import { allPipelines, listRemote } from "../../server/find-remote.ts";
import { safeName } from "../../text/safe-line.ts";
import { styleFor } from "../../text/style.ts";
import { renderTable } from "../../text/table.ts";

export interface ListPipelinesOptions extends ServerChoice {
  readonly json?: boolean;
}

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function listPipelines(context: CommandContext, options: ListPipelinesOptions): Promise<ExitCode> {
  const client = await openClient(context, options);
  const pipelines = await allPipelines(client);
  const projects = new Map<string, string>();
  for await (const { id, name } of listRemote(client, "/v1/projects", projectAnswer)) projects.set(id, name);
  const rows = pipelines.map((pipeline) => ({ ...pipeline, project: projects.get(pipeline.project_id) ?? "" }));
  if (options.json) {
    await writeJson(context, { pipelines: rows });
  } else if (rows.length === 0) {
    await write(context.stderr, `${client.url} has no pipelines that you may see.\n`);
  } else {
    const style = styleFor(context.stdout, context.env);
    const cells = rows.map(({ project, name, repository_url: repository, config_path: file }) =>
      [project, name, repository, file].map(safeName),
    );
    const table = renderTable([["PROJECT", "PIPELINE", "REPOSITORY", "FILE"], ...cells], (padded, row) =>
      row === 0 ? style.paint("dim", padded) : padded,
    );
    await write(context.stdout, table);
  }
  return SUCCESS;
}
