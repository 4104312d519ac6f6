import { processContext } from "./context.ts";
import { runProgram } from "./program.ts";
import { quietWhenReaderLeaves, reportCrashes } from "./process-events.ts";

const context = processContext(quietWhenReaderLeaves);
reportCrashes(context);
// The exit code is set, not forced: what is still being written to a pipe gets there before the process ends.
void runProgram(process.argv.slice(2), context).then((exitCode) => {
  process.exitCode = exitCode;
});
