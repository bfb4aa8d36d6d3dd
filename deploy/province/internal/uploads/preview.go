package uploads

import (
	"io"
	"net/http"

	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/web"
)

// Preview is what a file would do, or has done.
type Preview struct {
	*exchange.Answer
	Form    Form
	Name    string
	Lines   []exchange.Line
	More    int      // lines that are not shown
	Missing []string // fields without a column: nothing was looked at yet
	Done    bool
	Back    string // address of the page that the file belongs to
}

// listed is how many lines of a file the page shows.
const listed = 300

// File is the file of a form.
func File(r *web.Request) (data []byte, name string, err error) {
	refused := web.Refusal{Status: http.StatusBadRequest, Key: "error.bad-request"}
	file, header, err := r.FormFile("file")
	if err != nil {
		return nil, "", refused
	}
	defer file.Close()
	if data, err = io.ReadAll(file); err != nil {
		return nil, "", refused
	}
	return data, header.Filename, nil
}

// NewPreview is what an answer shows.
func NewPreview(answer *exchange.Answer, name, back string) Preview {
	p := Preview{Answer: answer, Name: name, Lines: answer.Shown(listed), Back: back}
	p.More = len(answer.Lines) - len(p.Lines)
	return p
}
