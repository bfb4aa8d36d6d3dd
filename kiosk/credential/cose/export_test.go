package cose

// Key is the name of a member of an object.
func (v *Value) Key() string { return v.key }
