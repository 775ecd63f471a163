// The oracle: etcd's raft library, driven by the calls of a schedule. Schedules come in on stdin, one frame each: four
// bytes of length (little-endian), then lines of calls. What each call did goes out on stdout: the length of the
// outcomes, the length of a note, both texts. A note tells why the library panicked; a panic ends its schedule.
package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"log"
	"os"
)

func main() {
	log.SetFlags(0)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriterSize(os.Stdout, 1<<20)
	var header [8]byte
	var calls []byte
	for {
		if _, err := io.ReadFull(in, header[:4]); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		length := int(binary.LittleEndian.Uint32(header[:4]))
		if cap(calls) < length {
			calls = make([]byte, length)
		}
		calls = calls[:length]
		if _, err := io.ReadFull(in, calls); err != nil {
			log.Fatal(err)
		}
		outcomes, note := runSchedule(string(calls))
		binary.LittleEndian.PutUint32(header[:4], uint32(len(outcomes)))
		binary.LittleEndian.PutUint32(header[4:], uint32(len(note)))
		for _, part := range [][]byte{header[:], outcomes, []byte(note)} {
			if _, err := out.Write(part); err != nil {
				log.Fatal(err)
			}
		}
		if err := out.Flush(); err != nil {
			log.Fatal(err)
		}
	}
}
