import { WaybillError } from "@waybill/core";
import { ReadStream } from "node:tty";
import type { CommandContext } from "../../context.ts";
import { INTERRUPTED } from "../../exit-codes.ts";

const MAX_CHARACTERS = 4096;

/**
 * Asks on the terminal, and shows nothing of what is typed.
 *
 * @throws WaybillError `TOKEN_UNREADABLE` where there is no terminal
 */
export async function askHidden(context: CommandContext, question: string): Promise<string> {
  const { stdin, stderr } = context;
  if (!(stdin instanceof ReadStream)) {
    const problem = "it is no terminal; give the token with --token-file or WAYBILL_TOKEN";
    throw new WaybillError("TOKEN_UNREADABLE", { source: "standard input", problem });
  }
  stdin.setRawMode(true);
  stderr.write(question);
  try {
    return await lineOf(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

/** In raw mode the keys that edit and end are characters like all others. */
function lineOf(stdin: ReadStream): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let line = "";
  const take = (chunk: Buffer): void => {
    for (const character of chunk.toString()) {
      switch (character) {
        case "\r":
        case "\n":
        case "\u0004":
          stdin.off("data", take);
          resolve(line);
          return;
        case "\u0003":
          stdin.setRawMode(false);
          process.exit(INTERRUPTED);
          return;
        case "\u007f":
        case "\b":
          line = line.slice(0, -1);
          break;
        case "\u0015":
          line = "";
          break;
        default:
          if (line.length < MAX_CHARACTERS && character >= " ") line += character;
      }
    }
  };
  stdin.on("data", take);
  return promise;
}
