import { defineErrors } from "../definition.ts";

/** Errors of `waybill backup` and `waybill restore`. */
export const backupErrors = defineErrors(
  { severity: "error", exitCode: 3, httpStatus: 500 },
  {
    BACKUP_FILE_EXISTS: {
      title: "The file of the backup is there already",
      message: 'The file "{file}" exists already.',
      remedy: "Name another file, or move this one away: a backup never replaces another one.",
      exitCode: 2,
      help: "errors.md#backup_file_exists",
      example: "waybill backup monday.backup   # twice",
    },
    BACKUP_NOTHING_THERE: {
      title: "There is nothing to back up",
      message: 'There is no database "{path}".',
      remedy: "Name the data directory of the server with --data, or its database with --database.",
      exitCode: 2,
      help: "errors.md#backup_nothing_there",
      example: "waybill backup monday.backup --data /nowhere",
    },
    BACKUP_CLEANUP_UNDER_WAY: {
      title: "Artifacts are being cleaned up",
      message: "Artifacts are being cleaned up or backed up by another process.",
      remedy: "Wait for it to finish, then run the command again.",
      help: "errors.md#backup_cleanup_under_way",
      example: "",
    },
    BACKUP_DATABASE_FAILED: {
      title: "The database could not be copied",
      message: "The database could not be copied with {program}: {detail}",
      remedy: "For PostgreSQL, its client programs of at least the server's version have to be installed.",
      help: "errors.md#backup_database_failed",
      example: "",
    },
    BACKUP_DAMAGED: {
      title: "The backup is damaged",
      message: 'The backup "{file}" cannot be restored: {problem}.',
      remedy: "Take another backup. Nothing was restored.",
      help: "errors.md#backup_damaged",
      example: "",
    },
    BACKUP_OTHER_DATABASE: {
      title: "The backup is of another kind of database",
      message: "The backup has a database of {found}, and it is to be restored to one of {wanted}.",
      remedy: "Name a database of the same kind with --database.",
      exitCode: 2,
      help: "errors.md#backup_other_database",
      example: "",
    },
    BACKUP_TARGET_IN_USE: {
      title: "The place to restore to is not empty",
      message: '"{path}" is not empty.',
      remedy: "Restore to an empty directory, and an empty database: nothing is replaced.",
      exitCode: 2,
      help: "errors.md#backup_target_in_use",
      example: "waybill restore monday.backup --data waybill-data   # of a server",
    },
  },
);
