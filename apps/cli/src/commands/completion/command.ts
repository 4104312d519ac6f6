import { Argument, Command } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import type { Shell } from "../../completion/scripts.ts";

export function completionCommand(runner: Runner): Command {
  const command = new Command("completion")
    .description("Print what makes a shell complete commands, options, jobs, runs and files")
    .addArgument(new Argument("<SHELL>", "which shell").choices(["bash", "zsh", "fish"]))
    .action((shell: Shell) => runner(async (context) => (await import("./action.ts")).completion(context, shell)));
  return withExamples(command, [
    ['eval "$(waybill completion bash)"', "in ~/.bashrc"],
    ['eval "$(waybill completion zsh)"', "in ~/.zshrc, after compinit"],
    ["waybill completion fish > ~/.config/fish/completions/waybill.fish", "once"],
  ]);
}
