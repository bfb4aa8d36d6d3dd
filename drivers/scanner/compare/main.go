//go:build peers

// Peers compares this project's scanner with zxing-cpp and ZBar on the same
// pictures, interleaved: every decoder sees a picture before any sees the next.
//
//	go run -tags peers ./drivers/scanner/compare -frames DIR -samples DIR build/peers…
//
// Each peer is a command, its words in one argument, that speaks as
// native/peers.cpp does: its first line names its decoders and their versions.
// Frames is a folder of folders, one a size, each with an index.jsonl that names
// file, text, axis and level. Samples is a folder of folders of photographs with
// a text file beside each that holds a code.
package main

import (
	"bufio"
	"cmp"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"io"
	"io/fs"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	_ "golang.org/x/image/webp"
	"golang.org/x/sys/unix"

	"chot/drivers/camera"
	"chot/drivers/scanner"
)

// core is what this thread has used of a core. Measured so, other programs on
// the machine do not count.
func core() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
		log.Fatalf("reading the thread's clock: %v", err)
	}
	return time.Duration(t.Nano())
}

// decoder reads the QR codes in a frame and says how long each look took.
type decoder struct {
	name string
	read func(camera.Frame) ([]found, []time.Duration, error)
}

// found is a text and where the middle of its code is, pixels.
type found struct {
	text   string
	middle point
}

// looks is how many frames of a scene that stands still the stream sees: a
// quarter of a second at 30 frames a second.
const (
	looks    = 8
	interval = time.Second / 30
)

func main() {
	log.SetFlags(0)
	runtime.LockOSThread()
	frames := flag.String("frames", "", "folder of rendered frames")
	samples := flag.String("samples", "", "folder of photographs")
	labelled := flag.String("labelled", "", "folder of folders, one a category, of photographs with labels")
	sizes := flag.String("sizes", "0", "to how many lines labelled photographs are reduced, separated by commas; 0: as they are")
	only := flag.String("only", "", "of our own decoders only this one")
	flag.Parse()
	decoders := ours()
	if *only != "" {
		decoders = slices.DeleteFunc(decoders, func(d decoder) bool { return d.name != *only })
	}
	for _, command := range flag.Args() {
		peers, err := start(command)
		if err != nil {
			log.Fatal(err)
		}
		decoders = append(decoders, peers...)
	}
	if *frames != "" {
		if err := compareFrames(*frames, decoders); err != nil {
			log.Fatal(err)
		}
	}
	if *samples != "" {
		if err := compareSamples(*samples, decoders); err != nil {
			log.Fatal(err)
		}
	}
	if *labelled != "" {
		for size := range strings.SplitSeq(*sizes, ",") {
			lines, err := strconv.Atoi(size)
			if err != nil {
				log.Fatalf("reading -sizes: %v", err)
			}
			if err := compareLabelled(*labelled, lines, decoders); err != nil {
				log.Fatal(err)
			}
		}
	}
}

// options let a budget count what this thread uses of a core.
func options() scanner.Options {
	return scanner.Options{
		Symbologies: []scanner.Symbology{scanner.QR},
		Now:         func() time.Time { return time.Unix(0, int64(core())) },
	}
}

func texts(codes []scanner.Code) (out []found) {
	for _, c := range codes {
		f := found{text: c.Text}
		for _, p := range c.Corners {
			f.middle.x += p.X / 4
			f.middle.y += p.Y / 4
		}
		out = append(out, f)
	}
	return out
}

// ours are this project's ways: a stream that sees a frame once, one that sees
// it until it is read, eight times at the most, and a stored picture.
func ours() []decoder {
	at := time.Unix(0, 0)
	stream := func(looks int) func(camera.Frame) ([]found, []time.Duration, error) {
		stream := scanner.NewStream(options())
		return func(f camera.Frame) (got []found, took []time.Duration, err error) {
			// Far apart in time, so that each frame is a new scene.
			at = at.Add(time.Hour)
			for range looks {
				f.Time = at
				at = at.Add(interval)
				begin := core()
				codes, _ := stream.Push(f)
				took = append(took, core()-begin)
				if got = texts(codes); len(got) > 0 {
					break
				}
			}
			return got, took, nil
		}
	}
	still := scanner.New(options())
	return []decoder{
		{"first", stream(1)},
		{"stream", stream(looks)},
		{"still", func(f camera.Frame) ([]found, []time.Duration, error) {
			begin := core()
			codes := still.Still(f)
			return texts(codes), []time.Duration{core() - begin}, nil
		}},
	}
}

// start runs a peer. It ends with this program, whose pipe it reads.
func start(command string) ([]decoder, error) {
	words := strings.Fields(command)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("connecting %s: %w", command, err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("connecting %s: %w", command, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", command, err)
	}
	answers := bufio.NewReaderSize(out, 1<<20)
	versions, err := answers.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("reading the versions of %s: %w", command, err)
	}
	var decoders []decoder
	for version := range strings.SplitSeq(strings.TrimSpace(versions), "\t") {
		name, _, _ := strings.Cut(version, " ")
		fmt.Println("peer:", version)
		decoders = append(decoders, decoder{name, func(f camera.Frame) ([]found, []time.Duration, error) {
			return ask(in, answers, name, f)
		}})
	}
	return decoders, nil
}

func ask(in io.Writer, answers *bufio.Reader, name string, f camera.Frame) ([]found, []time.Duration, error) {
	fmt.Fprintf(in, "%s %d %d\n", name, f.Width, f.Height)
	if _, err := in.Write(f.Pix); err != nil {
		return nil, nil, fmt.Errorf("sending a picture to %s: %w", name, err)
	}
	line, err := answers.ReadString('\n')
	if err != nil {
		return nil, nil, fmt.Errorf("reading the answer of %s: %w", name, err)
	}
	fields := strings.Fields(line)
	var took time.Duration
	if _, err := fmt.Sscan(fields[0], (*int64)(&took)); err != nil {
		return nil, nil, fmt.Errorf("reading the time of %s: %w", name, err)
	}
	var texts []found
	for _, t := range fields[1:] {
		t, at, _ := strings.Cut(strings.TrimPrefix(t, "="), "@")
		b, err := hex.DecodeString(t)
		if err != nil {
			return nil, nil, fmt.Errorf("reading a text of %s: %w", name, err)
		}
		f := found{text: string(b)}
		if _, err := fmt.Sscanf(at, "%f,%f", &f.middle.x, &f.middle.y); err != nil {
			return nil, nil, fmt.Errorf("reading where %s saw a code: %w", name, err)
		}
		texts = append(texts, f)
	}
	return texts, []time.Duration{took}, nil
}

// load decodes a picture to grey, over white where it is transparent.
func load(path string) (camera.Frame, error) {
	file, err := os.Open(path)
	if err != nil {
		return camera.Frame{}, fmt.Errorf("opening a picture: %w", err)
	}
	defer file.Close()
	im, _, err := image.Decode(file)
	if err != nil {
		return camera.Frame{}, fmt.Errorf("decoding %s: %w", path, err)
	}
	return scanner.Grey(im), nil
}

// row is the outcomes of one decoder in one class of pictures.
type row struct {
	right, wrong int
	took         []time.Duration
}

// table gathers outcomes by class and decoder.
type table struct {
	classes []string
	total   map[string]int
	rows    map[string]*row
}

func newTable() *table { return &table{total: map[string]int{}, rows: map[string]*row{}} }

func (t *table) count(class string) {
	if t.total[class] == 0 {
		t.classes = append(t.classes, class)
	}
	t.total[class]++
}

func (t *table) at(class, decoder string) *row {
	k := class + "\x00" + decoder
	if t.rows[k] == nil {
		t.rows[k] = &row{}
	}
	return t.rows[k]
}

func (t *table) print(decoders []decoder, time bool) {
	fmt.Printf("%-16s %6s", "", "of")
	for _, d := range decoders {
		fmt.Printf(" %16s", d.name)
	}
	fmt.Println()
	for _, class := range t.classes {
		fmt.Printf("%-16s %6d", class, t.total[class])
		for _, d := range decoders {
			r := t.at(class, d.name)
			cell := fmt.Sprint(r.right)
			if r.wrong > 0 {
				cell += fmt.Sprintf(" (%d wrong)", r.wrong)
			}
			if time {
				cell = fmt.Sprintf("%.2f / %.2f", ms(r.quantile(0.5)), ms(r.quantile(0.99)))
			}
			fmt.Printf(" %16s", cell)
		}
		fmt.Println()
	}
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func (r *row) quantile(q float64) time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	slices.Sort(r.took)
	return r.took[min(int(q*float64(len(r.took))), len(r.took)-1)]
}

type entry struct {
	File  string `json:"file"`
	Text  string `json:"text"`
	Axis  string `json:"axis"`
	Level int    `json:"level"`
}

func compareFrames(root string, decoders []decoder) error {
	sizes, err := os.ReadDir(root)
	if err != nil {
		return fmt.Errorf("reading the frames: %w", err)
	}
	slices.SortFunc(sizes, func(a, b os.DirEntry) int { return cmp.Compare(len(a.Name()), len(b.Name())) })
	for _, size := range sizes {
		dir := filepath.Join(root, size.Name())
		index, err := os.ReadFile(filepath.Join(dir, "index.jsonl"))
		if err != nil {
			return fmt.Errorf("reading the frames' index: %w", err)
		}
		rates, times := newTable(), newTable()
		var empty camera.Frame
		var coded []camera.Frame
		pictures := 0
		for line := range strings.Lines(string(index)) {
			var e entry
			if err := json.Unmarshal([]byte(line), &e); err != nil {
				return fmt.Errorf("reading the frames' index: %w", err)
			}
			f, err := load(filepath.Join(dir, e.File))
			if err != nil {
				return err
			}
			classes := []string{fmt.Sprintf("%s %d", e.Axis, e.Level), "all"}
			kind := "with a code"
			if e.Text == "" {
				classes, kind = []string{"empty"}, "empty"
				empty = f
			} else if e.Axis == "combined" {
				coded = append(coded, f)
			}
			for _, c := range classes {
				rates.count(c)
			}
			times.count(kind)
			for i := range decoders {
				// Who looks first pays for what is not in the caches: each in turn.
				d := decoders[(i+pictures)%len(decoders)]
				texts, took, err := d.read(f)
				if err != nil {
					return err
				}
				right, wrong := judge(texts, e.Text)
				for _, c := range classes {
					rates.at(c, d.name).right += right
					rates.at(c, d.name).wrong += wrong
				}
				times.at(kind, d.name).took = append(times.at(kind, d.name).took, took...)
			}
			pictures++
		}
		fmt.Printf("\n## %s lines: frames read right\n\n", size.Name())
		rates.print(decoders, false)
		fmt.Printf("\n## %s lines: milliseconds of a core a frame, median / 99th percentile\n\n", size.Name())
		times.print(decoders, true)
		fmt.Println()
		if len(coded) > 0 && empty.Pix != nil {
			compareLatency(empty, coded)
		}
	}
	return nil
}

// judge says whether the wanted text is among the texts, and how many others
// are.
func judge(texts []found, want string) (right, wrong int) {
	for _, f := range texts {
		t := f.text
		// The samples' text files may end in a line break of their own.
		if t == want || strings.TrimSpace(t) == strings.TrimSpace(want) {
			right = 1
		} else {
			wrong++
		}
	}
	return right, wrong
}

// alsoShown is the text of the other code of a photograph that shows two, of which
// the file beside it names one: neither right nor wrong.
var alsoShown = map[string]string{
	"qrcode-2/16.webp": "[外側QRコード]\r\n \r\n*ﾀﾞﾌﾞﾙQR*\r\nhttp://d-qr.net/ex/",
}

func compareSamples(root string, decoders []decoder) error {
	rates := newTable()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch filepath.Ext(path) {
		case ".png", ".jpg", ".webp", ".gif":
		default:
			return nil
		}
		want, err := os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".txt")
		if errors.Is(err, fs.ErrNotExist) {
			if want, err = os.ReadFile(strings.TrimSuffix(path, filepath.Ext(path)) + ".bin"); errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		}
		if err != nil {
			return err
		}
		f, err := load(path)
		if err != nil {
			return err
		}
		class := filepath.Base(filepath.Dir(path))
		also, two := alsoShown[class+"/"+filepath.Base(path)]
		for range 4 {
			rates.count(class)
			rates.count("all")
			for _, d := range decoders {
				texts, _, err := d.read(f)
				if err != nil {
					return err
				}
				texts = slices.DeleteFunc(texts, func(f found) bool { return two && f.text == also })
				right, wrong := judge(texts, string(want))
				for _, c := range []string{class, "all"} {
					rates.at(c, d.name).right += right
					rates.at(c, d.name).wrong += wrong
				}
			}
			f = turn(f)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading the samples: %w", err)
	}
	fmt.Printf("\n## photographs, at four rotations: read right\n\n")
	rates.print(decoders, false)
	return nil
}

// turn rotates a frame by 90 degrees.
func turn(f camera.Frame) camera.Frame {
	o := camera.Frame{Width: f.Height, Height: f.Width, Stride: f.Height, Pix: make([]byte, len(f.Pix))}
	for y := range f.Height {
		for x := range f.Width {
			o.Pix[x*o.Stride+f.Height-1-y] = f.Pix[y*f.Stride+x]
		}
	}
	return o
}
