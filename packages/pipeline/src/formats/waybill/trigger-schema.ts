import * as z from "zod/mini";
import { INPUT_NAME_PATTERN, INPUT_TYPES, MAX_INPUT_OPTIONS, MAX_INPUTS } from "../../model/input.ts";
import { DEFAULT_TIME_ZONE, MAX_SCHEDULES } from "../../model/schedule.ts";
import { DEFAULT_PULL_REQUEST_ACTIONS, PULL_REQUEST_ACTIONS, TRIGGER_EVENTS } from "../../model/trigger.ts";
import { field, listOf, mapOf, scalarText, text, truthValue } from "../field.ts";

/** The fields that say when a pipeline runs, and with what: `triggers`, `schedule`, `inputs`, `concurrency`. */

const TRIGGERS_HELP = "pipeline-syntax.md#triggers";
const SCHEDULE_HELP = "pipeline-syntax.md#schedule";
const INPUTS_HELP = "pipeline-syntax.md#inputs";
const CONCURRENCY_HELP = "pipeline-syntax.md#concurrency";

const EVENTS = `one or a list of ${TRIGGER_EVENTS.join(", ")}`;
const ACTIONS = `one or a list of ${PULL_REQUEST_ACTIONS.join(", ")}`;

function oneOrMore(item: () => z.ZodMiniType, error: string): z.ZodMiniType {
  return z.union([item(), listOf(item(), error)], { error });
}

function patterns(): z.ZodMiniType {
  return oneOrMore(() => text("a pattern"), "a pattern or a list of patterns");
}

const triggerSchema = field(
  z.strictObject(
    {
      event: field(
        oneOrMore(() => z.enum(TRIGGER_EVENTS, { error: EVENTS }), EVENTS),
        {
          description: "What has to happen.",
          type: EVENTS,
          examples: ["push", ["push", "tag"]],
          help: TRIGGERS_HELP,
        },
      ),
      branches: z.optional(
        field(patterns(), {
          description: "The branch that is pushed to, or that a pull request wants to get into.",
          type: "pattern, or list of patterns",
          examples: [["main", "release/**", "!release/old"]],
          help: TRIGGERS_HELP,
        }),
      ),
      tags: z.optional(
        field(patterns(), {
          description: "The tag that is pushed.",
          type: "pattern, or list of patterns",
          examples: ["v*"],
          help: TRIGGERS_HELP,
        }),
      ),
      paths: z.optional(
        field(patterns(), {
          description: "One of the changed files has to match.",
          type: "pattern, or list of patterns",
          examples: [["src/**", "!**/*.md"]],
          help: TRIGGERS_HELP,
        }),
      ),
      actions: z.optional(
        field(
          oneOrMore(() => z.enum(PULL_REQUEST_ACTIONS, { error: ACTIONS }), ACTIONS),
          {
            description: "What happens to a pull request.",
            type: ACTIONS,
            default: DEFAULT_PULL_REQUEST_ACTIONS,
            examples: ["closed"],
            help: TRIGGERS_HELP,
          },
        ),
      ),
      forks: z.optional(
        field(z.boolean({ error: "true or false" }), {
          description:
            "`true`: pull requests from forks only; `false`: only those from the repository itself. Without it, both.",
          type: "true or false",
          examples: [false],
          help: TRIGGERS_HELP,
        }),
      ),
    },
    { error: "a map with event" },
  ),
  {
    description: "A way for a run to start.",
    help: TRIGGERS_HELP,
    keys: {
      owner: "a trigger",
      familiar: {
        on: "event",
        events: "event",
        branch: "branches",
        ref: "branches",
        tag: "tags",
        path: "paths",
        changes: "paths",
        types: "actions",
        action: "actions",
        fork: "forks",
      },
    },
  },
);

export const triggersField = field(z.array(triggerSchema, { error: "a list of triggers" }), {
  description:
    "What starts the pipeline by itself; one of them is enough. Without any: pushes to every branch, and pull requests from forks.",
  type: "list of triggers",
  default: [],
  examples: [[{ event: "push", branches: ["main"] }, { event: "pull_request" }]],
  help: TRIGGERS_HELP,
  jsonSchema: { maxItems: 100 },
});

const scheduleSchema = field(
  z.strictObject(
    {
      cron: field(text("a cron expression"), {
        description: "Minute, hour, day of the month, month, day of the week.",
        type: "cron expression",
        examples: ["30 4 * * 1-5"],
        help: SCHEDULE_HELP,
      }),
      timezone: z.optional(
        field(text("the name of a time zone"), {
          description: "Whose clock is meant, also when it is set forward or back.",
          type: "name of a time zone",
          default: DEFAULT_TIME_ZONE,
          examples: ["Europe/Berlin"],
          help: SCHEDULE_HELP,
        }),
      ),
      branch: z.optional(
        field(text("the name of a branch"), {
          description: "The branch whose newest commit is run. Without it, the repository's default branch.",
          type: "name of a branch",
          examples: ["main"],
          help: SCHEDULE_HELP,
        }),
      ),
    },
    { error: "a map with cron" },
  ),
  {
    description: "Times at which the pipeline runs.",
    help: SCHEDULE_HELP,
    keys: {
      owner: "a schedule",
      familiar: { expression: "cron", time: "cron", tz: "timezone", time_zone: "timezone", branches: "branch" },
    },
  },
);

export const scheduleField = field(listOf(scheduleSchema, "a list of schedules"), {
  description: "When the pipeline runs by itself. Read from the repository's default branch.",
  type: "list of schedules",
  examples: [[{ cron: "30 4 * * 1-5", timezone: "Europe/Berlin" }]],
  help: SCHEDULE_HELP,
  jsonSchema: { maxItems: MAX_SCHEDULES },
});

const inputSchema = field(
  z.strictObject(
    {
      type: z.optional(
        field(z.enum(INPUT_TYPES, { error: `one of ${INPUT_TYPES.join(", ")}` }), {
          description: "What values it takes.",
          type: INPUT_TYPES.join(", "),
          default: "string",
          examples: ["boolean"],
          help: INPUTS_HELP,
        }),
      ),
      description: z.optional(
        field(text(), {
          description: "What it is for, in a line.",
          type: "text",
          examples: ["Version to release"],
          help: INPUTS_HELP,
        }),
      ),
      required: z.optional(
        field(z.boolean({ error: "true or false" }), {
          description: "Whether a run cannot start without it.",
          type: "true or false",
          default: false,
          examples: [true],
          help: INPUTS_HELP,
        }),
      ),
      default: z.optional(
        field(scalarText(), {
          description: "The value where none is given. Without it: empty text, `false`, `0` or the first option.",
          type: "value of the type",
          examples: ["staging"],
          help: INPUTS_HELP,
        }),
      ),
      options: z.optional(
        field(listOf(scalarText("a text"), "a list of texts"), {
          description: "What can be chosen. For the type `choice` only, which needs it.",
          type: "list of texts",
          examples: [["staging", "production"]],
          help: INPUTS_HELP,
          jsonSchema: { maxItems: MAX_INPUT_OPTIONS },
        }),
      ),
    },
    { error: "a map with type, description, required, default and options" },
  ),
  {
    description: "A value given to a run.",
    help: INPUTS_HELP,
    keys: {
      owner: "an input",
      familiar: { choices: "options", values: "options", value: "default", desc: "description" },
    },
  },
);

export const inputsField = field(mapOf(inputSchema, "a map of input names and inputs"), {
  description: "Values that whoever starts a run can give; `${inputs.NAME}` stands for them.",
  type: "map of inputs",
  examples: [{ version: { description: "Version to release", required: true } }],
  help: INPUTS_HELP,
  jsonSchema: { maxProperties: MAX_INPUTS, propertyNames: { pattern: INPUT_NAME_PATTERN.source } },
});

export const concurrencyField = field(
  z.strictObject(
    {
      group: field(text("a text"), {
        description: "Runs of a project for which this text is the same are not at work at the same time.",
        type: "text",
        examples: ["deploy-${event.branch}"],
        help: CONCURRENCY_HELP,
      }),
      cancel_in_progress: z.optional(
        field(truthValue(), {
          description: "Whether a new run ends those before it, instead of waiting for its turn.",
          type: "true or false",
          default: false,
          examples: [true, "${{ event.branch != 'main' }}"],
          help: CONCURRENCY_HELP,
        }),
      ),
    },
    { error: "a map with group and cancel_in_progress" },
  ),
  {
    description: "Which runs wait for each other.",
    type: "map",
    examples: [{ group: "deploy-${event.branch}", cancel_in_progress: true }],
    help: CONCURRENCY_HELP,
    keys: {
      owner: "concurrency",
      familiar: {
        name: "group",
        key: "group",
        "cancel-in-progress": "cancel_in_progress",
        cancel: "cancel_in_progress",
      },
    },
  },
);
