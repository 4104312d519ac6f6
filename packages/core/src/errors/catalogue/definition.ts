import { defineErrors } from "../definition.ts";

/** Pipeline definitions that were stored and are read back. */
export const definitionErrors = defineErrors(
  { severity: "error", exitCode: 3, httpStatus: 500 },
  {
    DEFINITION_UNREADABLE: {
      title: "A stored pipeline definition cannot be read",
      message: "The stored pipeline definition cannot be read: {detail}",
      remedy:
        "It was written by another version of Waybill or has been changed since. Use the version that wrote it, or start a new run from the pipeline file.",
      help: "errors.md#definition_unreadable",
      example: '{"name":"demo","jobs":"build"}',
    },
  },
);
