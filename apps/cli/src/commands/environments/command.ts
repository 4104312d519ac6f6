import { Argument, Command, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { collect, jsonOption, serverOptions, SIGNED_IN, wholeNumber } from "../../options.ts";
import type { EnvironmentsOptions, RulesOptions } from "./action.ts";

export function environmentsCommand(runner: Runner): Command {
  const command = new Command("environments").description(
    "Say what jobs have to meet that name an environment of a project on a server",
  );
  for (const declare of [listCommand, createCommand, showCommand, editCommand, deleteCommand]) {
    command.addCommand(declare(runner));
  }
  return withExamples(command, [
    ["waybill environments create shop production --branch main --approvals 1", "protect it"],
    ["waybill environments list shop", "what each asks for"],
  ]);
}

function listCommand(runner: Runner): Command {
  const command = new Command("list")
    .description("List the environments of a project and what each asks for")
    .addArgument(projectArgument());
  ofServer(command).action((project: string, options: EnvironmentsOptions) =>
    runner(async (context) => (await import("./action.ts")).listEnvironments(context, project, options)),
  );
  return withExamples(command, [["waybill environments list shop --json", "for a program"]]);
}

function createCommand(runner: Runner): Command {
  const command = withRules(new Command("create").description("Make an environment")).option(
    "--prevent-self-approval",
    "whose change it is cannot approve it",
  );
  ofServer(command).action((project: string, name: string, options: RulesOptions) =>
    runner(async (context) => (await import("./action.ts")).createEnvironment(context, project, name, options)),
  );
  return withExamples(command, [
    ["waybill environments create shop staging", "without rules: any branch, and nobody is asked"],
    [
      "waybill environments create shop production --branch main --branch 'release/*' --approvals 2 --approver ann --approver bob",
      "two people, and these",
    ],
  ]);
}

function showCommand(runner: Runner): Command {
  const command = new Command("show")
    .description("Show what an environment asks for")
    .addArgument(projectArgument())
    .addArgument(environmentArgument());
  ofServer(command).action((project: string, name: string, options: EnvironmentsOptions) =>
    runner(async (context) => (await import("./action.ts")).showEnvironment(context, project, name, options)),
  );
  return withExamples(command, [["waybill environments show shop production", "branches, approvals, approvers"]]);
}

function editCommand(runner: Runner): Command {
  const command = withRules(new Command("edit").description("Change what an environment asks for; the rest stays"))
    .option("--any-branch", "every ref may use it")
    .option("--any-approver", "whoever may approve in the project")
    .option("--prevent-self-approval", "whose change it is cannot approve it")
    .addOption(
      new Option("--allow-self-approval", "whose change it is may approve it").conflicts("preventSelfApproval"),
    );
  ofServer(command).action((project: string, name: string, options: RulesOptions) =>
    runner(async (context) => (await import("./action.ts")).editEnvironment(context, project, name, options)),
  );
  return withExamples(command, [
    ["waybill environments edit shop production --approvals 2", "one more has to approve"],
    ["waybill environments edit shop production --any-approver", "whoever may approve in the project"],
  ]);
}

function deleteCommand(runner: Runner): Command {
  const command = new Command("delete")
    .description("Delete an environment; its secrets stay, and jobs that wait for its approval are refused")
    .addArgument(projectArgument())
    .addArgument(environmentArgument());
  ofServer(command).action((project: string, name: string, options: EnvironmentsOptions) =>
    runner(async (context) => (await import("./action.ts")).deleteEnvironment(context, project, name, options)),
  );
  return withExamples(command, [["waybill environments delete shop staging", "no job may name it from now on"]]);
}

function withRules(command: Command): Command {
  return command
    .addArgument(projectArgument())
    .addArgument(environmentArgument())
    .option("--description <TEXT>", "what it is, in a sentence")
    .addOption(
      new Option(
        "--branch <PATTERN>",
        "a branch that may use it, such as main or release/*; with refs/ before it a whole ref (repeatable)",
      ).argParser(collect),
    )
    .option("--approvals <COUNT>", "how many people have to approve each job, 10 at most", wholeNumber)
    .addOption(new Option("--approver <USER>", "somebody who may approve (repeatable)").argParser(collect));
}

function ofServer(command: Command): Command {
  for (const option of serverOptions(SIGNED_IN)) command.addOption(option);
  return command.addOption(jsonOption());
}

function projectArgument(): Argument {
  return new Argument("<PROJECT>", "its name or id");
}

function environmentArgument(): Argument {
  return new Argument("<ENVIRONMENT>", "its name, as in `deploys_to` of a pipeline file");
}
