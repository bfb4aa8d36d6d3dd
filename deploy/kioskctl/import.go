package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"chot/drivers/scanner"
	"chot/store/forward"
	"chot/store/wire"
)

type importCmd struct {
	stateFolder
	From []string `arg:"" name:"from" help:"Folders of batches, or pictures of codes of a series." type:"existingpath"`
	Keep string   `help:"Folder for the batches out of pictures, and for their receipts." default:"." type:"existingdir"`
}

// Run brings the batches to the province as the enrolled kiosk or office whose
// folder this is: whoever carries a batch does not matter, the kiosk that wrote it
// has signed it.
func (c *importCmd) Run(ctx context.Context, con *console) error {
	id, err := c.identity()
	if err != nil {
		return err
	}
	folders, pictures, err := sortOut(c.From)
	if err != nil {
		return err
	}
	var failed []error
	if len(pictures) > 0 {
		taken, err := unroll(pictures, c.Keep)
		if err != nil {
			failed = append(failed, err)
		}
		if taken > 0 && !slices.Contains(folders, c.Keep) {
			folders = append(folders, c.Keep)
		}
	}
	client := &forward.Client{HTTP: forward.NewHTTP(forward.NewDialer(id.TLS())), URL: id.Server}
	defer client.HTTP.CloseIdleConnections()
	for _, folder := range folders {
		delivered, err := forward.Deliver(ctx, client, folder)
		if err != nil {
			failed = append(failed, err)
		}
		if err := con.print(map[string]any{"folder": folder, "delivered": delivered}); err != nil {
			return err
		}
	}
	if err := errors.Join(failed...); err != nil {
		return exit{1, err.Error()}
	}
	return nil
}

// sortOut tells folders that hold batches from pictures and folders of pictures.
func sortOut(args []string) (folders, files []string, err error) {
	for _, arg := range args {
		found, err := pictures([]string{arg})
		if err != nil {
			return nil, nil, err
		}
		info, err := os.Stat(arg)
		if err != nil {
			return nil, nil, fmt.Errorf("looking at %s: %w", arg, err)
		}
		if info.IsDir() {
			folders = append(folders, arg)
		}
		files = append(files, found...)
	}
	return folders, files, nil
}

// unroll reads series of codes from pictures, in whatever order they are, and
// keeps the batches and receipts that they make.
func unroll(files []string, keep string) (taken int, err error) {
	eye := scanner.New(scanner.Options{})
	var texts []string
	var failed []error
	for _, file := range files {
		frame, err := load(file)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		for _, code := range eye.Still(frame) {
			texts = append(texts, code.Text)
		}
	}
	slices.Sort(texts) // codes of one series stand together
	texts = slices.Compact(texts)
	var series wire.Series
	unfinished := func() {
		if missing, of := series.Missing(); missing > 0 {
			failed = append(failed, fmt.Errorf("reading a series of codes: %d of %d are missing", missing, of))
		}
	}
	for _, text := range texts {
		if !series.Follows(text) {
			unfinished()
		}
		data, err := series.Add(text)
		switch {
		case errors.Is(err, wire.ErrNoCode):
			continue // something else in the picture
		case err == nil && data != nil:
			if _, err = forward.Accept(keep, data); err == nil {
				taken++
			}
		}
		if err != nil {
			failed = append(failed, err)
		}
	}
	unfinished()
	if taken == 0 && len(failed) == 0 {
		failed = append(failed, fmt.Errorf("none of %d pictures shows a code of a series", len(files)))
	}
	return taken, errors.Join(failed...)
}
