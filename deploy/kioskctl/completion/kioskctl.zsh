#compdef kioskctl
# zsh completion for kioskctl
_kioskctl() {
  local -a found
  found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "${found[*]}" ]]; then
    compadd -a found
  else
    _files
  fi
}
if [[ "${funcstack[1]}" = _kioskctl ]]; then
  _kioskctl "$@"
else
  compdef _kioskctl kioskctl
fi
