//go:build !race

package printer

const racing = false
