package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"chot/store/forward"
	"chot/store/wire"
)

// ask sends one request on a connection of its own and returns what was answered.
//
// It connects as a kiosk does, and speaks HTTP/2 (RFC 9113) with the least that
// the protocol asks of a client: thousands of kiosks bring a processor each, but
// the simulated ones share the server's.
func ask(ctx context.Context, dialer *forward.Dialer, method string, at *url.URL, body []byte) (answer []byte, err error) {
	conn, err := dialer.DialContext(ctx, "tcp", at.Host)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	x := &exchange{body: body, windows: [2]int64{initialWindow, initialWindow}}
	x.frames = http2.NewFramer(&x.out, conn)
	x.frames.SetReuseFrames()
	x.head = hpack.NewDecoder(4096, func(f hpack.HeaderField) {
		if f.Name == ":status" {
			x.status = f.Value
		}
	})
	if err := x.begin(method, at); err != nil {
		return nil, err
	}
	for {
		if err := x.fill(); err != nil {
			return nil, err
		}
		if x.out.Len() > 0 {
			if _, err := x.out.WriteTo(conn); err != nil {
				return nil, err
			}
		}
		frame, err := x.frames.ReadFrame()
		if err != nil {
			return nil, fmt.Errorf("waiting for an answer: %w", err)
		}
		if ended, err := x.take(frame); ended || err != nil {
			return x.answer, errors.Join(err, x.refused())
		}
	}
}

// The protocol's values before the settings of the server are known (RFC 9113,
// 6.5.2 and 6.9.2), and the number of a client's first stream.
const (
	initialWindow = 65535
	maxFrame      = 16384
	stream        = 1
)

// exchange is one request and its answer.
type exchange struct {
	out     bytes.Buffer // frames to be sent
	frames  *http2.Framer
	head    *hpack.Decoder
	body    []byte   // what is left to be sent
	windows [2]int64 // how much of it the server takes now: the connection, the stream
	status  string
	answer  []byte
}

// begin writes all that comes before the body.
func (x *exchange) begin(method string, at *url.URL) error {
	x.out.Grow(len(x.body) + 1024)
	x.out.WriteString(http2.ClientPreface)
	var block bytes.Buffer
	fields := hpack.NewEncoder(&block)
	err := x.frames.WriteSettings(http2.Setting{ID: http2.SettingEnablePush, Val: 0})
	for _, f := range []hpack.HeaderField{
		{Name: ":method", Value: method}, {Name: ":scheme", Value: "https"}, {Name: ":authority", Value: at.Host}, {Name: ":path", Value: at.Path},
		{Name: "content-type", Value: wire.ContentType}, {Name: "content-length", Value: strconv.Itoa(len(x.body))},
	} {
		err = errors.Join(err, fields.WriteField(f))
	}
	return errors.Join(err, x.frames.WriteHeaders(http2.HeadersFrameParam{
		StreamID: stream, BlockFragment: block.Bytes(), EndHeaders: true, EndStream: len(x.body) == 0,
	}))
}

// fill writes as much of the body as the server takes.
func (x *exchange) fill() error {
	for {
		n := min(int64(len(x.body)), x.windows[0], x.windows[1], maxFrame)
		if n <= 0 {
			return nil
		}
		if err := x.frames.WriteData(stream, int(n) == len(x.body), x.body[:n]); err != nil {
			return err
		}
		x.body, x.windows[0], x.windows[1] = x.body[n:], x.windows[0]-n, x.windows[1]-n
	}
}

// take takes in a frame, and says whether the answer ended with it.
func (x *exchange) take(frame http2.Frame) (ended bool, err error) {
	switch f := frame.(type) {
	case *http2.SettingsFrame:
		if f.IsAck() {
			return false, nil
		}
		if size, ok := f.Value(http2.SettingInitialWindowSize); ok {
			x.windows[1] += int64(size) - initialWindow
		}
		return false, x.frames.WriteSettingsAck()
	case *http2.WindowUpdateFrame:
		x.windows[min(f.StreamID, stream)] += int64(f.Increment)
	case *http2.HeadersFrame:
		_, err := x.head.Write(f.HeaderBlockFragment())
		return f.StreamEnded(), err
	case *http2.DataFrame:
		x.answer = append(x.answer, f.Data()...)
		return f.StreamEnded(), nil
	case *http2.RSTStreamFrame:
		return true, fmt.Errorf("the province reset the stream: %s", f.ErrCode)
	case *http2.GoAwayFrame:
		return true, fmt.Errorf("the province closes the connection: %s", f.ErrCode)
	}
	return false, nil
}

// refused is the error that the answer is, if it is one.
func (x *exchange) refused() error {
	if x.status == strconv.Itoa(http.StatusOK) {
		return nil
	}
	refused, err := wire.DecodeError(x.answer)
	if err != nil {
		return fmt.Errorf("the province answered %s: %w", x.status, err)
	}
	return refused
}
