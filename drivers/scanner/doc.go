// Package scanner turns camera frames into codes, and gives the same codes from
// serial and keyboard scanner modules.
package scanner
