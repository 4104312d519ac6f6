export type Shell = "bash" | "zsh" | "fish";

/**
 * What each shell loads once. All three do the same: hand the words up to the cursor to `waybill __complete`, which
 * answers with one candidate a line, `value<TAB>description`, and `:files` as a last line where file names fit too.
 * The scripts know no command of ours, so they stay right when Waybill is updated.
 */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of waybill for bash. Load it with: eval "$(waybill completion bash)"
_waybill() {
  local line current="\${COMP_LINE:0:COMP_POINT}" value
  local -a words answer
  # Bash breaks words at = and :, which are part of ours; the line itself is split at blanks instead.
  read -r -a words <<< "$current"
  case "$current" in *[[:blank:]]) words+=("") ;; esac
  local word="\${words[\${#words[@]}-1]}"
  COMPREPLY=()
  mapfile -t answer < <("\${words[0]}" __complete -- "\${words[@]:1}" 2>/dev/null)
  # What stands before the last break is on the line already, and would be doubled.
  local kept="" index=\${#word}
  while (( index > 0 )); do
    case "$COMP_WORDBREAKS" in *"\${word:index-1:1}"*) kept="\${word:0:index}"; break ;; esac
    (( index -= 1 ))
  done
  for line in "\${answer[@]}"; do
    if [ "$line" = ":files" ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "\${word#"$kept"}")
    else
      value="\${line%%$'\\t'*}"
      COMPREPLY+=("\${value#"$kept"}")
    fi
  done
}
complete -F _waybill waybill
`,
  zsh: `#compdef waybill
# Completion of waybill for zsh. Load it, after compinit, with: eval "$(waybill completion zsh)"
_waybill() {
  local line value description
  local -a answer shown
  answer=("\${(@f)$("\${words[1]}" __complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2>/dev/null)}")
  for line in "\${answer[@]}"; do
    if [[ "$line" == ":files" ]]; then
      [[ "$PREFIX" == --*=* ]] && compset -P '*='
      _files
    elif [[ -n "$line" ]]; then
      value="\${line%%$'\\t'*}"
      description="\${line#*$'\\t'}"
      shown+=("\${value//:/\\\\:}:$description")
    fi
  done
  (( \${#shown} )) && _describe -V waybill shown
}
if [[ "\${funcstack[1]}" == "_waybill" ]]; then
  _waybill "$@"
else
  compdef _waybill waybill
fi
`,
  fish: `# Completion of waybill for fish. Keep it in ~/.config/fish/completions/waybill.fish
function __waybill_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in ($words[1] __complete -- $words[2..-1] "$current" 2>/dev/null)
        if test "$line" = ":files"
            __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$current")
        else
            echo $line
        end
    end
end
complete -c waybill -f -a '(__waybill_complete)'
`,
};

/** The script a shell loads to complete `waybill`. */
export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
