import { WaybillError } from "@waybill/core";
import * as z from "zod/mini";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import type { ApiClient } from "../../server/api-client.ts";
import { openClient, type ServerChoice } from "../../server/choose-server.ts";
import { findProjectId } from "../../server/find-remote.ts";
import { plural } from "../../text/duration.ts";
import { safeName } from "../../text/safe-line.ts";
import { styleFor } from "../../text/style.ts";
import { renderTable } from "../../text/table.ts";

export interface EnvironmentsOptions extends ServerChoice {
  readonly json?: boolean;
}

export interface RulesOptions extends EnvironmentsOptions {
  readonly description?: string;
  readonly branch?: readonly string[];
  readonly anyBranch?: boolean;
  readonly approvals?: number;
  readonly approver?: readonly string[];
  readonly anyApprover?: boolean;
  readonly preventSelfApproval?: boolean;
  readonly allowSelfApproval?: boolean;
}

const environmentAnswer = z.object({
  name: z.string(),
  description: z.string(),
  branches: z.array(z.string()),
  required_approvals: z.int(),
  approvers: z.array(z.string()),
  prevent_self_approval: z.boolean(),
  updated_at: z.string(),
  updated_by: z.string(),
});
type Environment = z.infer<typeof environmentAnswer>;
const environmentsAnswer = z.object({ items: z.array(environmentAnswer) });

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function listEnvironments(
  context: CommandContext,
  project: string,
  options: EnvironmentsOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  const { items } = await client.get(await pathOf(client, project), environmentsAnswer);
  if (options.json) {
    await writeJson(context, { environments: items });
  } else if (items.length === 0) {
    await write(context.stderr, "The project has no environments.\n");
  } else {
    const style = styleFor(context.stdout, context.env);
    const rows = items.map((each) => [
      ...[safeName(each.name), branchesText(each), approvalsText(each)],
      safeName(each.description),
    ]);
    const table = renderTable([["NAME", "BRANCHES", "APPROVALS", "DESCRIPTION"], ...rows], (padded, row) =>
      row === 0 ? style.paint("dim", padded) : padded,
    );
    await write(context.stdout, table);
  }
  return SUCCESS;
}

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function showEnvironment(
  context: CommandContext,
  project: string,
  name: string,
  options: EnvironmentsOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  return await show(context, await client.get(await pathOf(client, project, name), environmentAnswer), options);
}

/** @throws WaybillError `CLI_USAGE`, `SERVER_*`, or what the server says */
export async function createEnvironment(
  context: CommandContext,
  project: string,
  name: string,
  options: RulesOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  const body = { name, ...rulesOf(options) };
  return await show(
    context,
    await client.send("POST", await pathOf(client, project), environmentAnswer, body),
    options,
  );
}

/** @throws WaybillError `CLI_USAGE`, `SERVER_*`, or what the server says */
export async function editEnvironment(
  context: CommandContext,
  project: string,
  name: string,
  options: RulesOptions,
): Promise<ExitCode> {
  const body = rulesOf(options);
  if (Object.keys(body).length === 0) {
    const hint = "Name what is to be different, for example --approvals 2.";
    throw new WaybillError("CLI_USAGE", { problem: "There is nothing to change", hint });
  }
  const client = await openClient(context, options);
  const path = await pathOf(client, project, name);
  return await show(context, await client.send("PATCH", path, environmentAnswer, body), options);
}

/** @throws WaybillError `SERVER_*`, or what the server says */
export async function deleteEnvironment(
  context: CommandContext,
  project: string,
  name: string,
  options: EnvironmentsOptions,
): Promise<ExitCode> {
  const client = await openClient(context, options);
  await client.send("DELETE", await pathOf(client, project, name), z.null());
  if (options.json) await writeJson(context, { name, deleted: true });
  else await write(context.stdout, `The environment ${safeName(name)} is gone.\n`);
  return SUCCESS;
}

async function pathOf(client: ApiClient, project: string, name?: string): Promise<string> {
  const path = `/v1/projects/${await findProjectId(client, project)}/environments`;
  return name === undefined ? path : `${path}/${encodeURIComponent(name)}`;
}

function rulesOf(options: RulesOptions): Readonly<Record<string, unknown>> {
  const { description, branch, anyBranch, approvals, approver, anyApprover } = options;
  if (branch !== undefined && anyBranch === true) throw conflict("--branch", "--any-branch");
  if (approver !== undefined && anyApprover === true) throw conflict("--approver", "--any-approver");
  const branches = anyBranch === true ? [] : branch;
  const approvers = anyApprover === true ? [] : approver;
  const prevents = options.allowSelfApproval === true ? false : options.preventSelfApproval;
  return {
    ...(description === undefined ? {} : { description }),
    ...(branches === undefined ? {} : { branches }),
    ...(approvals === undefined ? {} : { required_approvals: approvals }),
    ...(approvers === undefined ? {} : { approvers }),
    ...(prevents === undefined ? {} : { prevent_self_approval: prevents }),
  };
}

function conflict(first: string, second: string): WaybillError {
  return new WaybillError("CLI_USAGE", {
    problem: `${first} and ${second} contradict each other`,
    hint: "Leave one out.",
  });
}

async function show(context: CommandContext, of: Environment, options: EnvironmentsOptions): Promise<ExitCode> {
  if (options.json) {
    await writeJson(context, of);
    return SUCCESS;
  }
  const style = styleFor(context.stdout, context.env);
  const by = safeName(of.updated_by.replace(/^user:/, ""));
  const lines = [
    `${style.paint("bold", safeName(of.name))}${of.description === "" ? "" : `: ${safeName(of.description)}`}\n`,
    `Branches:  ${branchesText(of)}\n`,
    `Approvals: ${approvalsText(of)}\n`,
    of.prevent_self_approval ? "           nobody approves their own change\n" : "",
    `Changed:   ${safeName(of.updated_at)} by ${by}\n`,
  ];
  await write(context.stdout, lines.join(""));
  return SUCCESS;
}

function branchesText({ branches }: Environment): string {
  return branches.length === 0 ? "all" : branches.map(safeName).join(", ");
}

function approvalsText({ required_approvals: required, approvers }: Environment): string {
  if (required === 0) return "none";
  return approvers.length === 0
    ? `${required} of the project's approvers`
    : `${plural(required, "approval")} of ${approvers.map(safeName).join(", ")}`;
}
