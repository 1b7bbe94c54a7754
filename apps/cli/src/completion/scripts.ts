/** The shells that are completed. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** The word by which a shell asks what may stand at the cursor. */
export const COMPLETE = '__complete';

/** What a shell reads to complete `millrace`: it hands over the words up to the cursor, and gets a line for each word that may stand there, with what it means after a tab. No line means a file. */
export const SCRIPTS: Record<Shell, string> = {
  bash: `# Completion of millrace for bash: source this, or put it into ~/.local/share/bash-completion/completions/millrace
_millrace() {
  local IFS=$'\\n' line
  COMPREPLY=()
  for line in $("\${COMP_WORDS[0]}" ${COMPLETE} -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null); do
    COMPREPLY+=("\${line%%$'\\t'*}")
  done
}
complete -o default -F _millrace millrace
`,
  zsh: `#compdef millrace
# Completion of millrace for zsh: put this as _millrace into a folder of $fpath, or source it after compinit
_millrace() {
  local line word meaning
  local -a found
  for line in "\${(@f)$("\${words[1]}" ${COMPLETE} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -z $line ]] && continue
    word="\${\${line%%$'\\t'*}//:/\\\\:}"
    meaning="\${line#*$'\\t'}"
    found+=("$word\${meaning:+:$meaning}")
  done
  if (( \${#found} )); then _describe millrace found; else _files; fi
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _millrace "$@"; else compdef _millrace millrace; fi
`,
  fish: `# Completion of millrace for fish: put this into ~/.config/fish/completions/millrace.fish
function __millrace_complete
  set -l words (commandline -opc)
  set -l found ($words[1] ${COMPLETE} -- $words[2..-1] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c millrace -f -k -a '(__millrace_complete)'
`,
};
