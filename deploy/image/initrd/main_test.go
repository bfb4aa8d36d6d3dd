package main

import "testing"

func TestTheRootIsNamedByTheCommandLine(t *testing.T) {
	t.Parallel()
	if id, err := partition("quiet root=PARTUUID=C407C407-02 ro\n"); err != nil || id != "c407c407-02" {
		t.Errorf("%q, %v", id, err)
	}
	if id, err := partition("quiet ro"); err == nil {
		t.Errorf("%q, and there is none", id)
	}
}

func TestAPartitionIsNamedByTheDisksSignature(t *testing.T) {
	t.Parallel()
	var mbr [512]byte
	copy(mbr[440:], []byte{0x07, 0xc4, 0x07, 0xc4})
	if id := name(mbr, "2"); id != "c407c407-02" {
		t.Errorf("%q", id)
	}
}
