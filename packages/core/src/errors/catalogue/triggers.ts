import { defineErrors } from "../definition.ts";

/** What starts runs: the fields of a pipeline file, and the values that are given to a run. */
const languageErrors = defineErrors(
  { severity: "error", exitCode: 2, httpStatus: 422, help: "pipeline-syntax.md#triggers" },
  {
    PIPELINE_TRIGGER_FIELD_UNUSED: {
      title: "A trigger has a field that its events do not know",
      message: '"{field}" means nothing for {events}: it is looked at for {meaningful}.',
      remedy: "Remove it, or add the event it was meant for.",
      example:
        "name: demo\ntriggers: [{event: tag, branches: main}]\njobs: {build: {steps: [{name: a, script: [make]}]}}\n",
    },
    PIPELINE_PATTERN_INVALID: {
      title: "A pattern that cannot match anything",
      message: 'The pattern "{pattern}" {problem}.',
      remedy: "Write it as `main`, `release/*`, `src/**` or `!docs/**`.",
      example:
        'name: demo\ntriggers: [{event: push, paths: "/src/**"}]\njobs: {build: {steps: [{name: a, script: [make]}]}}\n',
    },
    PIPELINE_LIST_TOO_LONG: {
      title: "A list has more entries than are allowed",
      message: '"{field}" has {count} entries; at most {limit} are allowed.',
      remedy: "Leave some out, or join them: a pattern can stand for many names.",
      example: "",
    },
    PIPELINE_CRON_INVALID: {
      title: "A cron expression is not valid",
      message: 'The cron expression "{cron}" {problem}.',
      remedy: "Write minute, hour, day of the month, month and day of the week, for example `30 4 * * 1-5`.",
      help: "pipeline-syntax.md#schedule",
      example: "name: demo\nschedule: [{cron: 60 4 * * *}]\njobs: {build: {steps: [{name: a, script: [make]}]}}\n",
    },
    PIPELINE_TIME_ZONE_UNKNOWN: {
      title: "A time zone that does not exist",
      message: 'There is no time zone "{timezone}".',
      remedy: "Write a name such as `Europe/Berlin`, `America/New_York` or `UTC`.",
      help: "pipeline-syntax.md#schedule",
      example:
        "name: demo\nschedule: [{cron: 0 4 * * *, timezone: Berlin}]\njobs: {build: {steps: [{name: a, script: [make]}]}}\n",
    },
    PIPELINE_INPUT_NAME_INVALID: {
      title: "An input's name is not valid",
      message: '"{name}" cannot be the name of an input.',
      remedy: "Start with a letter or _, go on with letters, digits and _, and use at most 64 characters.",
      help: "pipeline-syntax.md#inputs",
      example: "name: demo\ninputs: {my input: {}}\njobs: {build: {steps: [{name: a, script: [make]}]}}\n",
    },
    PIPELINE_INPUT_WITHOUT_OPTIONS: {
      title: "A choice without options",
      message: "An input of the type choice needs `options`.",
      remedy: "List what can be chosen, for example options: [staging, production].",
      help: "pipeline-syntax.md#inputs",
      example: "name: demo\ninputs: {stage: {type: choice}}\njobs: {build: {steps: [{name: a, script: [make]}]}}\n",
    },
    PIPELINE_INPUT_OPTIONS_UNUSED: {
      title: "Options of an input that is no choice",
      message: "`options` mean nothing for an input of the type {type}.",
      remedy: "Remove them, or write type: choice.",
      help: "pipeline-syntax.md#inputs",
      example: "name: demo\ninputs: {stage: {options: [a]}}\njobs: {build: {steps: [{name: a, script: [make]}]}}\n",
    },
    PIPELINE_INPUT_OPTION_TWICE: {
      title: "An option is listed twice",
      message: 'The option "{option}" is listed twice.',
      remedy: "Remove one of them.",
      help: "pipeline-syntax.md#inputs",
      example:
        "name: demo\ninputs: {stage: {type: choice, options: [a, a]}}\njobs: {build: {steps: [{name: a, script: [make]}]}}\n",
    },
    PIPELINE_INPUT_DEFAULT_INVALID: {
      title: "An input's default does not fit it",
      message: "The default {problem}.",
      remedy: "Change the default or the type.",
      help: "pipeline-syntax.md#inputs",
      example:
        "name: demo\ninputs: {count: {type: number, default: many}}\njobs: {build: {steps: [{name: a, script: [make]}]}}\n",
    },
    PIPELINE_INPUT_DEFAULT_UNUSED: {
      title: "A required input has a default",
      message: "The input is required, so its default is never used.",
      remedy: "Remove `required` or `default`.",
      help: "pipeline-syntax.md#inputs",
      example:
        "name: demo\ninputs: {count: {required: true, default: a}}\njobs: {build: {steps: [{name: a, script: [make]}]}}\n",
    },
    INPUT_UNKNOWN: {
      title: "A value for an input that does not exist",
      message: 'The pipeline has no input "{name}". {hint}Inputs: {known}.',
      remedy: "Correct the name, or add the input to the pipeline's `inputs`.",
      help: "pipeline-syntax.md#inputs",
      example: "waybill run --var inputs.verison=1.2",
    },
    INPUT_MISSING: {
      title: "A required input has no value",
      message: 'The input "{name}" is required, and no value is given.',
      remedy: "Give one: `--var inputs.{name}=…` on the command line, `inputs` in a request.",
      help: "pipeline-syntax.md#inputs",
      example: "name: demo\ninputs: {version: {required: true}}\njobs: {build: {steps: [{name: a, script: [make]}]}}\n",
    },
    INPUT_INVALID: {
      title: "A value does not fit its input",
      message: 'The value of the input "{name}" {problem}.',
      remedy: "Change the value.",
      help: "pipeline-syntax.md#inputs",
      example: "waybill run --var inputs.count=many",
    },
    VARIABLE_NOT_OF_EVENT: {
      title: "A text about the event names something else",
      message: '"{name}" cannot be referred to here: only the event and the inputs are known before a run starts.',
      remedy: "{hint}Known here: {known}.",
      help: "pipeline-syntax.md#concurrency",
      example: 'name: demo\nconcurrency: {group: "${STAGE}"}\njobs: {build: {steps: [{name: a, script: [make]}]}}\n',
    },
    CONCURRENCY_INVALID: {
      title: "A run's concurrency group cannot be told",
      message: "The concurrency of the pipeline does not fit the event: {problem}.",
      remedy: "Change `concurrency` in the pipeline file; a variable that the event does not have is empty.",
      help: "pipeline-syntax.md#concurrency",
      example: "concurrency: {group: '${event.tag}'}, and a push to a branch",
    },
    TRIGGER_EVENT_UNREADABLE: {
      title: "A stored event cannot be read",
      message: "The stored event cannot be read: {detail} is not as it should be.",
      remedy: "It was written by another version of Waybill or has been changed since.",
      exitCode: 3,
      httpStatus: 500,
      help: "errors.md#trigger_event_unreadable",
      example: "{}",
    },
    CRON_INVALID: {
      title: "A schedule cannot be computed",
      message: 'The schedule "{cron}" in "{timezone}" {problem}.',
      remedy: "Correct it in the pipeline file; `waybill lint` checks schedules.",
      help: "pipeline-syntax.md#schedule",
      example: "60 4 * * *",
    },
  },
);

/** What comes in at `/webhooks/{source}`. None of the messages repeats what the sender wrote as its signature. */
const webhookErrors = defineErrors(
  { severity: "error", exitCode: 3, httpStatus: 400, help: "errors.md#webhook_payload_invalid" },
  {
    WEBHOOK_SOURCE_UNKNOWN: {
      title: "A webhook source that does not exist",
      message: 'There is no webhook source "{source}".',
      remedy: "Known sources: {known}.",
      httpStatus: 404,
      example: "POST /webhooks/githib",
    },
    WEBHOOK_HEADER_MISSING: {
      title: "A webhook lacks a header it cannot do without",
      message: "The webhook has no usable header {header}.",
      remedy: "Send it from {source}, or with the headers that {source} documents.",
      example: "POST /webhooks/github without X-GitHub-Event",
    },
    WEBHOOK_SIGNATURE_MISSING: {
      title: "A webhook is not signed",
      message: "The webhook has no signature in {header}.",
      remedy: "Set a secret where the webhook is configured: unsigned webhooks are not accepted.",
      httpStatus: 401,
      example: "POST /webhooks/github without X-Hub-Signature-256",
    },
    WEBHOOK_SIGNATURE_INVALID: {
      title: "A webhook's signature fits no secret",
      message: "The webhook's signature in {header} does not fit.",
      remedy: "Compare the secret there with the one here; while it changes, both can be valid here.",
      httpStatus: 401,
      example: "the secret of another repository",
    },
    WEBHOOK_TIMESTAMP_OUTSIDE: {
      title: "A signed webhook is too old or from the future",
      message: "The webhook's time of signing differs from the clock here by more than {seconds} seconds.",
      remedy: "Send it anew; where every webhook is refused, set the clocks.",
      httpStatus: 401,
      example: "a webhook that somebody recorded and sends again",
    },
    WEBHOOK_PAYLOAD_INVALID: {
      title: "A webhook's content is not what its source sends",
      message: "The webhook cannot be understood: {problem}.",
      remedy: "Send it as JSON, with the fields that {source} documents.",
      example: "{}",
    },
    WEBHOOK_SECRET_UNKNOWN: {
      title: "A webhook secret that does not exist",
      message: 'The repository has no webhook secret "{secret}".',
      remedy: "List those it has.",
      httpStatus: 404,
      example: "one that was removed before",
    },
    WEBHOOK_SECRETS_TOO_MANY: {
      title: "A repository has too many webhook secrets",
      message: "The repository has {limit} webhook secrets for this source, and more are not kept.",
      remedy: "Remove those that no sender uses any more.",
      httpStatus: 409,
      example: "a script that makes a new one each day",
    },
    WEBHOOK_SECRET_INVALID: {
      title: "A webhook secret cannot be used",
      message: "The secret for webhooks of {source} cannot be used: {problem}.",
      remedy: "Make a new one: `whsec_` and 24 to 64 random bytes in base64.",
      httpStatus: 500,
      example: "whsec_???",
    },
  },
);

/** Talking to GitHub and GitLab. */
const forgeErrors = defineErrors(
  { severity: "error", exitCode: 3, httpStatus: 502, help: "errors.md#forge_unreachable" },
  {
    FORGE_UNREACHABLE: {
      title: "A forge does not answer",
      message: "{host} does not answer: {problem}.",
      remedy: "Nothing needs to be done where it comes back: it is tried again.",
      example: "connect ECONNREFUSED",
    },
    FORGE_UNAVAILABLE: {
      title: "A forge has trouble of its own",
      message: "{host} answered {method} {path} with status {status}.",
      remedy: "Nothing needs to be done where it comes back: it is tried again.",
      example: "502 Bad Gateway",
    },
    FORGE_LIMITED: {
      title: "A forge wants to be left alone for a while",
      message: "{host} limits requests; the next one is allowed in {seconds} s.",
      remedy: "Nothing needs to be done: it is tried again then.",
      httpStatus: 503,
      example: "429 Too Many Requests",
    },
    FORGE_REFUSED: {
      title: "A forge refuses a request",
      message: "{host} refused {method} {path} with status {status}: {problem}.",
      remedy: "Check the repository's name and what the token or app may do there.",
      example: "404 Not Found",
    },
    FORGE_REDIRECTED: {
      title: "A forge wants a request sent elsewhere",
      message: "{host} redirects {method} {path}, and redirects are not followed.",
      remedy: "Configure the address that it redirects to; a repository may have been renamed.",
      example: "301 Moved Permanently",
    },
    FORGE_ANSWER_INVALID: {
      title: "A forge answers something else than it documents",
      message: "{host} answered {method} {path} with something unexpected: {problem}.",
      remedy: "Check that the configured address is that of its API.",
      example: "<html>",
    },
    FORGE_SETTINGS_INVALID: {
      title: "A forge is not configured as it should be",
      message: "The settings of {forge} are not valid: {problem}.",
      remedy: "Correct the settings.",
      httpStatus: 500,
      example: "an address that is not https",
    },
  },
);

export const triggerErrors = { ...languageErrors, ...webhookErrors, ...forgeErrors } as const;
