import * as z from "zod/mini";
import { parseMemory } from "../../model/job-place.ts";
import { field } from "../field.ts";

/** The fields of a job that say where it runs: `resources`, `isolation`, `pull_policy`. */

const RESOURCES_HELP = "pipeline-syntax.md#resources-and-isolation";

const MEMORY_ERROR = "an amount of memory from 6m, such as 512m or 2g";
const CPUS_ERROR = "a number of processors from 0.01 to 1024";
const PIDS_ERROR = "a whole number from 1 to 4194304";

export const resourcesField = field(
  z.strictObject(
    {
      memory: z.optional(
        field(
          z
            .string({ error: MEMORY_ERROR })
            .check(z.refine((text) => parseMemory(text) !== null, { error: MEMORY_ERROR })),
          {
            description:
              "The most memory the job may use; beyond it the job is ended and says so. Units are k, m, g, t.",
            type: "text, such as 512m or 2g",
            examples: ["512m", "2g"],
            help: RESOURCES_HELP,
            jsonSchema: { pattern: "^\\d+(\\.\\d+)? ?[kKmMgGtT]i?[bB]?$" },
          },
        ),
      ),
      cpus: z.optional(
        field(
          z
            .number({ error: CPUS_ERROR })
            .check(z.minimum(0.01, { error: CPUS_ERROR }), z.maximum(1024, { error: CPUS_ERROR })),
          {
            description: "The most processor time the job may use, in processors.",
            type: "number, 0.01 to 1024",
            examples: [0.5, 2],
            help: RESOURCES_HELP,
          },
        ),
      ),
      pids: z.optional(
        field(
          z
            .int({ error: PIDS_ERROR })
            .check(z.minimum(1, { error: PIDS_ERROR }), z.maximum(4_194_304, { error: PIDS_ERROR })),
          {
            description: "The most processes and threads the job may have at once.",
            type: "whole number, 1 to 4194304",
            examples: [256],
            help: RESOURCES_HELP,
          },
        ),
      ),
    },
    { error: "a map of limits" },
  ),
  {
    description: "Limits of the job. Containers and sandboxes keep them; plain processes have none.",
    type: "map",
    examples: [{ memory: "1g", cpus: 2 }],
    help: RESOURCES_HELP,
    keys: {
      owner: "resources",
      familiar: { cpu: "cpus", mem: "memory", ram: "memory", memory_limit: "memory", processes: "pids" },
    },
  },
);

export const isolationField = field(
  z.strictObject(
    {
      user: z.optional(
        field(z.enum(["default", "root"], { error: "default or root" }), {
          description:
            "Who the steps run as: a user without privileges, or `root` (of the container only) to install packages.",
          type: "default or root",
          default: "default",
          help: RESOURCES_HELP,
        }),
      ),
      root_filesystem: z.optional(
        field(z.enum(["writable", "read_only"], { error: "writable or read_only" }), {
          description: "Whether the image's own files can be changed. The workspace and `TMPDIR` always can.",
          type: "writable or read_only",
          default: "writable",
          help: RESOURCES_HELP,
        }),
      ),
      network: z.optional(
        field(z.enum(["default", "none"], { error: "default or none" }), {
          description:
            "`none` cuts the job off from every network. Otherwise a container has a network of its own, a sandbox the machine's.",
          type: "default or none",
          default: "default",
          help: RESOURCES_HELP,
        }),
      ),
    },
    { error: "a map of isolation settings" },
  ),
  {
    description: "How the job is kept apart from the machine and from other jobs.",
    type: "map",
    examples: [{ network: "none", root_filesystem: "read_only" }],
    help: RESOURCES_HELP,
    keys: { owner: "isolation", familiar: { rootfs: "root_filesystem", read_only: "root_filesystem" } },
  },
);

export const pullPolicyField = field(z.enum(["missing", "always", "never"], { error: "missing, always or never" }), {
  description: "When images are fetched: where this machine has none, before every job, or never.",
  type: "missing, always or never",
  default: "missing",
  help: RESOURCES_HELP,
});
