import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { Runner } from "../../context.ts";
import { withExamples } from "../../examples.ts";
import { jsonOption } from "../../options.ts";
import type { ImportOptions } from "./import.ts";
import type { ListOptions } from "./list.ts";
import type { RemoveOptions } from "./remove.ts";

export function imagesCommand(runner: Runner): Command {
  const command = new Command("images").description("Root file systems in which sandboxes run the steps of an image");
  for (const declare of [importCommand, listCommand, removeCommand]) command.addCommand(declare(runner));
  return withExamples(command, [
    ["docker save node:24 -o node.tar && waybill images import node:24 node.tar", "an image of Docker's"],
    ["waybill images list", "what there is"],
    ["waybill images remove node:24", "make room"],
  ]);
}

function importCommand(runner: Runner): Command {
  const command = new Command("import")
    .description("Unpack an image from a file; one of the same name is replaced")
    .addArgument(new Argument("<NAME>", "as pipelines name it, for example node:24"))
    .addArgument(new Argument("<FILE>", "made by `docker save`, `docker export` or a tool that writes OCI layouts"))
    .addOption(new Option("--digest <DIGEST>", "refuse the image unless it has this digest").argParser(digest))
    .addOption(new Option("--max-size <GIB>", "refuse what unpacks to more").argParser(gibibytes).default(32))
    .addOption(jsonOption())
    .action((name: string, file: string, options: ImportOptions) =>
      runner(async (context) => (await import("./import.ts")).importImage(context, name, file, options)),
    );
  return withExamples(command, [
    ["waybill images import node:24 node.tar", "what `docker save node:24 -o node.tar` has made"],
    ["waybill images import tools:1 tools.tar.gz", "a root file system of your own, compressed"],
  ]);
}

function listCommand(runner: Runner): Command {
  const command = new Command("list")
    .description("List the images that sandboxes can use")
    .addOption(jsonOption())
    .action((options: ListOptions) => runner(async (context) => (await import("./list.ts")).list(context, options)));
  return withExamples(command, [["waybill images list --json", "for a program"]]);
}

function removeCommand(runner: Runner): Command {
  const command = new Command("remove")
    .description("Remove an image; jobs that run in it at this moment lose their files")
    .addArgument(new Argument("<NAME>", "of the image"))
    .addOption(jsonOption())
    .action((name: string, options: RemoveOptions) =>
      runner(async (context) => (await import("./remove.ts")).remove(context, name, options)),
    );
  return withExamples(command, [["waybill images remove node:24", "make room"]]);
}

function digest(text: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError("It has to be sha256: and 64 hex digits.");
  return text;
}

function gibibytes(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || !(value > 0) || value > 4096) {
    throw new InvalidArgumentError("It has to be a number from 0 to 4096.");
  }
  return value;
}
