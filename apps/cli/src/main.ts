import { processContext } from "./context.ts";
import { runProgram } from "./program.ts";
import { quietWhenReaderLeaves, reportCrashes } from "./process-events.ts";

async function main(): Promise<void> {
  const context = processContext(quietWhenReaderLeaves);
  reportCrashes(context);
  // The exit code is set, not forced: what is still being written to a pipe gets there before the process ends.
  process.exitCode = await runProgram(process.argv.slice(2), context);
}

// Not awaited at the top of the module: the program is bundled as CommonJS.
void main();
