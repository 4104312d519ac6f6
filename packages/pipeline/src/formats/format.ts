import type { DiagnosticCollector } from "../diagnostics/diagnostic.ts";
import type { PipelineTemplate } from "../model/template.ts";
import type { TreeNode } from "../yaml/node.ts";

/**
 * A way to write pipelines. Whatever the dialect, the outcome is the same template, and problems are reported into the
 * same collector, at the places of the dialect's own file.
 */
export interface PipelineFormat {
  readonly id: string;
  /** For people. */
  readonly title: string;
  /** File names (without directory) that are read in this format. */
  readonly fileNames: readonly string[];
  /**
   * Checks and reads a file. Reports everything that is wrong and reads on past it.
   *
   * @returns null where nothing can be read at all
   */
  read(tree: TreeNode, collector: DiagnosticCollector): PipelineTemplate | null;
}
