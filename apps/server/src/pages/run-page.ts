import { formatBytes, isSettled, type JobRecord, type RunRecord, type StepRecord } from "@waybill/engine";
import { html, Html } from "./html.ts";
import { STYLE } from "./style.ts";

/** What the page of a run shows. */
export interface RunPageContent {
  readonly run: RunRecord;
  readonly jobs: readonly JobRecord[];
  readonly steps: readonly StepRecord[];
  readonly artifacts: readonly {
    readonly id: string;
    readonly jobId: string;
    readonly name: string;
    readonly sizeBytes: number;
  }[];
  /** The last lines of some jobs, by the job's id. */
  readonly tails: ReadonlyMap<string, readonly string[]>;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** While the run goes on, the page loads itself again. */
const REFRESH_S = 3;

const MARKS: Readonly<Record<string, string>> = {
  pending: "·",
  running: "▸",
  retry: "↻",
  success: "✓",
  failed: "✗",
  cancelled: "–",
};

/** The page of a run for people: how it stands, its jobs and steps, and what they printed last. No script. */
export function runPage(content: RunPageContent): string {
  const { run, jobs, now } = content;
  const title = `Run ${run.number} of ${run.pipelineName}`;
  const refresh = isSettled(run.status) ? html`` : html`<meta http-equiv="refresh" content="${REFRESH_S}" />`;
  return page(
    `${MARKS[run.status] ?? ""} ${title}`,
    refresh,
    html`<h1>${title}: ${status(run.status)}</h1>
      <p class="quiet">${origin(run)}</p>
      <p class="quiet">${timing(run, now)}</p>
      <h2>Jobs</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Job</th>
            <th scope="col">Status</th>
            <th scope="col">Steps</th>
            <th scope="col">Time</th>
            <th scope="col">Artifacts</th>
          </tr>
        </thead>
        <tbody>
          ${jobs.map((job) => jobRow(job, content))}
        </tbody>
      </table>
      ${jobs.map((job) => tail(job, content))}
      <p class="quiet">
        <a href="/v1/pipeline-runs/${run.id}">This run as JSON</a>
      </p>
      <p class="quiet"><a href="/">All runs</a></p>`,
  );
}

/** The page that leads to runs, newest first. */
export function runsPage(runs: readonly RunRecord[], now: number): string {
  const rows = runs.map(
    (run) =>
      html`<tr>
        <th scope="row"><a href="/runs/${run.id}">${run.number}</a></th>
        <td>${run.pipelineName}</td>
        <td>${status(run.status)}</td>
        <td>${origin(run)}</td>
        <td>${timing(run, now)}</td>
      </tr>`,
  );
  const none = html`<p>
    There are no runs yet that you may see; a push or <code>waybill trigger</code> makes the first.
  </p>`;
  const head = ["Run", "Pipeline", "Status", "Of", "When"].map((word) => html`<th scope="col">${word}</th>`);
  const table = html`<table>
    <thead>
      <tr>
        ${head}
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
  return page(
    "Runs",
    html``,
    html`<h1>Runs</h1>
      ${rows.length === 0 ? none : table}`,
  );
}

function page(title: string, head: Html, content: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${head}
        <title>${title}</title>
        ${styleSheet}
      </head>
      <body>
        <main>${content}</main>
      </body>
    </html> `.text;
}

// Its hash is in the page's policy, so not a character may be added.
const styleSheet = new Html(`<style>${STYLE}</style>`);

function status(word: string): Html {
  return html`<span class="${word}">${MARKS[word] ?? ""} ${word}</span>`;
}

function origin({ gitRef, gitSha, trigger }: RunRecord): string {
  const commit = gitSha === null ? "" : ` at ${gitSha.slice(0, 12)}`;
  return `${gitRef ?? "no ref"}${commit}, by ${trigger}`;
}

function timing({ createdAt, startedAt, finishedAt }: RunRecord, now: number): string {
  if (startedAt === null) return `Waits since ${new Date(createdAt).toISOString()}`;
  const took = seconds((finishedAt ?? now) - startedAt);
  return `Began ${new Date(startedAt).toISOString()}, ${finishedAt === null ? "for" : "took"} ${took}`;
}

function jobRow(job: JobRecord, { steps, artifacts, now }: RunPageContent): Html {
  const own = steps.filter(({ jobId }) => jobId === job.id);
  const kept = artifacts.filter(({ jobId }) => jobId === job.id);
  const why = job.message === "" ? html`` : html`<br /><span class="quiet">${job.message}</span>`;
  const took = job.startedAt === null ? "" : seconds((job.finishedAt ?? now) - job.startedAt);
  return html`<tr>
    <th scope="row">${job.name}</th>
    <td>${status(job.status)}${why}</td>
    <td>
      <ul>
        ${own.map(({ name, status: word }) => html`<li><span class="${word}">${MARKS[word] ?? ""}</span> ${name}</li>`)}
      </ul>
    </td>
    <td>${took}</td>
    <td>
      <ul>
        ${kept.map(
          ({ id, name, sizeBytes }) =>
            html`<li>
              <a href="/v1/artifacts/${id}/download">${name}</a> <span class="quiet">${formatBytes(sizeBytes)}</span>
            </li>`,
        )}
      </ul>
    </td>
  </tr>`;
}

function tail(job: JobRecord, { tails }: RunPageContent): Html {
  const lines = tails.get(job.id);
  if (lines === undefined || lines.length === 0) return html``;
  return html`<h2>The last lines of ${job.name}</h2>
    <pre>${lines.join("\n")}</pre>
    <p class="quiet"><a href="/v1/jobs/${job.id}/logs">Its log as JSON</a></p>`;
}

function seconds(milliseconds: number): string {
  return milliseconds < 10_000 ? `${(milliseconds / 1000).toFixed(1)} s` : `${Math.round(milliseconds / 1000)} s`;
}
