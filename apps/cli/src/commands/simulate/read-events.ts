import { WaybillError } from "@waybill/core";
import { SIMULATED_OUTCOMES, type SimulatedEvent } from "@waybill/engine";
import { FAILURE_CATEGORIES } from "@waybill/pipeline";
import { resolve } from "node:path";
import * as z from "zod/mini";
import type { CommandContext } from "../../context.ts";
import { STDIN } from "../../files/pipeline-file.ts";
import { readBounded, readStream } from "../../files/read-bounded.ts";

/** More than 100,000 events. */
const MAX_EVENTS_BYTES = 8 * 1024 * 1024;

const EXIT_CODE = "has an exit code that is not from 1 to 255";

const eventsSchema = z.array(
  z.strictObject({
    job: z.string("has no job: a text is expected"),
    outcome: z.enum(SIMULATED_OUTCOMES, "has an outcome that does not exist, or none"),
    exit_code: z.optional(
      z.int("has an exit code that is no whole number").check(z.minimum(1, EXIT_CODE), z.maximum(255, EXIT_CODE)),
    ),
    category: z.optional(z.enum(FAILURE_CATEGORIES, "has a category that does not exist")),
  }),
);

/**
 * The events of `simulate`, in their order.
 *
 * @param file - as given; `-`: standard input
 * @throws WaybillError `SIMULATION_EVENTS_NOT_JSON`, `SIMULATION_EVENTS_INVALID`, `CLI_FILE_*`
 */
export async function readEvents(context: CommandContext, file: string): Promise<readonly SimulatedEvent[]> {
  if (file === "") throw new WaybillError("CLI_FILE_NOT_FOUND", { file });
  const name = file === STDIN ? "<stdin>" : file;
  const bytes =
    file === STDIN
      ? await readStream(context.stdin, name, MAX_EVENTS_BYTES)
      : readBounded(resolve(context.cwd, file), name, MAX_EVENTS_BYTES);
  const result = z.safeParse(eventsSchema, parseJson(name, new TextDecoder().decode(bytes)));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const [index] = issue?.path ?? [];
  throw new WaybillError("SIMULATION_EVENTS_INVALID", {
    file: name,
    place: typeof index === "number" ? `event ${index + 1}` : "the whole",
    problem: problemOf(issue),
    outcomes: SIMULATED_OUTCOMES.join(", "),
  });
}

function problemOf(issue: z.core.$ZodIssue | undefined): string {
  if (issue === undefined) return "is not valid";
  if (issue.code === "unrecognized_keys") return `has ${issue.keys.map((key) => `"${key}"`).join(", ")} too much`;
  if (issue.path.length === 0) return "is not a list";
  return issue.path.length === 1 ? "is not an object" : issue.message;
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new WaybillError("SIMULATION_EVENTS_NOT_JSON", { file, detail: (error as Error).message }, { cause: error });
  }
}
