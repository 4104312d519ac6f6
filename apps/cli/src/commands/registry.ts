import type { Command } from "commander";
import type { Runner } from "../context.ts";
import { approveCommand } from "./approve/command.ts";
import { artifactsCommand } from "./artifacts/command.ts";
import { backupCommand } from "./backup/command.ts";
import { cancelCommand } from "./cancel/command.ts";
import { completeCommand } from "./completion/complete-command.ts";
import { completionCommand } from "./completion/command.ts";
import { connectCommand } from "./connect/command.ts";
import { debugCommand } from "./debug/command.ts";
import { environmentsCommand } from "./environments/command.ts";
import { explainCommand } from "./explain/command.ts";
import { graphCommand } from "./graph/command.ts";
import { imagesCommand } from "./images/command.ts";
import { hookCommand } from "./hook/command.ts";
import { initCommand } from "./init/command.ts";
import { lintCommand } from "./lint/command.ts";
import { listCommand } from "./list/command.ts";
import { loginCommand } from "./login/command.ts";
import { logoutCommand } from "./logout/command.ts";
import { logsCommand } from "./logs/command.ts";
import { maskCommand } from "./mask/command.ts";
import { planCommand } from "./plan/command.ts";
import { rerunCommand } from "./rerun/command.ts";
import { restoreCommand } from "./restore/command.ts";
import { runCommand } from "./run/command.ts";
import { runsCommand } from "./runs/command.ts";
import { schemaCommand } from "./schema/command.ts";
import { secretsCommand } from "./secrets/command.ts";
import { serverCommand } from "./server/command.ts";
import { simulateCommand } from "./simulate/command.ts";
import { statusCommand } from "./status/command.ts";
import { triggerCommand } from "./trigger/command.ts";
import { whyCommand } from "./why/command.ts";

type DeclareCommand = (runner: Runner, program: Command) => Command;

/**
 * Every command by name, in the order of the help. A command is a folder of two files: `command.ts` declares it;
 * `action.ts` does the work and is loaded when the command is called.
 */
export const commandRegistry: Readonly<Record<string, DeclareCommand>> = {
  init: initCommand,
  lint: lintCommand,
  plan: planCommand,
  graph: graphCommand,
  simulate: simulateCommand,
  run: runCommand,
  cancel: cancelCommand,
  runs: runsCommand,
  logs: logsCommand,
  artifacts: artifactsCommand,
  why: whyCommand,
  debug: debugCommand,
  server: serverCommand,
  backup: backupCommand,
  restore: restoreCommand,
  hook: hookCommand,
  login: loginCommand,
  logout: logoutCommand,
  connect: connectCommand,
  trigger: triggerCommand,
  status: statusCommand,
  list: listCommand,
  rerun: rerunCommand,
  approve: approveCommand,
  secrets: secretsCommand,
  environments: environmentsCommand,
  images: imagesCommand,
  mask: maskCommand,
  schema: schemaCommand,
  explain: explainCommand,
  completion: completionCommand,
  __complete: completeCommand,
};
