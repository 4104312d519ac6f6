import { DEFAULT_IMAGE_LIMITS } from "@waybill/executors";
import { resolve } from "node:path";
import { write, writeJson, type CommandContext } from "../../context.ts";
import { SUCCESS, type ExitCode } from "../../exit-codes.ts";
import { formatDuration } from "../../text/duration.ts";
import { projectImages } from "./project-images.ts";
import { toJson } from "./wire.ts";

export interface ImportOptions {
  readonly digest?: string;
  readonly maxSize: number;
  readonly json?: boolean;
}

const GIBIBYTE = 1024 ** 3;
/** More often than this nobody can read. */
const PROGRESS_MS = 100;

export async function importImage(
  context: CommandContext,
  name: string,
  file: string,
  options: ImportOptions,
): Promise<ExitCode> {
  const store = await projectImages(context, "make");
  const start = context.clock.now();
  const progress = context.stderr.isTTY ? progressLine(context, name) : null;
  let image;
  try {
    image = await store.import({
      name,
      path: resolve(context.cwd, file),
      file,
      digest: options.digest ?? null,
      limits: { ...DEFAULT_IMAGE_LIMITS, bytes: Math.round(options.maxSize * GIBIBYTE) },
      ...(progress === null ? {} : { progress: progress.show }),
    });
  } finally {
    await progress?.clear();
  }
  if (image.skipped > 0) {
    await write(
      context.stderr,
      `note: ${image.skipped} devices or the like were left out; sandboxes bring their own\n`,
    );
  }
  if (options.json) await writeJson(context, { image: toJson(image) });
  else
    await write(
      context.stdout,
      `Imported ${name} in ${formatDuration(context.clock.now() - start)}: ${image.digest}\n`,
    );
  return SUCCESS;
}

/** One line of a terminal that is written over and over. */
function progressLine(
  context: CommandContext,
  name: string,
): { readonly show: (done: number) => void; readonly clear: () => Promise<void> } {
  let shownAt = Number.NEGATIVE_INFINITY;
  return {
    show(done): void {
      const now = context.clock.now();
      if (now - shownAt < PROGRESS_MS) return;
      shownAt = now;
      void write(context.stderr, `\r\u001B[KImporting ${name}: ${Math.floor(done * 100)} %`);
    },
    async clear(): Promise<void> {
      await write(context.stderr, "\r\u001B[K");
    },
  };
}
