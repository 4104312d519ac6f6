/** What an exit code usually says, and what to do about it. */
export interface ExitMeaning {
  /** To follow "exit code 127: ". */
  readonly meaning: string;
  readonly remedy: string;
  /** It says more than that the command failed. */
  readonly isTelling: boolean;
}

type Known = Omit<ExitMeaning, "isTelling">;

/** Signals of Linux by number, those with which programs really end. */
const SIGNALS: Readonly<Record<number, string>> = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  5: "SIGTRAP",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  10: "SIGUSR1",
  11: "SIGSEGV",
  12: "SIGUSR2",
  13: "SIGPIPE",
  14: "SIGALRM",
  15: "SIGTERM",
  24: "SIGXCPU",
  25: "SIGXFSZ",
  31: "SIGSYS",
};

const HIGHEST_SIGNAL = 64;

const CODES: Readonly<Record<number, Known>> = {
  0: { meaning: "success", remedy: "" },
  1: { meaning: "the command says that it failed", remedy: "Look at what it printed." },
  2: {
    meaning: "by custom: the command was called in a wrong way",
    remedy: "Look at what it printed, and check its options; a shell says 2 also for a mistake in the script.",
  },
  124: {
    meaning: "by custom of `timeout`: the command took too long",
    remedy: "Give it more time, or find out what it waits for.",
  },
  125: {
    meaning: "by custom of `timeout`, `env` and `docker run`: they failed themselves, before the command began",
    remedy: "Check the options in front of the command.",
  },
  126: {
    meaning: "the command was found and cannot be executed",
    remedy: "Make the file executable (`chmod +x`, also in version control) and check its first line (`#!`).",
  },
  127: {
    meaning: "the command was not found",
    remedy: "Check its spelling and that it is installed where the job runs, in a directory of PATH.",
  },
  128: {
    meaning: "by custom: a fatal error, of Git for instance, or `exit` with something that is no number",
    remedy: "Look at what it printed.",
  },
  255: {
    meaning: "by custom: an error beyond all others, of `ssh` for instance, or a program that ended with -1",
    remedy: "Look at what it printed; with ssh, check that the host can be reached and the key is accepted.",
  },
};

const SIGNAL_MEANINGS: Readonly<Record<string, Known>> = {
  SIGINT: { meaning: "interrupted, as by Ctrl-C", remedy: "Find out who interrupted it, and run it again." },
  SIGABRT: {
    meaning: "the program gave up: an assertion that failed, or no memory left",
    remedy: "Look at what it printed last.",
  },
  SIGKILL: {
    meaning: "killed, mostly because the machine or container had no memory left",
    remedy: "Let it use less memory, or give it more; the kernel's log (`dmesg`) names what it killed.",
  },
  SIGSEGV: {
    meaning: "the program crashed: it used memory that it does not have",
    remedy: "Run it by hand under a debugger; a library of another version is a common cause.",
  },
  SIGBUS: {
    meaning: "the program crashed: bad memory access, or a disk or shared memory that is full",
    remedy: "Check the space on the disk and in /dev/shm, then run it by hand under a debugger.",
  },
  SIGILL: {
    meaning: "the program crashed: it was built for another processor",
    remedy: "Build it for the processor of the machine that runs the job.",
  },
  SIGFPE: { meaning: "the program crashed: a division by zero, mostly", remedy: "Run it by hand under a debugger." },
  SIGPIPE: {
    meaning: "it wrote into a pipe that nobody reads any more",
    remedy: "Let the reader (`head`, `grep -q`) read to the end, or take no notice of the writer's end.",
  },
  SIGTERM: {
    meaning: "asked to end: by a time-out, by a person, or by the system",
    remedy: "Check the time-outs, and who else may have ended it.",
  },
  SIGXCPU: { meaning: "it used more processor time than it may", remedy: "Raise the limit (`ulimit -t`)." },
  SIGXFSZ: { meaning: "it wrote a file larger than it may", remedy: "Raise the limit (`ulimit -f`)." },
};

/**
 * @param code - 0 to 255
 * @param signal - name of the signal that ended the process, where it is known for certain
 */
export function exitMeaning(code: number | null, signal: string | null): ExitMeaning {
  if (signal !== null) return signalMeaning(signal);
  if (code === null) {
    return { meaning: "there is none: the process did not end by itself", remedy: "", isTelling: false };
  }
  const known = CODES[code];
  if (known !== undefined) return { ...known, isTelling: code > 2 };
  const number = code - 128;
  if (number > 0 && number <= HIGHEST_SIGNAL) return signalMeaning(SIGNALS[number] ?? `signal ${number}`);
  const remedy = "Look it up in the command's manual, and at what it printed.";
  return { meaning: "the command's own", remedy, isTelling: false };
}

function signalMeaning(signal: string): ExitMeaning {
  const known = SIGNAL_MEANINGS[signal];
  if (known === undefined) {
    return { meaning: `ended by ${signal}`, remedy: "Find out who sent the signal.", isTelling: false };
  }
  return { ...known, meaning: `ended by ${signal}: ${known.meaning}`, isTelling: true };
}

/** The code a shell would give: that of a signal is 128 and its number. @returns null: the signal is not known */
export function exitCodeOf(code: number | null, signal: string | null): number | null {
  if (signal === null) return code;
  const known = Object.entries(SIGNALS).find(([, name]) => name === signal);
  return known === undefined ? code : 128 + Number(known[0]);
}
