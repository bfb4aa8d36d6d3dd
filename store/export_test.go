package store

// NoSync makes a journal lose on a power cut what it has acknowledged.
func NoSync(o *Options) { o.noSync = true }
