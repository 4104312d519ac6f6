import { defineErrors } from "../definition.ts";

/** Errors of what Waybill keeps on disk: the database and the logs. */
export const storeErrors = defineErrors(
  { severity: "error", exitCode: 3, httpStatus: 503 },
  {
    STORE_CANNOT_OPEN: {
      title: "The store cannot be opened",
      message: 'The store "{path}" cannot be opened: {detail}',
      remedy: "Check that the directory exists, that it is a directory and that this user may write to it.",
      help: "errors.md#store_cannot_open",
      example: "waybill runs   # in a project whose .waybill is a file",
    },
    STORE_LOCKED: {
      title: "Another process holds the store",
      message: 'Another process is holding the database "{path}" locked.',
      remedy: "Wait for the other Waybill process to finish, or end it, then run the command again.",
      help: "errors.md#store_locked",
      example: "waybill run   # while a backup tool holds the database",
    },
    STORE_READ_ONLY: {
      title: "The store cannot be written to",
      message: '"{path}" is read-only.',
      remedy:
        "Give this user write permission on the file and its directory, or use another directory. " +
        "Of several PostgreSQL servers, name the one that takes changes.",
      help: "errors.md#store_read_only",
      example: "waybill run   # on a file system that is mounted read-only",
    },
    STORE_FULL: {
      title: "No space is left for the store",
      message: 'There is no space left to write "{path}". Nothing of the last change was kept.',
      remedy: "Free disk space or raise the quota, then run the command again.",
      help: "errors.md#store_full",
      example: "waybill run   # on a full disk",
    },
    STORE_NOT_A_DATABASE: {
      title: "The file is not a Waybill database",
      message: '"{path}" is not a Waybill database.',
      remedy:
        "Move the file away, or name an empty database; Waybill makes what it needs. " +
        "Restore a backup if it should hold your runs.",
      help: "errors.md#store_not_a_database",
      example: "echo hello > .waybill/waybill.db && waybill runs",
    },
    STORE_DAMAGED: {
      title: "The store holds something that cannot be right",
      message: 'The store "{path}" is damaged: {detail}',
      remedy: "Restore a backup, or move the file away to start with an empty store.",
      help: "errors.md#store_damaged",
      example: "",
    },
    STORE_LOG_DAMAGED: {
      title: "A log is damaged",
      message: 'The log "{path}" is damaged: {detail}. All that can be read of it was.',
      remedy:
        "Look for the cause: a disk that fails or was full, a machine that lost power, a program that wrote there.",
      help: "errors.md#store_log_damaged",
      example: "",
    },
    STORE_NEWER: {
      title: "The database was made by a newer Waybill",
      message: 'The database "{path}" was changed by a newer Waybill ({migration}) in a way this one cannot work with.',
      remedy: "Use the newer Waybill, or another directory for this one.",
      help: "errors.md#store_newer",
      example: "",
    },
    STORE_FAILED: {
      title: "The store failed",
      message: 'Reading or writing "{path}" failed: {detail}',
      remedy: "Check the disk and the permissions of the directory, then run the command again.",
      help: "errors.md#store_failed",
      example: "",
    },
    STORE_BAD_ADDRESS: {
      title: "The address of a database cannot be read",
      message: "The address of the PostgreSQL database cannot be read: {detail}.",
      remedy:
        "Write postgres://user:password@host:port/database. Percent-encode what is not a letter or a digit in the " +
        "user and password: @ as %40, / as %2F, # as %23.",
      exitCode: 2,
      httpStatus: 500,
      help: "errors.md#store_bad_address",
      example: "postgres://waybill:pass/word@db.internal/waybill",
    },
    STORE_UNREACHABLE: {
      title: "The database server cannot be reached",
      message: 'There is no connection to the database "{path}": {detail}',
      remedy:
        "Check the host and port of the address, that the server runs, that no firewall is between, and that it " +
        "allows enough connections (max_connections).",
      help: "errors.md#store_unreachable",
      example: "",
    },
    STORE_ACCESS_DENIED: {
      title: "The database server refuses this user",
      message: 'The database "{path}" refuses access: {detail}',
      remedy:
        "Check the user and password of the address, and the server's pg_hba.conf. The user must own the database, " +
        "or have the right to create tables in its schema.",
      help: "errors.md#store_access_denied",
      example: "",
    },
    STORE_NO_DATABASE: {
      title: "The database server has no such database",
      message: 'The database "{path}" does not exist: {detail}',
      remedy: "Create it, for example with createdb --owner=waybill waybill. Waybill makes its tables itself.",
      help: "errors.md#store_no_database",
      example: "",
    },
    STORE_UNSUITABLE: {
      title: "The database cannot hold runs",
      message: 'The database "{path}" cannot be used: {problem}.',
      remedy: "Use PostgreSQL 13 or newer and a database with the encoding UTF8 whose search path names a schema.",
      help: "errors.md#store_unsuitable",
      example: "",
    },
    STORE_TIMED_OUT: {
      title: "The database took too long",
      message: 'The database "{path}" took too long: {detail}',
      remedy: "Look for what keeps the database server busy, then try again.",
      help: "errors.md#store_timed_out",
      example: "",
    },
    STORE_BUSY: {
      title: "Too much is read from the store at once",
      message: 'The database "{path}" is not read now: {detail}.',
      remedy: "Try again in a moment. Look for who asks for so many searches, statistics or lists at once.",
      help: "errors.md#store_busy",
      example: "",
    },
    STORE_CLAIM_LOST: {
      title: "Another process may drive the run now",
      message: 'The connection to the database "{path}" was lost, and with it the claim on the run {run}.',
      remedy: "Resume the run, unless another server has done so by now.",
      help: "errors.md#store_claim_lost",
      example: "",
    },
    STORE_AMBIGUOUS_RUN: {
      title: "Several runs begin with this id",
      message: '"{reference}" is the beginning of more than one run: {candidates}.',
      remedy: "Give more characters of the id, or the run's number.",
      exitCode: 2,
      httpStatus: 409,
      help: "errors.md#store_ambiguous_run",
      example: "waybill logs 019aa2f4",
    },
    STORE_UNSAFE_NAME: {
      title: "A name cannot be a file name",
      message: '"{name}" cannot be used as a file name.',
      remedy: "Use letters, digits, dots, dashes and underscores, and begin with a letter or a digit.",
      exitCode: 2,
      httpStatus: 400,
      help: "errors.md#store_unsafe_name",
      example: "../../etc/passwd",
    },
  },
);
