// Anchor is process 1 of a set of namespaces: it keeps them alive, buries the dead, and does nothing else.
//
//	anchor           of a pod: until it is told to end by SIGTERM or SIGINT
//	anchor machine   of a machine: says its own id as the outside sees it, then until its standard input ends
//
// When process 1 ends the kernel kills every process of its namespace, so that nothing of a machine can outlive whoever
// holds the other end of its standard input.
package main

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ended := make(chan os.Signal, 1)
	if len(os.Args) > 1 && os.Args[1] == "machine" {
		// /proc is still that of the outside here, and shows this process under its id there.
		self, err := os.Readlink("/proc/self")
		if err != nil {
			fmt.Fprintln(os.Stderr, "anchor:", err)
			os.Exit(1)
		}
		fmt.Println(self)
		go func() {
			io.Copy(io.Discard, os.Stdin)
			ended <- os.Interrupt
		}()
	} else {
		signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
	}
	died := make(chan os.Signal, 1)
	signal.Notify(died, syscall.SIGCHLD)
	for {
		select {
		case <-ended:
			return
		case <-died:
			bury()
		}
	}
}

func bury() {
	for {
		pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
		if err != nil || pid <= 0 {
			return
		}
	}
}
