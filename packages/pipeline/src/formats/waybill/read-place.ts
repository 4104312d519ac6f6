import { DEFAULT_PLACE, parseMemory, type Isolation, type JobPlace, type PullPolicy } from "../../model/job-place.ts";
import type { MappingNode } from "../../yaml/node.ts";
import { mappingAt } from "../read-values.ts";

/** `resources`, `isolation` and `pull_policy` of a job. What is wrong in them has been reported by the schema. */
export function readPlace(job: MappingNode): JobPlace {
  const resources = mappingAt(job, "resources");
  const isolation = mappingAt(job, "isolation");
  const memory = valueAt(resources, "memory");
  return {
    resources: {
      memory: typeof memory === "string" ? parseMemory(memory) : null,
      cpus: numberOrNull(valueAt(resources, "cpus")),
      pids: numberOrNull(valueAt(resources, "pids")),
    },
    isolation: {
      user: oneOf<Isolation["user"]>(isolation, "user", ["root"], "default"),
      rootFilesystem: oneOf<Isolation["rootFilesystem"]>(isolation, "root_filesystem", ["read_only"], "writable"),
      network: oneOf<Isolation["network"]>(isolation, "network", ["none"], "default"),
    },
    pullPolicy: oneOf<PullPolicy>(job, "pull_policy", ["always", "never"], DEFAULT_PLACE.pullPolicy),
  };
}

function valueAt(parent: MappingNode | null, key: string): unknown {
  const node = parent?.entries.get(key)?.value;
  return node?.kind === "scalar" ? node.value : null;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

function oneOf<Value extends string>(
  parent: MappingNode | null,
  key: string,
  values: readonly Value[],
  otherwise: Value,
): Value {
  return values.find((value) => value === valueAt(parent, key)) ?? otherwise;
}
