package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

type manCmd struct{}

// Run prints kioskctl(1) in the man macros, made of the command line itself.
func (c *manCmd) Run(con *console, parser *kong.Kong) error {
	_, err := fmt.Fprint(con.out, manual(parser.Model.Node, parser.Model.Help))
	return err
}

func manual(app *kong.Node, what string) string {
	var page strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&page, format+"\n", args...) }
	line(`.TH %s 1 "" "Chốt" "User commands"`, strings.ToUpper(app.Name))
	line(".SH NAME\n%s \\- %s", app.Name, roff(strings.TrimSuffix(strings.ToLower(what[:1])+what[1:], ".")))
	line(".SH SYNOPSIS\n.B %s\n.I COMMAND\n.RI [ OPTION ]...", app.Name)
	line(".SH DESCRIPTION\nResults go to standard output, one JSON object a line where that is no terminal; what went wrong goes to standard error.")
	line(".SH COMMANDS")
	for _, command := range app.Leaves(true) {
		line(".SS %s", roff(command.Path()))
		line("%s", roff(command.Help))
		for _, arg := range command.Positional {
			line(".TP\n.I %s\n%s", roff(arg.Name), roff(arg.Help))
		}
		for _, f := range command.Flags {
			options(line, f)
		}
	}
	line(".SH OPTIONS\nEvery command takes:")
	for _, f := range app.Flags {
		options(line, f)
	}
	line(".SH EXIT STATUS\n0 success; 64 a command line that cannot be understood; 70 a failure; others as the command says.")
	line(".SH SEE ALSO\n.BR chot-kiosk (8),\n.BR chot-province (8)")
	return page.String()
}

// options writes one flag.
func options(line func(string, ...any), f *kong.Flag) {
	if f.Hidden {
		return
	}
	name := `\fB\-\-` + roff(f.Name) + `\fR`
	if f.Short != 0 {
		name = `\fB\-` + string(f.Short) + `\fR, ` + name
	}
	if !f.IsBool() {
		name += ` \fI` + roff(cmp.Or(f.PlaceHolder, strings.ToUpper(f.Name))) + `\fR`
	}
	help := f.Help
	if f.HasDefault && f.Default != "" {
		help += " Default: " + f.Default + "."
	}
	line(".TP\n%s\n%s", name, roff(help))
}

// roff escapes a text: backslashes, hyphens that are to stay hyphens, and a line
// that would begin with a request.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`, "\n", " ").Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		text = `\&` + text
	}
	return text
}
