import { WaybillError } from "@waybill/core";
import type { Command, CommanderError } from "commander";

/**
 * What commander complains about, as one of our coded errors.
 *
 * Commander tells the offending name and its "did you mean" only inside the message
 * (`error: unknown option '--jsn'\n(Did you mean --json?)`), hence the reading back.
 */
export function usageError(error: CommanderError, args: readonly string[], program: Command): WaybillError {
  const [problem = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const didYouMean = /\((Did you mean .*\?)\)/.exec(rest.join("\n"))?.[1];
  const help = `\`${helpCommand(args, program)}\` shows what there is.`;
  const hint = didYouMean === undefined ? help : `${didYouMean} ${help}`;
  const name = /'(.*)'/s.exec(problem)?.[1] ?? "";
  const options = { cause: error };
  switch (error.code) {
    case "commander.unknownCommand":
      return new WaybillError("CLI_UNKNOWN_COMMAND", { command: name, hint }, options);
    case "commander.unknownOption":
      return new WaybillError("CLI_UNKNOWN_OPTION", { option: name, hint }, options);
    default:
      return new WaybillError("CLI_USAGE", { problem: sentence([problem, ...rest].join(" ")), hint }, options);
  }
}

function helpCommand(args: readonly string[], program: Command): string {
  const command = program.commands.find((candidate) => candidate.name() === args.find((arg) => !arg.startsWith("-")));
  return command === undefined ? "waybill --help" : `waybill ${command.name()} --help`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, "");
}
