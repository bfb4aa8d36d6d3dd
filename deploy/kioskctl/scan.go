package main

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"chot/drivers/scanner"
)

type scanCmd struct {
	Pictures []string `arg:"" name:"picture" help:"PNG, JPEG, WebP or GIF files, or folders of them."`
	Jobs     int      `help:"How many pictures to read at once; 0 for one a core." default:"0"`
}

// scanLine is what scan prints for a picture. A picture that cannot be read has
// an error and no codes.
type scanLine struct {
	File  string     `json:"file"`
	Codes []scanCode `json:"codes"`
	Ms    float64    `json:"ms"` // of one core, decoding the picture file not counted
	Error string     `json:"error,omitempty"`
}

type scanCode struct {
	Text      string            `json:"text"`
	Symbology scanner.Symbology `json:"symbology"`
	Corners   [4]scanner.Point  `json:"corners"`
	Pass      string            `json:"pass"`
}

// Run reads the pictures on all cores and prints the lines in the order of the
// arguments.
func (c *scanCmd) Run(ctx context.Context, con *console) error {
	files, err := pictures(c.Pictures)
	if err != nil {
		return err
	}
	jobs := c.Jobs
	if jobs <= 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	// A line waits for its turn in a channel of its own; the queue of channels
	// bounds how far readers run ahead of a slow picture.
	turns := make(chan chan scanLine, 4*jobs)
	work := make(chan func(*scanner.Scanner), jobs)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(turns)
		defer close(work)
		for _, file := range files {
			turn := make(chan scanLine, 1)
			select {
			case turns <- turn:
			case <-ctx.Done():
				return ctx.Err()
			}
			select {
			case work <- func(s *scanner.Scanner) { turn <- scanPicture(s, file) }:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range jobs {
		group.Go(func() error {
			eye := scanner.New(scanner.Options{})
			for read := range work {
				read(eye)
			}
			return nil
		})
	}
	unread := 0
	group.Go(func() error {
		for turn := range turns {
			select {
			case line := <-turn:
				if line.Error != "" {
					unread++
				}
				if err := con.print(line); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return fmt.Errorf("scanning pictures: %w", err)
	}
	if unread > 0 {
		return exit{1, fmt.Sprintf("%d of %d pictures could not be read", unread, len(files))}
	}
	return nil
}

func scanPicture(eye *scanner.Scanner, file string) scanLine {
	line := scanLine{File: file, Codes: []scanCode{}}
	frame, err := load(file)
	if err != nil {
		line.Error = err.Error()
		return line
	}
	start := time.Now()
	codes := eye.Still(frame)
	line.Ms = float64(time.Since(start).Microseconds()) / 1000
	for _, code := range codes {
		line.Codes = append(line.Codes, scanCode{code.Text, code.Symbology, code.Corners, code.Pass})
	}
	return line
}
