import { Argument, Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { HERE, jsonOption, positiveInteger, serverOptions } from "../../options.ts";
import type { GcOptions } from "./gc.ts";
import type { PinOptions } from "./pin.ts";
import type { GetOptions, ListOptions } from "./shared-options.ts";
import type { VerifyOptions } from "./verify.ts";

const RUN = "number of the run, its id or the first 8 characters of it, or latest";

export function artifactsCommand(runner: Runner): Command {
  const command = new Command("artifacts").description("List, fetch, verify and clean up what jobs have kept");
  for (const declare of [listCommand, getCommand, verifyCommand, gcCommand, pinCommand, unpinCommand]) {
    command.addCommand(declare(runner));
  }
  return withExamples(command, [
    ["waybill artifacts list latest", "what the last run has kept"],
    ["waybill artifacts get latest build app", "the files of one artifact, into the directory app"],
    ["waybill artifacts gc --dry-run", "what a cleanup would remove"],
  ]);
}

function listCommand(runner: Runner): Command {
  const command = new Command("list")
    .description("List artifacts, those of the newest run first")
    .addArgument(new Argument("[RUN]", RUN))
    .addOption(new Option("-n, --limit <N>", "how many, where no run is given").argParser(positiveInteger).default(20))
    .addOption(jsonOption());
  for (const option of serverOptions(HERE)) command.addOption(option);
  command.action((run: string | undefined, options: ListOptions) =>
    runner(async (context) =>
      options.server === undefined
        ? (await import("./list.ts")).list(context, run, options)
        : (await import("./remote-list.ts")).listRemoteArtifacts(context, run, options),
    ),
  );
  return withExamples(command, [
    ["waybill artifacts list", "the newest ones of all runs"],
    ["waybill artifacts list 12 --json", "those of one run, for a program"],
  ]);
}

function getCommand(runner: Runner): Command {
  const command = withArtifact(new Command("get").description("Write the files of an artifact into a directory"))
    .addOption(new Option("--to <PATH>", "the directory, made where there is none (default: the artifact's name)"))
    .addOption(new Option("--force", "also where the directory is not empty; what is in the way is replaced"))
    .addOption(jsonOption());
  for (const option of serverOptions(HERE)) command.addOption(option);
  command.action((run: string, job: string, name: string, options: GetOptions) =>
    runner(async (context) =>
      options.server === undefined
        ? (await import("./get.ts")).get(context, run, job, name, options)
        : (await import("./remote-get.ts")).getRemote(context, run, job, name, options),
    ),
  );
  return withExamples(command, [
    ["waybill artifacts get latest build app", "into the directory app"],
    ["waybill artifacts get 12 build app --to /tmp/app", "into another one"],
  ]);
}

function verifyCommand(runner: Runner): Command {
  const command = new Command("verify")
    .description("Read stored files and compare them with what was kept")
    .addArgument(new Argument("[RUN]", `${RUN}; or the hash of a content (default: all contents)`))
    .addOption(jsonOption())
    .action((target: string | undefined, options: VerifyOptions) =>
      runner(async (context) => (await import("./verify.ts")).verify(context, target, options)),
    );
  return withExamples(command, [
    ["waybill artifacts verify", "everything in the store"],
    ["waybill artifacts verify latest", "what the last run has kept"],
  ]);
}

function gcCommand(runner: Runner): Command {
  const command = new Command("gc")
    .description("Remove artifacts that are old and unused")
    .addOption(new Option("--dry-run", "say what would go, and remove nothing"))
    .addOption(jsonOption())
    .action((options: GcOptions) => runner(async (context) => (await import("./gc.ts")).gc(context, options)));
  return withExamples(command, [
    ["waybill artifacts gc --dry-run", "what would go, and why"],
    ["waybill artifacts gc", "remove it"],
  ]);
}

function pinCommand(runner: Runner): Command {
  const command = withArtifact(new Command("pin").description("Keep an artifact until it is unpinned"))
    .addOption(new Option("--reason <TEXT>", "why, for whoever finds it pinned"))
    .addOption(jsonOption())
    .action((run: string, job: string, name: string, options: PinOptions) =>
      runner(async (context) => (await import("./pin.ts")).pin(context, run, job, name, options)),
    );
  return withExamples(command, [['waybill artifacts pin 12 build app --reason "shipped"', "keep what was shipped"]]);
}

function unpinCommand(runner: Runner): Command {
  const command = withArtifact(new Command("unpin").description("Let a pinned artifact go when its time comes"))
    .addOption(jsonOption())
    .action((run: string, job: string, name: string, options: PinOptions) =>
      runner(async (context) => (await import("./pin.ts")).unpin(context, run, job, name, options)),
    );
  return withExamples(command, [["waybill artifacts unpin 12 build app", "the reverse of pin"]]);
}

function withArtifact(command: Command): Command {
  return command
    .addArgument(new Argument("<RUN>", RUN))
    .addArgument(new Argument("<JOB>", "a job of the run"))
    .addArgument(new Argument("<NAME>", "an artifact of the job"));
}
