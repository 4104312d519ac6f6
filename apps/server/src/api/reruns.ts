import * as z from "zod/mini";
import { auditEntry } from "../access/audit-entry.ts";
import { principalOf } from "../access/guard.ts";
import { defineRoute, type Route } from "../http/route.ts";
import { rerun } from "../runs/rerun.ts";
import { runOf } from "./records.ts";
import { input, startedRun, variableName } from "./runs.ts";
import { idParams } from "./schemas.ts";

/** Jobs named in one request. */
const MAX_JOBS = 1_000;

export const rerunRoutes: readonly Route[] = [
  defineRoute({
    id: "rerunRun",
    method: "POST",
    path: "/v1/pipeline-runs/{id}/rerun",
    summary:
      "Run the commit of a run again: all of it, what failed, or some jobs. Outputs and artifacts of jobs that succeeded are taken from the earlier run, except where variables change",
    tag: "runs",
    access: { permission: "runs:rerun", on: "run" },
    isRepeatable: true,
    params: idParams,
    body: z.strictObject({
      only: z.prefault(z.enum(["all", "failed"]), "all"),
      /** These run anew, what they need is taken from the earlier run where it succeeded there. */
      jobs: z.optional(z.array(z.string().check(z.maxLength(200))).check(z.minLength(1), z.maxLength(MAX_JOBS))),
      /** Over those of the earlier run. */
      variables: z.prefault(z.record(variableName, input), {}),
    }),
    responses: { 201: { description: "It is stored, and begins soon", schema: startedRun } },
    async handle(request, services) {
      const { only, jobs = null, variables } = request.body;
      const by = principalOf(request).actorId;
      const earlier = await runOf(services, request.params.id);
      const { id, number, status } = await rerun(
        services,
        earlier,
        { only, jobs, variables, by },
        (runId, { pipeline, origin }) =>
          auditEntry(services, request, {
            action: "PIPELINE_RERUN",
            resource: `run:${runId}`,
            projectId: pipeline.projectId,
            // Values of variables are nobody's business here.
            context: { pipeline: pipeline.name, rerun_of: earlier.id, ref: origin.gitRef, sha: origin.gitSha, only },
          }),
      );
      return { status: 201, body: { id, number, status }, headers: { location: `/v1/pipeline-runs/${id}` } };
    },
  }),
];
