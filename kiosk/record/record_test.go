package record

import (
	"bytes"
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)

// fill draws a value of any type that a body is made of.
func fill(t *rapid.T, v reflect.Value, name string) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.Name != "_" {
				fill(t, v.Field(i), f.Name)
			}
		}
	case reflect.String:
		v.SetString(withoutNUL(rapid.String().Draw(t, name)))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, name))
	case reflect.Int, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, name))
	case reflect.Uint8:
		v.SetUint(uint64(rapid.Uint8().Draw(t, name)))
	case reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, name))
	case reflect.Slice:
		if n := rapid.IntRange(0, 4).Draw(t, name); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(t, v.Index(i), name)
			}
		}
	case reflect.Map:
		text := rapid.Map(rapid.String(), withoutNUL)
		if m := rapid.MapOfN(text, text, 0, 4).Draw(t, name); len(m) > 0 {
			v.Set(reflect.ValueOf(m))
		}
	default:
		t.Fatalf("%s is of a type that no body had so far: %s", name, v.Type())
	}
}

func TestEveryBodyComesBackAsItWent(t *testing.T) {
	t.Parallel()
	for _, kind := range Kinds() {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				v := reflect.New(reflect.TypeOf(kind.New())).Elem()
				fill(t, v, kind.String())
				body := v.Interface().(Body)
				if body.Kind() != kind {
					t.Fatalf("a %T is of kind %s, not %s", body, body.Kind(), kind)
				}
				payload, err := Encode(body)
				if err != nil {
					t.Fatal(err)
				}
				r, err := Decode(kind, noon, payload)
				if err != nil {
					t.Fatal(err)
				}
				if !reflect.DeepEqual(r, Record{noon, body}) {
					t.Fatalf("%+v came back as %+v", body, r.Body)
				}
				again, err := Encode(r.Body)
				if err != nil || !bytes.Equal(payload, again) {
					t.Fatalf("the same body gave %x, then %x (%v)", payload, again, err)
				}
			})
		})
	}
}

// Kinds and the keys of their fields are on disk: this list only grows.
func TestKeysStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	want := map[Kind]string{
		KindVisit:       "1:Direction 2:Family 3:Level 4:Reasons 5:Rules 6:Party 7:Temperature 8:Staff",
		KindDeclaration: "1:Number 2:Person 3:Form 4:Travel 5:Symptoms 6:Contacts 7:Other 8:Level 9:Reasons 10:Proxy 11:Staff 12:Head 13:Document",
		KindSample:      "1:Tube 2:Person 3:Order 4:Technique 5:Reason 6:Member 7:Staff",
		KindPool:        "1:Tube 2:Step 3:Size 4:Technique 5:Reason 6:Staff",
		KindResult:      "1:Number 2:Tube 3:Technique 4:Outcome 5:Sampled 6:Staff",
		KindVaccination: "1:Number 2:Person 3:Form 4:Group 5:Doses 6:Wish 7:Other 8:Staff",
		KindPrint:       "1:Layout 2:Number 3:Copies 4:Again 5:Failed 6:Staff",
		KindStaff:       "1:Badge 2:Action 3:Target 4:Member 5:Reason 6:From 7:To 8:Count",
		KindHealth:      "1:Version 2:Uptime 3:Backlog 4:Oldest 5:Trust 6:TrustAge 7:Rules 8:ClockError 9:DiskFree 10:Conditions 11:Refused",
		KindOrder:       "1:Number 2:Person 3:Form 4:Reason 5:Technique 6:Place 7:Slot 8:Other 9:Staff",
		KindLoss:        "1:What 2:First 3:Last 4:Jump 5:Cause",
		KindErasure:     "1:Request 2:Entries",
		KindRoll:        "1:Campaign 2:Agency 3:Person 4:App 5:Declared 6:Staff",
	}
	for _, kind := range Kinds() {
		var keys bytes.Buffer
		typ := reflect.TypeOf(kind.New())
		for i := range typ.NumField() {
			tag, _, _ := bytes.Cut([]byte(typ.Field(i).Tag.Get("cbor")), []byte(","))
			if i > 0 {
				keys.WriteByte(' ')
			}
			keys.WriteString(string(tag) + ":" + typ.Field(i).Name)
		}
		if keys.String() != want[kind] {
			t.Errorf("%s has the keys %q, not %q", kind, keys.String(), want[kind])
		}
	}
}

func TestOlderAndNewerVersionsUnderstandEachOther(t *testing.T) {
	t.Parallel()
	newer, err := encoding.Marshal(map[int]any{1: 1, 2: "eu-dcc", 3: 1, 99: "what this version does not know"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Decode(KindVisit, noon, newer)
	if v, ok := r.Body.(Visit); err != nil || !ok || v.Family != "eu-dcc" || v.Direction != In {
		t.Errorf("a newer visit is %+v, %v", r.Body, err)
	}
	if _, err := Decode(200, noon, newer); !errors.Is(err, UnknownKind(200)) {
		t.Errorf("a newer kind gives %v", err)
	}
	if got := Level(77).String() + Direction(77).String() + Kind(77).String(); got != "" {
		t.Errorf("numbers that this version does not know are named %q", got)
	}
}

func TestWhatIsNoRecordIsRefused(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string][]byte{
		"nothing":        nil,
		"a key twice":    {0xa2, 0x01, 0x01, 0x01, 0x01},
		"no map":         {0x01},
		"cut short":      {0xa1, 0x02, 0x63, 'a'},
		"something left": {0xa0, 0xa0},
		"no UTF-8":       {0xa1, 0x02, 0x61, 0xff},
		"endless":        {0xbf, 0xff},
		"too large":      append([]byte{0xa1, 0x02, 0x79, 0x40, 0x01}, bytes.Repeat([]byte("x"), MaxPayload)...),
	} {
		if r, err := Decode(KindVisit, noon, payload); err == nil {
			t.Errorf("%s gives %+v", name, r)
		}
	}
}

// A visit costs little: the journal seals hundreds of thousands.
func TestAVisitIsSmall(t *testing.T) {
	t.Parallel()
	payload, err := Encode(Visit{
		Direction: In, Family: "eu-dcc", Level: 1, Reasons: []Reason{{Code: "dose-valid"}}, Rules: "hd-2026-11-20.1", Temperature: 366,
	})
	if err != nil {
		t.Fatal(err)
	}
	enc, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes, %d with zstd and no dictionary", len(payload), len(enc.EncodeAll(payload, nil)))
	if len(payload) > 64 {
		t.Errorf("a typical visit takes %d bytes", len(payload))
	}
}

func FuzzDecode(f *testing.F) {
	for _, kind := range Kinds() {
		payload, err := Encode(kind.New())
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint8(kind), payload)
	}
	f.Fuzz(func(t *testing.T, kind uint8, payload []byte) {
		r, err := Decode(Kind(kind), noon, payload)
		if err != nil {
			return
		}
		again, err := Encode(r.Body)
		if err != nil {
			if len(payload) < MaxPayload/2 {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			return // grown past the limit by the canonical form
		}
		back, err := Decode(Kind(kind), noon, again)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		if third, err := Encode(back.Body); err != nil || !bytes.Equal(again, third) {
			t.Fatalf("%+v came back as %+v, %v", r, back, err)
		}
	})
}

func BenchmarkEncodeVisit(b *testing.B) {
	v := Visit{Direction: In, Family: "eu-dcc", Level: 1, Reasons: []Reason{{Code: "dose-valid"}}, Rules: "hd-2026-11-20.1"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Encode(v); err != nil {
			b.Fatal(err)
		}
	}
}
