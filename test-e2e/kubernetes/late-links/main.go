// Late-links hands connections on to where they were going before iptables redirected them here, and lets what is sent over them, in both
// directions, be late. What is late holds up what comes after it, as on a slow way through the network.
//
//	late-links -listen :15411 -delay 100ms -jitter 300ms
//
// It says `ready` when it listens, and ends with its connections when it is ended: whoever dials anew then gets through at once.
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"time"
)

// Of linux/netfilter_ipv4.h: where a redirected connection was going.
const originalDestination = 80

// What is under way in one direction; beyond it the sender waits.
const chunksUnderWay = 4096

type chunk struct {
	due   time.Time
	bytes []byte
}

func main() {
	listen := flag.String("listen", ":15411", "address to listen on")
	delay := flag.Duration("delay", 100*time.Millisecond, "how late everything is")
	jitter := flag.Duration("jitter", 0, "by how much more at most, by chance")
	flag.Parse()
	listener, err := net.Listen("tcp4", *listen)
	if err != nil {
		fmt.Fprintln(os.Stderr, "late-links:", err)
		os.Exit(1)
	}
	fmt.Println("ready")
	for {
		near, err := listener.Accept()
		if err != nil {
			fmt.Fprintln(os.Stderr, "late-links:", err)
			os.Exit(1)
		}
		go handOn(near.(*net.TCPConn), *delay, *jitter)
	}
}

func handOn(near *net.TCPConn, delay, jitter time.Duration) {
	defer near.Close()
	address, err := destination(near)
	if err != nil {
		fmt.Fprintln(os.Stderr, "late-links:", err)
		return
	}
	far, err := net.DialTimeout("tcp4", address, 2*time.Second)
	if err != nil {
		fmt.Fprintln(os.Stderr, "late-links:", err)
		return
	}
	defer far.Close()
	over := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		go func() {
			carry(way[0], way[1], delay, jitter)
			over <- struct{}{}
		}()
	}
	// With one direction gone the other is of no use: both ends are to dial anew.
	<-over
}

func destination(connection *net.TCPConn) (string, error) {
	raw, err := connection.SyscallConn()
	if err != nil {
		return "", err
	}
	var found string
	var failed error
	err = raw.Control(func(fd uintptr) {
		// A sockaddr_in has the size of what this call reads.
		said, err := syscall.GetsockoptIPv6Mreq(int(fd), syscall.IPPROTO_IP, originalDestination)
		if err != nil {
			failed = err
			return
		}
		at := said.Multiaddr
		found = fmt.Sprintf("%d.%d.%d.%d:%d", at[4], at[5], at[6], at[7], int(at[2])<<8|int(at[3]))
	})
	if err == nil {
		err = failed
	}
	return found, err
}

func carry(from, to net.Conn, delay, jitter time.Duration) {
	underWay := make(chan chunk, chunksUnderWay)
	go func() {
		defer close(underWay)
		var last time.Time
		for {
			buffer := make([]byte, 64*1024)
			count, err := from.Read(buffer)
			if count > 0 {
				due := time.Now().Add(delay)
				if jitter > 0 {
					due = due.Add(rand.N(jitter))
				}
				if due.Before(last) {
					due = last
				}
				last = due
				underWay <- chunk{due, buffer[:count]}
			}
			if err != nil {
				return
			}
		}
	}()
	var failed error
	for next := range underWay {
		if failed != nil {
			continue
		}
		time.Sleep(time.Until(next.due))
		if _, failed = to.Write(next.bytes); failed != nil {
			// Whoever reads for it ends then.
			from.Close()
		}
	}
}
