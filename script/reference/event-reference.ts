import { SERVER_EVENT_KINDS, type ServerEventKindDefinition } from "../../packages/core/src/index.ts";
import { EVENT_PERMISSIONS } from "../../apps/server/src/index.ts";

/** The page about what a server tells those who follow it. */
export function eventReference(): string {
  const kinds = Object.entries<ServerEventKindDefinition>(SERVER_EVENT_KINDS).map(([kind, { summary, fields }]) => {
    const rows = Object.entries(fields).map(([name, about]) => `| \`${name}\` | ${about} |`);
    const permission = EVENT_PERMISSIONS[kind as keyof typeof EVENT_PERMISSIONS];
    return `### \`${kind}\`\n\n${summary}. Seen with \`${permission}\`.\n\n| field | what it is |\n| --- | --- |\n${rows.join("\n")}\n`;
  });
  return `# Events of a server

<!-- Written by script/generate-reference.ts of packages/core/src/server-events/kinds.ts. -->

\`GET /v1/events\` is one stream of all that happens and that the caller may see, as server-sent events. Each has a number; a
client that was cut off sends the last one it has as \`Last-Event-ID\`, which browsers do by themselves, and misses nothing.
\`?after=0\` begins with the first event there is. An event is stored in the transaction of what it tells of, so whoever is
told finds it done.

The stream ends when the caller's rights change, with what it may see: connect again with the last number.

## All events

The name of the kind is the name of the event and \`type\` in its data, which is JSON with these fields as well:

| field | what it is |
| --- | --- |
| \`time\` | when it happened, RFC 3339 in UTC |
| \`project_id\` | whose members may see it; null: administrators of the server alone |
| \`pipeline_id\`, \`run_id\`, \`job_id\` | what it belongs to, or null |

Ignore kinds and fields that you do not know: more will come. No event holds a secret or what a webhook says.

## Events of runs

\`run.started\`, \`run.resumed\`, \`run.finished\`, \`job.started\`, \`job.retry\`, \`job.finished\`, \`step.started\` and
\`step.finished\`, with \`seq\`, their number in the run: the same as in \`GET /v1/pipeline-runs/{id}/events\`.

## Events of the server

${kinds.join("\n")}`;
}
