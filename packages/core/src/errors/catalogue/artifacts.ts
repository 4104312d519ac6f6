import { defineErrors } from "../definition.ts";

/** Errors of what jobs build and hand on. */
export const artifactErrors = defineErrors(
  { severity: "error", exitCode: 1, httpStatus: 422 },
  {
    ARTIFACT_MISSING: {
      title: "An artifact's pattern matches nothing",
      message: 'The artifact "{artifact}" was not built: no file matches {patterns}.',
      remedy: "Check that the job writes the files, and that the paths are relative to its workspace.",
      help: "errors.md#artifact_missing",
      example: "artifacts:\n  app: dist/missing.js",
    },
    ARTIFACT_UNSAFE: {
      title: "An artifact leaves the workspace",
      message: 'The artifact "{artifact}" cannot take "{path}": {detail}.',
      remedy: "Artifacts hold ordinary files, directories and links that stay inside the workspace.",
      help: "errors.md#artifact_unsafe",
      example: "artifacts:\n  app: ../other-project/dist",
    },
    ARTIFACT_TOO_MANY_FILES: {
      title: "An artifact has too many files",
      message: 'The artifact "{artifact}" has more than {limit} files.',
      remedy: "Pack the files into an archive in the job, or narrow the patterns.",
      help: "errors.md#artifact_too_many_files",
      example: 'artifacts:\n  everything: "**"',
    },
    ARTIFACT_LOST: {
      title: "A stored artifact is gone",
      message: 'The artifact "{artifact}" of job "{job}" is no longer in the store.',
      remedy: "Run the job again to build it anew.",
      exitCode: 3,
      httpStatus: 410,
      help: "errors.md#artifact_lost",
      example: "",
    },
    ARTIFACT_CORRUPTED: {
      title: "A stored artifact is damaged",
      message: 'The artifact "{artifact}" of job "{job}" is damaged in the store: {detail}.',
      remedy:
        "It is in quarantine and nobody gets it. Run the job again: building the same files puts them back. Check the disk, and the rest of the store with `waybill artifacts verify`.",
      exitCode: 3,
      httpStatus: 410,
      help: "errors.md#artifact_corrupted",
      example: "",
    },
    ARTIFACT_RULES_INVALID: {
      title: "The rules of retention cannot be used",
      message: 'The rules of retention in "{file}" cannot be used: {problem}.',
      remedy: "Correct the file, or remove it to have the rules that Waybill comes with.",
      exitCode: 2,
      httpStatus: 500,
      help: "errors.md#artifact_rules_invalid",
      example: "policies:\n  - { name: reports, pattern: report-.*, max_age_days: fourteen }",
    },
    ARTIFACT_CLEANUP_RUNNING: {
      title: "Artifacts are being cleaned up already",
      message: "Another process is cleaning up the artifacts of this project.",
      remedy: "Wait until it has finished; one cleanup does the work of two.",
      exitCode: 3,
      httpStatus: 409,
      help: "errors.md#artifact_cleanup_running",
      example: "waybill artifacts gc & waybill artifacts gc",
    },
    ARTIFACT_QUOTA_EXCEEDED: {
      title: "The artifact store is full",
      message: "The artifacts take {used} % of the {limit} GiB they may have; nothing new is kept.",
      remedy: "Make room with `waybill artifacts gc`, unpin what is not needed any more, or keep less in each run.",
      exitCode: 3,
      httpStatus: 507,
      help: "errors.md#artifact_quota_exceeded",
      example: "",
    },
  },
);
