//go:build unix

package web

import "syscall"

// filesAllowed is how many files the process may have open; Go has raised it as far as it could.
func filesAllowed() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || limit.Cur > mostEver {
		return mostEver
	}
	return int(limit.Cur)
}
