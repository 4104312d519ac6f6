import type { PipelineDefinition } from "@waybill/pipeline";
import type { EndCause } from "./run-state.ts";

/** A reason to end a run in words: always the same ones, so that the reason alone need be stored. */
export function endCause(reason: EndCause["reason"], definition: PipelineDefinition): EndCause {
  switch (reason) {
    case "user":
      return { reason, message: "cancelled by the user" };
    case "superseded":
      return { reason, message: "superseded by a newer run" };
    case "pipeline_timeout":
      return { reason, message: `the pipeline took longer than its time-out of ${definition.timeout} s` };
  }
}
