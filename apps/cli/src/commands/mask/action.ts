import { createMasker } from "@waybill/core";
import { write, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { readSecrets, textsToMask } from "../../files/secrets.ts";

export interface MaskOptions {
  readonly secrets: string;
}

export async function mask(context: CommandContext, options: MaskOptions): Promise<ExitCode> {
  const secrets = textsToMask(readSecrets(context, options.secrets));
  // As likely a mistake as not: whoever reads the output should know.
  if (secrets.length === 0) await write(context.stderr, "warning: there are no secrets, so nothing is masked\n");
  const masker = createMasker(secrets);
  for await (const chunk of context.stdin) {
    await write(context.stdout, masker.write(typeof chunk === "string" ? Buffer.from(chunk) : chunk));
  }
  await write(context.stdout, masker.end());
  return SUCCESS;
}
