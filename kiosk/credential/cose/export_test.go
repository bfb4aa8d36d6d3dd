package cose

// Key is the name of a member of an object.
func (v *Value) Key() string { return v.key }

// Learned says whether the key keeps multiples of its point.
func (k *ECKey) Learned() bool { return k.multiples.Load() != nil }
