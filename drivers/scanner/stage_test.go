package scanner

import (
	"testing"
	"time"
)

// A benchmark for each stage, on a code of version 15 at three pixels a module.

type stages struct {
	p    plane
	pl   *pipeline
	list []triple
}

func prepare(b *testing.B) *stages {
	text := make([]byte, 400)
	for i := range text {
		text[i] = "0123456789ABCDEFGHIJ"[i*7%20]
	}
	s := &stages{p: planeOf(scene(b, 640, 480, shown{string(text), 320, 240, 4})), pl: &New(Options{}).pipe}
	s.pl.step = 2
	s.pl.begin()
	s.pl.find(&s.p, plain, box{0, 0, 640, 480})
	s.list = triples(s.pl.marks, nil, frameLimits.triples)
	if len(s.list) == 0 {
		b.Fatal("no finder patterns")
	}
	if _, o := s.pl.reader.read(&s.p, &s.list[0], false, s.pl.late); o != success {
		b.Fatal("the code is not read")
	}
	b.ReportAllocs()
	return s
}

func BenchmarkFind(b *testing.B) {
	s := prepare(b)
	s.pl.binary.binarise(&s.p)
	for b.Loop() {
		s.pl.finder.find(&s.pl.binary.bits, 2)
	}
}

func BenchmarkFit(b *testing.B) {
	s := prepare(b)
	s.pl.binary.binarise(&s.p)
	c := s.pl.finder.find(&s.pl.binary.bits, 2)[0]
	for b.Loop() {
		if m, ok := trace(&s.pl.binary.bits, c, 3); ok {
			finderTemplate.fit(&s.p, &m, 8)
		}
	}
}

func BenchmarkTriples(b *testing.B) {
	s := prepare(b)
	for b.Loop() {
		s.list = triples(s.pl.marks, s.list, frameLimits.triples)
	}
}

// The third pattern of a code of which two were found.
func BenchmarkThird(b *testing.B) {
	s := prepare(b)
	t := s.list[0]
	for b.Loop() {
		s.pl.marks = append(s.pl.marks[:0], t.corner, t.right)
		s.pl.complete(&s.p)
	}
}

func BenchmarkBusy(b *testing.B) {
	s := prepare(b)
	s.pl.binary.binarise(&s.p)
	for b.Loop() {
		s.pl.crowds = s.pl.binary.busy(&s.p, s.pl.crowds, 12, crowded)
	}
}

func BenchmarkAlign(b *testing.B) {
	s := prepare(b)
	g := &s.pl.reader.grid
	version := (g.layout.n - 17) / 4
	for b.Loop() {
		g.place(&s.p, &s.list[0], version)
		g.align(&s.p)
	}
}

func BenchmarkRelax(b *testing.B) {
	s := prepare(b)
	r := &s.pl.reader
	for b.Loop() {
		r.warp.follow(&r.grid)
		r.warp.relax(&s.p, &r.grid)
	}
}

func BenchmarkSample(b *testing.B) {
	s := prepare(b)
	r := &s.pl.reader
	for b.Loop() {
		r.field.sample(&s.p, &r.grid, nil)
		r.field.threshold()
	}
}

func BenchmarkEqualise(b *testing.B) {
	s := prepare(b)
	r := &s.pl.reader
	for b.Loop() {
		r.eq.known(r.grid.layout, r.field.soft, r.out)
	}
}

func BenchmarkDecode(b *testing.B) {
	s := prepare(b)
	r := &s.pl.reader
	for b.Loop() {
		r.msg.decode(r.grid.layout, r.out)
	}
}

func BenchmarkLinear(b *testing.B) {
	s := prepare(b)
	s.pl.binary.binarise(&s.p)
	var l linear
	for b.Loop() {
		l.read(&s.pl.binary.bits, time.Time{}, nil)
	}
}

// A module grid added to those of the frames before, and every other time tried
// together with them.
func BenchmarkTrack(b *testing.B) {
	s := prepare(b)
	r := &s.pl.reader
	m := &miss{version: (r.grid.layout.n - 17) / 4, timing: 1, x: 320, y: 240, size: 4}
	for range r.grid.layout.n * r.grid.layout.n {
		m.soft = append(m.soft, 0.1) // nothing that can be read
	}
	var e evidence
	at := fixed()
	for b.Loop() {
		at = at.Add(33 * time.Millisecond)
		if _, ok := e.add(r, m, at); ok {
			b.Fatal("a code in nothing")
		}
	}
}

// What gozxing takes to find no Data Matrix in an area full of edges.
func BenchmarkDataMatrix(b *testing.B) {
	s := prepare(b)
	s.pl.binary.binarise(&s.p)
	for b.Loop() {
		library(&s.pl.binary.bits, box{160, 80, 480, 400}, DataMatrix, time.Time{}, nil)
	}
}

func BenchmarkEmptyFrame(b *testing.B) {
	f := scene(b, 640, 480)
	s := NewStream(Options{})
	b.ReportAllocs()
	for b.Loop() {
		f.Time = f.Time.Add(33 * time.Millisecond)
		s.Push(f)
	}
}

// But for every fourth frame, only where the code was is looked at.
func BenchmarkFrameWithACode(b *testing.B) {
	f := scene(b, 640, 480, shown{"079123456789|012345678|Nguyễn Thị Ánh|01011990|Nữ", 320, 240, 5})
	s := NewStream(Options{})
	b.ReportAllocs()
	for b.Loop() {
		f.Time = f.Time.Add(33 * time.Millisecond)
		s.Push(f)
	}
}
