import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { formatAge } from "../../text/duration.ts";
import { styleFor } from "../../text/style.ts";
import { renderTable } from "../../text/table.ts";
import { projectImages } from "./project-images.ts";
import { toJson } from "./wire.ts";

export interface ListOptions {
  readonly json?: boolean;
}

export async function list(context: CommandContext, options: ListOptions): Promise<ExitCode> {
  const images = await (await projectImages(context, "look")).list();
  if (options.json) await writeJson(context, { images: images.map(toJson) });
  else if (images.length === 0) {
    await write(context.stderr, "There are no images yet; `waybill images import` brings the first.\n");
  } else {
    const style = styleFor(context.stdout, context.env);
    const rows = images.map(({ name, digest, importedAt }) => [
      name,
      digest.slice(0, "sha256:".length + 12),
      formatAge(context.clock.now() - importedAt),
    ]);
    const table = renderTable([["IMAGE", "DIGEST", "IMPORTED"], ...rows], (padded, row) =>
      row === 0 ? style.paint("dim", padded) : padded,
    );
    await write(context.stdout, table);
  }
  return SUCCESS;
}
