# shellcheck shell=sh
# Sourced by the scripts once they have set `root` to the checkout: the Node that script/setup chose comes first
# on PATH, so that every script, test and tool runs on the same one.

# shellcheck disable=SC2154 # set by the script that sources this file
PATH=$root/.tools/bin:$PATH
export PATH

# fail CODE MESSAGE REMEDY: one coded problem on stderr, in the form the command line uses, and exit code 3.
fail() {
  printf 'error[%s]: %s\n  %s\n' "$1" "$2" "$3" >&2
  exit 3
}
