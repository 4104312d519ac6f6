/**
 * The program that runs the steps of an execution, and then perhaps those of another: POSIX `sh`, nothing but builtins on its usual path, so that it
 * works in any container and costs two forks a step. It lives as text in the code because a bundled program has no
 * files beside it. The README of this package has the protocol.
 *
 * Choices that are not obvious:
 * - Signals are ignored rather than trapped: `wait` then is never interrupted, so the status it returns is always the
 *   step's. A subshell may undo what its own parent ignores, so steps start with default signals.
 * - The environment is read in the subshell and its file emptied by a redirection: no process, no copy in the
 *   supervisor, and the secrets are off the disk before the first command runs.
 * - Only positional parameters are used behind that point, because the step's variables may have any name.
 * - The step's shell ends through `exit` on SIGTERM. Without the trap it would die at once, the step would count as
 *   ended, and its child would lose the grace period in which it shuts down.
 * - Output goes straight into files, with no process between. A file has one weakness: `echo x >/dev/stderr` opens it
 *   again and empties it. For a step that may do so its `pipes` file asks for FIFOs, which `cat` empties into the
 *   files; they ignore signals as the supervisor does, and cost such a step a few milliseconds.
 * - The control directory comes as a line of input, so that a supervisor can be given to another execution when the
 *   first is closed: starting a process takes a large program like ours longer than all else a short job needs.
 * - `set -C` makes the creation of `err` a claim, so that a step asked for twice runs once. `out` comes later, when
 *   the step's process obeys signals: before that a SIGTERM would be lost.
 */
export const SUPERVISOR_SCRIPT = `# Waybill step supervisor. Usage: sh supervisor.sh STEP_SHELL [CONTROL_DIRECTORY]
# Its input: >DIRECTORY, a control directory to work in from now on, or the key of a step to run. A directory whose
# name has line breaks comes in pieces, all but the last behind a |.
shell=$1 directory=\${2-} pieces= newline='
'
[ -z "$directory" ] || cd "$directory" || exit 1
trap '' HUP INT QUIT TERM PIPE USR1 USR2 ALRM

# collect FIFO FILE
collect() {
  mkfifo "$1"
  { cat <"$1" >>"$2"; echo >"$1.end"; } &
}

# run STEP CONTROL_DIRECTORY STEP_SHELL
run() {
  case $1 in '' | *[!0-9-]*) return ;; esac
  set -C
  if true >"$1.err"; then set +C; else set +C; return; fi
  out=$1.out err=$1.err
  if [ -e "$1.pipes" ]; then
    out=$1.o err=$1.e
    collect "$out" "$1.out"
    collect "$err" "$1.err"
  fi
  (
    trap - HUP INT QUIT TERM PIPE USR1 USR2 ALRM
    exec </dev/null >>"$out" 2>>"$err"
    . "./$1.env"
    : >"./$1.env"
    exec "$3" -c '. "./$1.sh"' sh "$1"
  ) &
  wait "$!"
  code=$?
  # What is still in the pipes belongs to the step. A left-over process may hold them open: then for two seconds.
  tries=0
  while [ -e "$1.pipes" ] && [ "$tries" -lt 100 ] && ! { [ -e "$out.end" ] && [ -e "$err.end" ]; }; do
    sleep 0.02 || sleep 1
    tries=$((tries + 1))
  done
  # A full disk must not lose the end of a step. But whoever listens learns soon that there will be no record.
  tries=0
  until echo "$code" >"$1.exit"; do
    [ -d "$2" ] || exit 0
    tries=$((tries + 1))
    [ "$tries" -ne 5 ] || echo "$1 $code"
    sleep 1
  done
  echo "$1 $code"
}

while IFS= read -r line; do
  case $line in
    '|'*) pieces=$pieces\${line#?}$newline ;;
    '>'*)
      directory=$pieces\${line#?} pieces=
      cd "$directory" || exit 1
      ;;
    *) run "$line" "$directory" "$shell" ;;
  esac
done

# The process that started this one is gone. Whoever comes back asks by file; nobody for six hours: nobody will.
idle=0
while [ "$idle" -lt 21600 ] && [ -d "$directory" ]; do
  if [ -f next ] && read -r line <next && [ ! -e "$line.err" ]; then
    run "$line" "$directory" "$shell"
    idle=0
  else
    sleep 1
    # Without that program this would only burn the processor.
    [ "$?" -ne 127 ] || exit 1
    idle=$((idle + 1))
  fi
done
`;
