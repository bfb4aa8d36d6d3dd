package main

import (
	"bufio"
	"fmt"
	"image"
	_ "image/gif"  // scan reads what browsers and phones save
	_ "image/jpeg" // by content, whatever the name says
	_ "image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "golang.org/x/image/webp"

	"chot/drivers/camera"
	"chot/drivers/scanner"
)

// maxPixels bounds what a picture may unfold to, whatever its header promises.
const maxPixels = 100 << 20

var pictureNames = []string{".png", ".jpg", ".jpeg", ".webp", ".gif"}

// pictures lists the files that the arguments name; of a folder, every picture
// below it in the order of names.
func pictures(args []string) ([]string, error) {
	var all []string
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, fmt.Errorf("looking for pictures: %w", err)
		}
		if !info.IsDir() {
			all = append(all, arg)
			continue
		}
		err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && slices.Contains(pictureNames, strings.ToLower(filepath.Ext(path))) {
				all = append(all, path)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("looking for pictures in %s: %w", arg, err)
		}
	}
	return all, nil
}

// load reads one picture as a camera would deliver it.
func load(path string) (camera.Frame, error) {
	file, err := os.Open(path)
	if err != nil {
		return camera.Frame{}, fmt.Errorf("opening the picture: %w", err)
	}
	defer file.Close()
	head, _, err := image.DecodeConfig(bufio.NewReader(file))
	if err != nil {
		return camera.Frame{}, fmt.Errorf("reading the picture %s: %w", path, err)
	}
	if head.Width <= 0 || head.Height <= 0 || head.Width > maxPixels/head.Height {
		return camera.Frame{}, fmt.Errorf("reading the picture %s: %d by %d pixels are too many", path, head.Width, head.Height)
	}
	if _, err := file.Seek(0, 0); err != nil {
		return camera.Frame{}, fmt.Errorf("reading the picture %s again: %w", path, err)
	}
	img, _, err := image.Decode(bufio.NewReader(file))
	if err != nil {
		return camera.Frame{}, fmt.Errorf("reading the picture %s: %w", path, err)
	}
	return scanner.Grey(img), nil
}
