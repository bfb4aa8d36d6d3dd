# fish completion for kioskctl
complete -c kioskctl -a '(kioskctl complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
