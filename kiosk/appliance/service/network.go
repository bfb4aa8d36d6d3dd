package service

import (
	"fmt"
	"net"
	"os"
	"strings"
)

// Addresses are this computer's, each after its interface, with the strength of
// the signal where it is a radio's.
func Addresses() (found []string, err error) {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, fmt.Errorf("listing the network's interfaces: %w", err)
	}
	radio, _ := os.ReadFile("/proc/net/wireless") // a machine without a radio has no such file
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 {
			continue
		}
		own, err := i.Addrs()
		if err != nil {
			return nil, fmt.Errorf("looking at %s: %w", i.Name, err)
		}
		for _, a := range own {
			if ip, ok := a.(*net.IPNet); ok && !ip.IP.IsLinkLocalUnicast() {
				found = append(found, i.Name+" "+ip.IP.String()+radioLevel(string(radio), i.Name))
			}
		}
	}
	return found, nil
}

// radioLevel is a radio's level in dBm, from the kernel's table (third number of an
// interface's line).
func radioLevel(table, name string) string {
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) > 3 && fields[0] == name+":" {
			return " " + strings.TrimSuffix(fields[3], ".") + " dBm"
		}
	}
	return ""
}
