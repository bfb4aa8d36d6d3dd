package cose

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"

	"filippo.io/bigmod"
)

// RSAKey is an RSA key with what can be computed of it once: crypto/rsa does so
// anew for each signature, which takes it a third of the time. [Prepare] makes it.
type RSAKey struct {
	rsa.PublicKey
	modulus *bigmod.Modulus
}

// verifyPSS is RSASSA-PSS-VERIFY with SHA-256, MGF1 with SHA-256 and a salt of 32
// bytes. Source: RFC 8017, sections 8.1.2 and 9.1.2. Nothing here is secret.
func (k *RSAKey) verifyPSS(digest [sha256.Size]byte, signature []byte) bool {
	const hashLen, saltLen, trailer = sha256.Size, sha256.Size, 0xBC
	if len(signature) != k.Size() {
		return false
	}
	s, err := bigmod.NewNat().SetBytes(signature, k.modulus)
	if err != nil { // not smaller than the modulus
		return false
	}
	bits := k.N.BitLen() - 1
	message := bigmod.NewNat().ExpShortVarTime(s, uint(k.E), k.modulus).Bytes(k.modulus)
	if bits%8 == 0 { // one byte less than the modulus
		if message[0] != 0 {
			return false
		}
		message = message[1:]
	}
	split := len(message) - hashLen - 1
	block, hash := message[:split], message[split:len(message)-1]
	unused := byte(0xFF) << ((bits-1)%8 + 1) // bits of the first byte, none where that is a whole one
	if message[len(message)-1] != trailer || block[0]&unused != 0 {
		return false
	}
	unmask(block, hash)
	block[0] &^= unused
	padding, salt := block[:split-saltLen-1], block[split-saltLen:]
	for _, b := range padding {
		if b != 0 {
			return false
		}
	}
	if block[len(padding)] != 1 {
		return false
	}
	var signed [8 + hashLen + saltLen]byte
	copy(signed[8:], digest[:])
	copy(signed[8+hashLen:], salt)
	want := sha256.Sum256(signed[:])
	return subtle.ConstantTimeCompare(want[:], hash) == 1
}

// unmask removes the mask that MGF1 makes of the seed, RFC 8017 appendix B.2.1.
func unmask(block, seed []byte) {
	var input [sha256.Size + 4]byte
	copy(input[:], seed)
	for counter := uint32(0); len(block) > 0; counter++ {
		binary.BigEndian.PutUint32(input[sha256.Size:], counter)
		mask := sha256.Sum256(input[:])
		block = block[subtle.XORBytes(block, block, mask[:]):]
	}
}
