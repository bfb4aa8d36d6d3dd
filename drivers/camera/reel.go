package camera

import (
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // decoders of pictures to replay
	_ "image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "golang.org/x/image/webp"
)

var pictureExtensions = []string{".png", ".jpg", ".jpeg", ".webp"}

// rawFormats by the extension that tools give raw video.
var rawFormats = map[string]string{
	".yuv": "yu12", ".i420": "yu12", ".nv12": "nv12", ".yuyv": "yuyv",
	".grey": "grey", ".gray": "grey", ".y8": "grey", ".raw": "",
}

func openReel(paths string, o options) (reel, error) {
	if info, err := os.Stat(paths); err == nil && info.IsDir() {
		return folderReel(paths)
	}
	format, raw := rawFormats[strings.ToLower(filepath.Ext(paths))]
	if o.format != "" {
		format = o.format
	}
	if raw {
		return openRaw(paths, format, o)
	}
	files := strings.Split(paths, ",")
	for _, f := range files {
		if _, err := os.Stat(f); err != nil {
			return nil, fmt.Errorf("looking for the picture: %w", err)
		}
	}
	return &pictures{name: fmt.Sprintf("%s…", files[0]), files: files}, nil
}

func folderReel(dir string) (reel, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("listing the pictures: %w", err)
	}
	var files []string
	for _, e := range entries { // sorted by name
		if slices.Contains(pictureExtensions, strings.ToLower(filepath.Ext(e.Name()))) {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("the folder %s has no PNG, JPEG or WebP picture", dir)
	}
	return &pictures{name: dir, files: files}, nil
}

// pictures is a reel of picture files, each decoded when its turn comes and
// kept while it is held up.
type pictures struct {
	name  string
	files []string
	shown int // 1 + the index of last, 0 before the first
	last  Frame
}

func (p *pictures) String() string { return p.name }
func (p *pictures) len() int       { return len(p.files) }
func (p *pictures) close() error   { return nil }

func (p *pictures) frame(i int) (Frame, error) {
	if p.shown == i+1 {
		return p.last, nil
	}
	file, err := os.Open(p.files[i])
	if err != nil {
		return Frame{}, fmt.Errorf("opening a picture: %w", err)
	}
	defer file.Close()
	img, _, err := image.Decode(file)
	if err != nil {
		return Frame{}, fmt.Errorf("decoding %s: %w", p.files[i], err)
	}
	p.shown, p.last = i+1, pictureFrame(img)
	return p.last, nil
}

// raw is a file of pictures of one size without any header.
type raw struct {
	file   *os.File
	mode   mode
	size   int
	frames int
	// Two frames stay valid and one is being read.
	data, spare [3][]byte
	turn        int
}

func openRaw(path, name string, o options) (reel, error) {
	f, known := formatNamed(name)
	if !known || f.size == nil {
		return nil, fmt.Errorf("raw video %s needs format=grey, nv12, yu12 or yuyv", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("opening raw video: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("measuring raw video: %w", err), file.Close())
	}
	r := &raw{file: file, mode: mode{format: f, width: o.width, height: o.height, stride: f.stride(o.width)}}
	r.size = f.size(r.mode.stride, o.height)
	r.frames = int(info.Size() / int64(r.size))
	if r.frames == 0 || info.Size()%int64(r.size) != 0 {
		return nil, errors.Join(fmt.Errorf("raw video %s: %d bytes are not whole pictures of %s %d×%d",
			path, info.Size(), f.name, o.width, o.height), file.Close())
	}
	return r, nil
}

func (r *raw) String() string { return r.file.Name() }
func (r *raw) len() int       { return r.frames }
func (r *raw) close() error   { return r.file.Close() }

func (r *raw) frame(i int) (Frame, error) {
	t := r.turn
	r.turn = (t + 1) % len(r.data)
	r.data[t] = room(r.data[t], r.size)
	if _, err := io.ReadFull(io.NewSectionReader(r.file, int64(i)*int64(r.size), int64(r.size)), r.data[t]); err != nil {
		return Frame{}, fmt.Errorf("reading picture %d: %w", i+1, err)
	}
	f, spare, err := r.mode.frame(r.data[t], r.spare[t])
	r.spare[t] = spare
	return f, err
}
