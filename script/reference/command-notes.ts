/** What the reference says about a command beyond its help, in Markdown. By the command's name. */
export const commandNotes: Readonly<Record<string, string>> = {
  init: `Looks for \`package.json\`, \`go.mod\`, \`pyproject.toml\`, \`Cargo.toml\`, \`pom.xml\`, \`build.gradle\`, a
Makefile and a Dockerfile, in this directory or, where there is none of them, in those directly below. The file it
writes is a beginning to be changed, with comments that explain it. A pipeline file that exists is never touched
without \`--force\`.`,
  lint: `Checks every file in full and lists all problems at once. With \`--json\`:

\`\`\`json
{
  "valid": false,
  "errors": [
    {
      "code": "GRAPH_UNKNOWN_DEPENDENCY",
      "message": "…",
      "file": "waybill.yaml",
      "line": 12,
      "column": 19,
      "path": "jobs.test.depends_on[0]",
      "context": "In job \\"test\\"",
      "suggestion": "…",
      "help": "pipeline-syntax.md#depends_on"
    }
  ],
  "warnings": []
}
\`\`\`

\`line\` and \`column\` count from 1 and are 0 where a problem has no place. \`help\` is a page of this reference. Warnings
do not make a file invalid.`,
  login: `The token is tried before it is kept, in \`$XDG_CONFIG_HOME/waybill/servers.json\` (or below \`~/.config\`), which only its
owner can read. \`connect\`, \`trigger\`, \`status\`, \`list\`, \`rerun\`, \`approve\`, \`secrets\` and \`environments\` go to the server signed in at last;
\`--server\` or \`WAYBILL_SERVER\` names another. \`logs\`, \`cancel\` and \`artifacts\` are about this project unless one of these two
names a server. A token is sent to the server it was kept for and to no other, redirects included; \`--token-file\` and
\`WAYBILL_TOKEN\` beat the one that is kept.`,
  trigger: `With \`--wait\` the run is shown as [run](#waybill-run) shows one, on a terminal as a tree, and the exit code is the same: 0, 1
where it failed, 130 where it was cancelled. With \`--json\` the lines are those of \`waybill run --json\`. A connection that breaks
is taken up where it was, for a minute. Ctrl-C ends the watching, not the run. Lines that are still being written (progress
bars) are not shown.`,
  status: `The exit code is 0 however the run stands, but with \`--wait\` that of [run](#waybill-run).`,
  simulate: `The scheduler and the rules of a real run, without its jobs: nothing is executed and nothing is kept. The file of
\`--events\` says how running jobs end, one after the other; \`outcome\` is \`success\`, \`failed\` or \`cancelled\`, and is
a job's last one, whatever retries it has. With an \`exit_code\` or a \`category\` a failure is that of one attempt, and the
retry rules decide what follows; the next event finds the pause over:

\`\`\`json
[
  { "job": "build", "outcome": "success" },
  { "job": "test", "outcome": "failed", "exit_code": 1 },
  { "job": "test", "outcome": "failed" }
]
\`\`\`

With \`--json\` there is a step for the start, whose \`event\` is null, and one for each event:

\`\`\`json
{
  "steps": [
    {
      "event": { "job": "build", "outcome": "success" },
      "jobs": { "build": "success", "test": "running", "package": "pending" },
      "ready": [],
      "run": "running"
    }
  ],
  "warnings": [{ "job": "package", "condition": "job.test.outputs.ok == 'yes'", "message": "…" }]
}
\`\`\`

\`ready\` has the jobs that wait for nothing but a free slot (\`--concurrency\`), the next one first. \`run\` is
\`running\`, \`success\`, \`failed\` or \`cancelled\`. Conditions are decided by the pipeline file, \`--var\` and how the jobs
before ended; one that asks for what only a real run knows counts as true, and a warning says so. The exit code is 0
however the simulated run ends.`,
  run: `On a terminal the jobs are drawn as a tree that follows the run. Elsewhere, or with \`--plain\`, there is a line for
everything that happens: what a job prints stands behind its name and \`|\`, its standard error behind \`!\`, remarks of
Waybill behind \`*\`. The whole output is kept: see [logs](#waybill-logs).

The file of \`--secrets\` has \`NAME=value\` lines, or is a JSON object: what \`\${{ secrets.NAME }}\` stands for in
environment values. Whatever is in it is masked in all that the run prints and keeps, also lines without a name and JSON
lists, which have no other use here; the forms that are found are those of [mask](#waybill-mask). A run that needs a
secret that is not there does not start. There is a warning where others may read the file.

The first Ctrl-C (or SIGTERM, SIGHUP) cancels: nothing new starts, and what runs gets SIGTERM and 30 seconds. A second
one ends everything at once.

A run whose process died (killed, or the machine was restarted) goes on with \`--resume\`: what has settled is not repeated,
a step that still runs is followed from the last line that was kept, and a step that ended meanwhile counts as it ended.
It goes on with the pipeline as it was at its start. Values of variables and secrets are not stored, so \`--var\`,
\`--env-file\` and \`--secrets\` must be given again, for the same names. Time-outs of jobs and of the pipeline do not count the time in between; that of a
step that ran on does.

With \`--json\` each line is an object with \`seq\` (counts the lines from 1), \`time\` (ISO 8601, UTC, milliseconds), \`type\`,
\`run\` (the id of the run) and what belongs to the type:

| type            | further fields                                                                        |
| --------------- | ------------------------------------------------------------------------------------- |
| \`run.started\`   | \`pipeline\`, \`number\`, \`jobs\` (names)                                                  |
| \`run.resumed\`   | \`pipeline\`, \`number\`, \`jobs\` (names of those not settled); the first line after \`--resume\` |
| \`job.held\`      | \`job\`, \`message\` (what it waits for), \`remedy\`: on a server, the job is due and may not begin yet |
| \`job.released\`  | \`job\`, \`message\`: it may                                                               |
| \`job.started\`   | \`job\`, \`attempt\`, \`executor\`                                                          |
| \`job.retry\`     | \`job\`, \`step\` (null: the whole job), \`attempt\`, \`reason\`, \`message\`, \`delay_ms\`; \`held\`: the same attempt is put off once more, as its service is left alone |
| \`step.started\`  | \`job\`, \`step\`, \`attempt\`                                                              |
| \`step.output\`   | \`job\`, \`step\`, \`attempt\`, \`stream\` (\`stdout\`, \`stderr\`, \`system\`), \`line\`             |
| \`step.finished\` | \`job\`, \`step\`, \`attempt\`, \`status\`, \`exit_code\`, \`signal\`, \`reason\`, \`duration_ms\`    |
| \`job.finished\`  | \`job\`, \`status\`, \`reason\`, \`message\`, \`attempts\`, \`duration_ms\`                       |
| \`run.finished\`  | \`status\`, \`reason\`, \`duration_ms\`, \`jobs\` (name → result); always the last line         |

A failure has in \`step.finished\`, \`job.retry\` and \`job.finished\` its \`category\` ([retries](pipeline-syntax.md#retries)), the
\`cause\` that gave it the category, \`service\` (the host it names, or null) and \`retry_rule\`, the rule that decided
whether it is tried again; runs of earlier versions have none of them.`,
  logs: `Without \`JOB\` the lines of all jobs come in the order of time, each behind the name of its job. With it, what the job
printed comes as it is: nothing is added to it, and only on a terminal what would steer it is left out.

\`--follow\` goes on until the run has ended, with \`JOB\` until the job has; its exit code is 0 however they end.
\`--since\` takes a duration (units \`ms\`, \`s\`, \`m\`, \`h\`, \`d\`) or a time; one without a zone is a time of this machine.
\`--grep\` has RE2's syntax, which leaves out what can take for ever, and does not see colours. \`--tail\` counts lines that the
other options leave, for each job.

A log that is damaged, by a failing disk say, is printed as far as it can be read; then \`STORE_LOG_DAMAGED\` tells what is
missing, and the exit code is 3.`,
  artifacts: `Artifacts are kept by their content: the same file is stored once, however many runs have it, and nothing is
handed out that is not what was kept. What is found damaged goes to quarantine, where no job gets it; when a job builds
the same content again it is whole again.

\`gc\` removes artifacts nobody needs: those of no run that is still under way, not pinned, and older than the policy of
their name allows: \`release-v…\` 90 days, \`test-…\` 7 days, all others 30 days, and not fetched for 168, 24 or 72 hours.
Where more than 80 % of the space is in use these times are a quarter shorter, from 90 % on half as long and the largest
go first, from 95 % on whatever nobody needs goes; from 98 % on nothing new is kept. Below 95 % nothing younger than 7
days goes. At most 1,000 artifacts go at a time.

\`verify\` ends with 1 where something is not as it was kept. With \`--json\`:

| command           | prints                                                                                      |
| ----------------- | ------------------------------------------------------------------------------------------- |
| \`list\`          | \`artifacts\`: \`run\`, \`run_id\`, \`pipeline\`, \`job\`, \`name\`, \`hash\`, \`files\`, \`size_bytes\`, \`created_at\`, \`in_use\`, \`state\` (\`stored\`, \`pinned\`, \`gone\`, \`damaged\`); \`storage\`: \`total_bytes\`, \`artifact_count\` (contents), \`quota_used_percent\` |
| \`get\`           | \`run\`, \`job\`, \`name\`, \`hash\`, \`directory\`, \`files\`, \`size_bytes\`                        |
| \`verify\`        | \`verified\`, \`valid\`, \`problems\`: \`expected_hash\`, \`calculated_hash\`, \`verification_time\`, \`verification_result\` (\`corrupted\`, \`missing\`, \`failed\`), \`error_details\`, \`retry_count\`, \`file_size\`, \`chunk_size\` |
| \`gc\`            | \`dry_run\`, \`level\`, \`used_percent\`, \`evaluated\`, \`artifacts\` (\`ref\`, \`names\`, \`size_bytes\`, \`policy\`, \`reason\`), \`failed_deletions\`, \`contents_deleted\`, \`reclaimed_bytes\`, \`corrupted\`, \`leftovers_removed\` |
| \`pin\`, \`unpin\` | \`run\`, \`job\`, \`name\`, \`hash\`, \`pinned\`                                                  |`,
  mask: `Passes everything from standard input to standard output, with \`***\` where a secret was. The file of \`--secrets\` has
one secret a line, or is a JSON list or object of texts, for secrets of several lines. Of a line \`NAME=value\` the value
is a secret as well as the line. A secret has at least 4 characters, all together at most 128 KiB.

Found are secrets as they are, also across lines and however the input comes in pieces; in base64 (at any offset in
what was encoded, also in lines of 64 or 76 characters), escaped in URLs, in JSON and as shells quote; and each line of
at least 8 characters of a secret that has several. Output is held back only while it may still turn out to be a
secret. The input need not be text: bytes that are no secret pass unchanged.`,
  why: `Goes by what is kept of the run; nothing is executed. The rules a job has to meet come in the order in which they
count: it is part of the run, the jobs it depends on succeeded, its condition is true, a slot is free. A job with one
that is not met never began; those below it were not looked at. Values given with \`--var\` are not kept, so a condition
shows variables of the pipeline file only.

With \`--json\`: \`run\`, \`run_status\`, \`job\`, \`status\` (null: no part of the run), \`reason\`, \`summary\`, and

| field       | holds                                                                                            |
| ----------- | ------------------------------------------------------------------------------------------------ |
| \`rules\`     | \`rule\` (\`selection\`, \`dependency\`, \`condition\`, \`gate\`, \`slot\`), \`outcome\` (\`met\`, \`unmet\`, \`waiting\`, \`not_reached\`), \`text\`; \`job\` and \`status\` of a dependency, \`condition\` and \`values\` of a condition, \`environment\` of a gate (what a server asks before the job), \`running\` jobs of a slot |
| \`attempts\`  | \`attempt\`, \`started_at\`, \`finished_at\`, \`exit_code\`, \`category\`, \`cause\`, \`service\`, \`retry_rule\`, \`steps\` (as \`step.finished\` of [run](#waybill-run)), \`retry\` of the job or a step: \`reason\`, \`message\`, \`delay_ms\`, \`due_at\` |
| \`time_outs\` | seconds: \`pipeline\`, \`job\`, \`steps\` (name → seconds), and \`ran_out\` (\`step\`, \`job\`, \`pipeline\`, null) |
| \`failure\` | of the last attempt: \`category\`, \`cause\`, \`service\`, and \`text\`, what gave it the category; or null |
| \`retries\` | why it was tried again or not: \`of\` (\`step\`, \`job\`), \`name\`, \`rule\`, \`again\`, \`text\` |
| \`exit\`      | of the last step that failed: \`step\`, \`exit_code\`, \`signal\`, \`meaning\`; or null                    |
| \`output\`    | the last lines of that step, or of the job: \`stream\`, \`line\`                                     |
| \`remedy\`    | what to do next; empty: nothing                                                                  |`,
  debug: `Prints shell commands and executes nothing: a fresh directory with the project's files as they are now and the
artifacts the job got, then the job's steps up to the one that failed, each as one command with its environment, working
directory and script. Only commands go to standard output, so it can be pasted or kept as a script; remarks go to
standard error.

Secrets are not shown: \`***\` stands for the value of a variable whose name looks like one (\`TOKEN\`, \`DB_PASSWORD\`,
\`API_KEY\` …) or that came from \`secrets.*\`, for the same value in scripts and other variables, and for user and
password in a URL. Look through the commands before you show them to others all the same.

With \`--json\`: \`run\`, \`job\`, \`step\`, \`setup\` (commands), \`steps\` (\`step\`, \`working_directory\`, \`environment\`,
\`script\`, and all of it as one \`command\`), \`redacted\` (names of variables) and \`remarks\`. \`$workspace\` is the fresh
directory.`,
  completion: `Completes commands, options and their values, jobs, runs, error codes and file names. The scripts ask
\`waybill\` itself, so they need no update when Waybill gets one.`,
};
