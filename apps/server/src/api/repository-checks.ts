import { authorize } from "@waybill/access";
import { WaybillError } from "@waybill/core";
import type { RepositoryProbe } from "@waybill/git";
import { pipelineFormats } from "@waybill/pipeline";
import * as z from "zod/mini";
import { principalOf } from "../access/guard.ts";
import { defineRoute, type Route } from "../http/route.ts";
import type { Services } from "../services.ts";
import { readDefinitionFields, readDefinitionJson } from "./definition-json.ts";
import { named } from "./schemas.ts";

/** Looked at in one repository, those nearest to its top first. */
const MAX_FILES = 10;
const MAX_FILE_BYTES = 256 * 1024;
/** Checks that are under way at once: each is a process, a connection and a directory. */
const MAX_AT_ONCE = 4;

const pipelineFile = z.object({
  path: z.string(),
  /** `waybill`, `shipinator`. */
  format: z.string(),
  ...readDefinitionFields,
});
type PipelineFile = z.infer<typeof pipelineFile>;

const check = named(
  "RepositoryCheck",
  z.object({
    /** In the form in which it would be kept. */
    url: z.string(),
    /** Null: it has none, or does not say. */
    default_branch: z.nullable(z.string()),
    /** Of that branch; null: the repository is empty. */
    commit: z.nullable(z.string()),
    files: z.array(pipelineFile),
    /** Those beyond the ones listed, or larger than 256 KiB, were not looked at. */
    is_complete: z.boolean(),
  }),
);

let underWay = 0;

export const repositoryCheckRoutes: readonly Route[] = [
  defineRoute({
    id: "checkRepository",
    method: "POST",
    path: "/v1/repositories/check",
    summary: "Look whether a repository can be reached, and which pipeline files it has; nothing is kept",
    tag: "pipelines",
    access: { permission: "pipelines:write", on: "project" },
    subject: ({ body }) => body.project_id ?? null,
    body: z.strictObject({
      repository_url: z.string().check(z.maxLength(2048)),
      /** For which it is to be; without it, who asks must be allowed to make projects. */
      project_id: z.optional(z.uuid()),
      /** For this one look; default: what the project may use at the host. */
      credentials: z.optional(
        z.strictObject({
          username: z.string().check(z.minLength(1), z.maxLength(200)),
          password: z.string().check(z.minLength(1), z.maxLength(4096)),
        }),
      ),
    }),
    responses: { 200: { description: "It can be reached", schema: check } },
    async handle(request, services) {
      const { repository_url: url, project_id: projectId, credentials } = request.body;
      if (projectId === undefined) authorize(principalOf(request), "projects:write", null);
      if (underWay >= MAX_AT_ONCE) throw new WaybillError("REPOSITORY_CHECKS_BUSY", { limit: MAX_AT_ONCE });
      underWay += 1;
      try {
        await using probe = await services.mirrors.probe(url, projectId ?? null, credentials);
        const { files, isComplete } = await filesOf(services, probe);
        const { defaultBranch, sha } = probe;
        const body: z.infer<typeof check> = {
          url: probe.url,
          default_branch: defaultBranch,
          commit: sha,
          files,
          is_complete: isComplete,
        };
        return { status: 200, body };
      } finally {
        underWay -= 1;
      }
    },
  }),
];

async function filesOf(
  { clock }: Services,
  probe: RepositoryProbe,
): Promise<{ readonly files: PipelineFile[]; readonly isComplete: boolean }> {
  const formats = new Map(pipelineFormats.flatMap(({ id, fileNames }) => fileNames.map((name) => [name, id])));
  const formatOf = (path: string): string | undefined => formats.get(path.split("/").at(-1) ?? "");
  const paths = (await probe.paths()).filter((path) => formatOf(path) !== undefined);
  const depth = (path: string): number => path.split("/").length;
  const nearest = paths.toSorted((one, other) => depth(one) - depth(other) || (one < other ? -1 : 1));
  const files: PipelineFile[] = [];
  let isComplete = nearest.length <= MAX_FILES;
  for (const path of nearest.slice(0, MAX_FILES)) {
    try {
      const bytes = await probe.readFile(path, MAX_FILE_BYTES);
      if (bytes === null) continue;
      const read = readDefinitionJson(bytes, { path, parameters: {}, clock });
      files.push({ path, format: formatOf(path) ?? "", ...read });
    } catch (error) {
      if (!(error instanceof WaybillError) || error.code !== "GIT_FILE_TOO_LARGE") throw error;
      isComplete = false;
    }
  }
  return { files, isComplete };
}
