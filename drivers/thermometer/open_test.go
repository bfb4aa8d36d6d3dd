package thermometer

import (
	"errors"
	"io/fs"
	"testing"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	for spec, want := range map[string]Options{
		"i2c:/dev/i2c-1":                                    {},
		"i2c:/dev/i2c-1,address=0x5b":                       {Address: 0x5b},
		"i2c:/dev/i2c-1,address=90":                         {Address: 0x5a},
		"i2c:/dev/i2c-11, emissivity=0.97,samples=3":        {Emissivity: 0.97, Samples: 3},
		"i2c:/dev/i2c-1,samples=100,emissivity=1,address=8": {Emissivity: 1, Samples: 100, Address: 8},
	} {
		_, got, err := parse(spec)
		if err != nil || got != want {
			t.Errorf("%q is %+v, %v; want %+v", spec, got, err, want)
		}
	}
	for _, spec := range []string{
		"", "i2c:", "i2c:1", "/dev/i2c-1", "usb:/dev/i2c-1", "i2c:/dev/i2c-1,", "i2c:/dev/i2c-1,colour=red",
		"i2c:/dev/i2c-1,address=0x80", "i2c:/dev/i2c-1,address=0", "i2c:/dev/i2c-1,emissivity=0", "i2c:/dev/i2c-1,emissivity=NaN",
		"i2c:/dev/i2c-1,emissivity=1.1", "i2c:/dev/i2c-1,samples=0", "i2c:/dev/i2c-1,samples=101", "i2c:/dev/i2c-1,samples",
	} {
		if _, err := Open(spec); err == nil {
			t.Errorf("%q was taken", spec)
		}
	}
}

// A bus that is not there yet is no reason to refuse its spec.
func TestOpenBeforeTheBus(t *testing.T) {
	t.Parallel()
	sensor, err := Open("i2c:" + t.TempDir() + "/i2c-1")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sensor.Read(t.Context()); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func FuzzSpec(f *testing.F) {
	f.Add("i2c:/dev/i2c-1,address=0x5a,emissivity=0.98,samples=8")
	f.Add("i2c:/dev/i2c-1,emissivity=1e-400")
	f.Fuzz(func(t *testing.T, spec string) {
		_, o, err := parse(spec)
		if err == nil && (o.Address > 0x77 || o.Samples < 0 || o.Samples > 100 || !(o.Emissivity == 0 || o.Emissivity >= 0.1 && o.Emissivity <= 1)) {
			t.Errorf("%q gave %+v", spec, o)
		}
	})
}
