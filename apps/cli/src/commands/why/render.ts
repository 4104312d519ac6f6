import type {
  AttemptExplanation,
  FailureExplanation,
  JobExplanation,
  LogLine,
  RetryRuleExplanation,
  Rule,
  RuleOutcome,
  StepExplanation,
  TriggerExplanation,
} from "@waybill/engine";
import { formatDuration } from "../../text/duration.ts";
import { safeLine, safeName } from "../../text/safe-line.ts";
import type { Style } from "../../text/style.ts";

const MARKS: Readonly<Record<RuleOutcome, string>> = { met: "yes", unmet: "no", waiting: "wait", not_reached: "-" };
const COLOURS = { met: "green", unmet: "red", waiting: "yellow", not_reached: "dim" } as const;

/** An explanation for a person. Parts that have nothing to say are left out. */
export function renderExplanation(
  explanation: JobExplanation,
  output: readonly Pick<LogLine, "text">[],
  style: Style,
): string {
  const { job, run, trigger, summary, rules, attempts, exit, failure, retries, remedy } = explanation;
  const began = attempts.length > 0;
  const parts = [
    [`${style.paint("bold", `Job ${job} of run ${run}`)} ${shown(summary)}`],
    section("What began the run:", renderTrigger(trigger), style),
    section(
      "What it takes to run:",
      rules.map((rule) => renderRule(rule, style)),
      style,
    ),
    section("What happened:", attempts.flatMap(renderAttempt), style),
    began ? section("Time-outs:", [renderTimeOuts(explanation)], style) : [],
    exit === null
      ? []
      : section("How it ended:", [shown(`step ${safeName(exit.step)}: ${endOf(exit)}: ${exit.meaning}`)], style),
    section("What it failed of:", failure === null ? [] : [renderFailure(failure)], style),
    section(
      "Whether it is tried again:",
      retries.map((retry) => renderRetry(retry, style)),
      style,
    ),
    section(
      exit === null ? "Its last lines:" : `The last lines of step ${safeName(exit.step)}:`,
      output.map(({ text }) => safeLine(text, style.colour)),
      style,
    ),
    section(
      "What to do:",
      [remedy, ...further(explanation)].filter((line) => line !== ""),
      style,
    ),
  ];
  return `${parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  return lines.length === 0 ? [] : [style.paint("bold", title), ...lines.map((line) => `  ${line}`)];
}

/** Nothing of a run of a directory: whoever sees this has begun it. */
function renderTrigger({ event, ref, sha, actor, reason, rerun_of: rerunOf }: TriggerExplanation): readonly string[] {
  if (ref === null || sha === null) return [];
  const by = actor === null ? "" : `, by ${safeName(actor)}`;
  return [
    `${safeName(event)} of ${safeName(ref)} at ${safeName(sha.slice(0, 12))}${by}`,
    ...(reason === null ? [] : [`because ${shown(reason)}`]),
    ...(rerunOf === null ? [] : [`run again: it repeats run ${safeName(rerunOf)}`]),
  ];
}

function renderRule(rule: Rule, style: Style): string {
  const mark = style.paint(COLOURS[rule.outcome], MARKS[rule.outcome].padEnd(4));
  switch (rule.rule) {
    case "selection":
      return `${mark}  part of the run: ${shown(rule.text)}`;
    case "dependency":
      return `${mark}  depends on ${safeName(rule.job)}: ${shown(rule.text)}`;
    case "condition": {
      const values = Object.entries(rule.values).map(([name, value]) => `${name} is ${JSON.stringify(value)}`);
      const decidedOn = values.length === 0 ? "" : ` (${values.join(", ")})`;
      return `${mark}  condition ${shown(rule.condition)}: ${shown(rule.text + decidedOn)}`;
    }
    case "gate": {
      const environment = rule.environment === null ? "" : ` of ${safeName(rule.environment)}`;
      return `${mark}  the rules${environment}: ${shown(rule.text)}`;
    }
    case "slot":
      return `${mark}  a free slot: ${shown(rule.text)}`;
  }
}

function renderFailure({ category, service, text }: FailureExplanation): string {
  return shown(`${category}${service === null ? "" : `, of ${service}`}: ${text}`);
}

function renderRetry({ of, name, again, text }: RetryRuleExplanation, style: Style): string {
  const mark = again ? style.paint("green", "yes ") : style.paint("red", "no  ");
  return `${mark}  by the rule of ${of} ${safeName(name)}: ${shown(text)}`;
}

function renderAttempt({ attempt, executor, executor_reason, steps, retry }: AttemptExplanation): readonly string[] {
  const why = executor_reason === "" ? "" : `: ${safeName(executor_reason)}`;
  const again = retry === null ? [] : [`attempt ${attempt} failed: ${shown(retry.message)}; ${delayOf(retry)}`];
  return [
    `attempt ${attempt}, in ${safeName(executor)}${why}`,
    ...steps.flatMap(renderStep).map((line) => `  ${line}`),
    ...again,
  ];
}

function renderStep(step: StepExplanation): readonly string[] {
  const name = `step ${safeName(step.step)}${step.attempt === 1 ? "" : `, attempt ${step.attempt}`}`;
  if (step.status === null) return [`${name}: still runs, or its end was not seen`];
  const end = step.status === "success" ? "success" : `${step.status}, ${endOf(step)}`;
  const again = step.retry === null ? "" : `; ${delayOf(step.retry)}`;
  const of = step.category === null ? "" : `, ${step.category}`;
  return [`${name}: ${end}, in ${formatDuration(step.duration_ms ?? 0)}${of}${again}`];
}

function delayOf(retry: { readonly delay_ms: number }): string {
  return `tried again after ${formatDuration(retry.delay_ms)}`;
}

function endOf(end: { readonly exit_code: number | null; readonly signal: string | null }): string {
  if (end.signal !== null) return end.signal;
  return end.exit_code === null ? "no exit code" : `exit code ${end.exit_code}`;
}

function renderTimeOuts({ time_outs: timeOuts }: JobExplanation): string {
  const steps = Object.entries(timeOuts.steps).map(([name, seconds]) => `step ${safeName(name)} ${seconds} s`);
  const all = [...steps, `job ${timeOuts.job} s`, `pipeline ${timeOuts.pipeline} s`].join(", ");
  return timeOuts.ran_out === null ? `${all}: none ran out` : `${all}: that of the ${timeOuts.ran_out} ran out`;
}

function further({ run, job, status, rules, exit }: JobExplanation): readonly string[] {
  if (status === "failed") {
    return [`waybill logs ${run} ${job}`, ...(exit === null ? [] : [`waybill debug ${run} ${job}`])];
  }
  const unmet = rules.flatMap((rule) => (rule.rule === "dependency" && rule.outcome === "unmet" ? [rule.job] : []));
  return unmet.map((name) => `waybill why ${run} ${name}`);
}

/** On its line, and harmless for a terminal. */
function shown(text: string): string {
  return safeLine(text.replaceAll(/\s*[\r\n]+\s*/g, " "), false);
}
