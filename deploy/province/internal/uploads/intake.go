package uploads

import (
	"context"
	"errors"

	"chot/deploy/province/internal/account"
	"chot/deploy/province/internal/exchange"
	"chot/deploy/province/internal/exchange/table"
	"chot/deploy/province/internal/web"
)

// Intake takes files of one kind by the page: it shows what a file would do, and
// does it once that is confirmed. The three pages are Upload, LookAgain and
// Confirm, at the address, "…/preview" and "…/confirm".
type Intake[S any] struct {
	Store   *Store
	Kind    string // "results"
	Address string // "/tests"
	Fields  []string
	Read    func([]byte, table.Options) (*exchange.File[S], error)
	// Report does what a file says, or says what it would do.
	Report func(ctx context.Context, who account.Account, remote, name string, f *exchange.File[S], dry bool) (*exchange.Answer, error)
	// Failed shows the page that a file is chosen on, with why it was not taken.
	Failed func(r *web.Request, key, detail string) (web.View, error)
}

// Upload keeps a file and shows what it would do.
func (in Intake[S]) Upload(r *web.Request) (web.View, error) {
	data, name, err := File(r)
	if err != nil {
		return web.View{}, err
	}
	id, err := in.Store.Put(r.Context(), r.Account.Name, in.Kind, name, data)
	if err != nil {
		return web.View{}, err
	}
	return in.preview(r, id, name, data, table.Options{})
}

// LookAgain shows the preview with the columns and the encoding that were chosen.
func (in Intake[S]) LookAgain(r *web.Request) (web.View, error) {
	id := r.PostFormValue("id")
	data, name, err := in.Store.Get(r.Context(), r.Account.Name, in.Kind, id)
	if errors.Is(err, ErrGone) {
		return in.Failed(r, "file.gone", "")
	}
	if err != nil {
		return web.View{}, err
	}
	return in.preview(r, id, name, data, FromForm(r.Request, in.Fields))
}

func (in Intake[S]) preview(r *web.Request, id, name string, data []byte, o table.Options) (web.View, error) {
	f, err := Read(r.Context(), in.Store, r.Account.Name, in.Kind, data, o, in.Read)
	if missing := (*table.MissingColumns)(nil); errors.As(err, &missing) {
		return web.View{Template: "preview", Title: "preview.title", Data: Preview{
			Answer: &exchange.Answer{Columns: missing.Columns}, Name: name, Missing: missing.Fields, Back: in.Address,
			Form: NewForm(id, in.Address, in.Fields, missing.Columns, missing.Header, o, ""),
		}}, nil
	}
	if err != nil {
		return in.Failed(r, Unreadable(err), name)
	}
	answer, err := in.Report(r.Context(), r.Account, r.Remote(), name, f, true)
	if err != nil {
		return web.View{}, err
	}
	p := NewPreview(answer, name, in.Address)
	p.Form = NewForm(id, in.Address, in.Fields, f.Columns, f.Header, o, f.Encoding)
	return web.View{Template: "preview", Title: "preview.title", Data: p}, nil
}

// Confirm does what the preview showed. Of two confirmations of one file, one does.
func (in Intake[S]) Confirm(r *web.Request) (web.View, error) {
	id := r.PostFormValue("id")
	data, name, err := in.Store.Get(r.Context(), r.Account.Name, in.Kind, id)
	if errors.Is(err, ErrGone) {
		return in.Failed(r, "file.gone", "")
	}
	if err != nil {
		return web.View{}, err
	}
	o := FromForm(r.Request, in.Fields)
	f, err := Read(r.Context(), in.Store, r.Account.Name, in.Kind, data, o, in.Read)
	if err != nil {
		return in.Failed(r, Unreadable(err), name)
	}
	first, err := in.Store.Drop(r.Context(), id)
	if err != nil {
		return web.View{}, err
	}
	if !first {
		return in.Failed(r, "file.gone", "")
	}
	answer, err := in.Report(r.Context(), r.Account, r.Remote(), name, f, false)
	if err != nil {
		return web.View{}, err
	}
	if o.Columns != nil {
		if err := in.Store.Remember(r.Context(), r.Account.Name, in.Kind, f.Columns, o.Columns); err != nil {
			return web.View{}, err
		}
	}
	p := NewPreview(answer, name, in.Address)
	p.Done = true
	return web.View{Template: "preview", Title: "preview.done", Data: p}, nil
}
