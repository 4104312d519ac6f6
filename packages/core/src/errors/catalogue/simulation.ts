import { defineErrors } from "../definition.ts";

/** Problems with the events that a simulated run is told of. */
export const simulationErrors = defineErrors(
  { severity: "error", exitCode: 2, httpStatus: 400, help: "cli.md#waybill-simulate" },
  {
    SIMULATION_EVENTS_NOT_JSON: {
      title: "The file of events is not JSON",
      message: "{file} is not JSON: {detail}",
      remedy: 'Write a JSON list of objects with "job" and "outcome".',
      example: "echo 'build success' > events.json; waybill simulate --events events.json",
    },
    SIMULATION_EVENTS_INVALID: {
      title: "The file of events has something in it that is no event",
      message: "{file}: {place} {problem}",
      remedy:
        'Write a JSON list of objects with nothing but "job" and "outcome", and "exit_code" or "category" of a failure; outcomes are {outcomes}.',
      example: '[{"job": "build", "outcome": "done"}]',
    },
    SIMULATION_UNKNOWN_JOB: {
      title: "An event is about a job that the run does not have",
      message: 'There is no job "{job}" in this run',
      remedy: "{hint}",
      example: '[{"job": "biuld", "outcome": "success"}]',
    },
    SIMULATION_JOB_NOT_RUNNING: {
      title: "An event ends a job that does not run at that time",
      message: 'Job "{job}" cannot end as {outcome}: it is {status}, not running',
      remedy: "{hint} Put the events into the order in which the jobs end.",
      example: '[{"job": "test", "outcome": "success"}]   # while build, which test depends on, still runs',
    },
  },
);
