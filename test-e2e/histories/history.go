package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
)

// never is the return of an operation of which nobody knows when, or whether, it took effect.
const never = math.MaxInt64

type outcome string

const (
	ok      outcome = "ok"
	fail    outcome = "fail"
	unknown outcome = "unknown"
)

// operation is one line of history.ndjson.
type operation struct {
	Client  int     `json:"client"`
	Op      string  `json:"op"`
	Key     string  `json:"key"`
	Input   input   `json:"input"`
	Output  output  `json:"output"`
	Call    int64   `json:"call_ns"`
	Return  int64   `json:"return_ns"`
	Outcome outcome `json:"outcome"`
}

// input holds the fields of all operations; each uses its own.
type input struct {
	Key     string      `json:"key"`
	Value   string      `json:"value"`
	Lease   string      `json:"lease"`
	If      []condition `json:"if"`
	Then    []step      `json:"success"`
	Else    []step      `json:"failure"`
	Token   int64       `json:"token"`
	Mode    string      `json:"mode"`
	Permits int         `json:"permits"`
	DelayMs int64       `json:"delay_ms"`
}

type condition struct {
	Key      string          `json:"key"`
	Target   string          `json:"target"`
	Relation string          `json:"relation"`
	To       json.RawMessage `json:"to"`
}

type step struct {
	Do    string `json:"do"`
	Key   string `json:"key"`
	Value string `json:"value"`
}

type output struct {
	Rev       int64    `json:"rev"`
	Kvs       []kv     `json:"kvs"`
	Deleted   int      `json:"deleted"`
	Succeeded bool     `json:"succeeded"`
	Responses []answer `json:"responses"`
	Token     int64    `json:"token"`
	Holders   []holder `json:"holders"`
	Released  bool     `json:"released"`
	TTLMs     int64    `json:"ttl_ms"`
	Found     bool     `json:"found"`
	Error     string   `json:"error"`
}

type holder struct {
	Token int64  `json:"token"`
	Lease string `json:"lease"`
}

type kv struct {
	Key     string `json:"key"`
	Value   string `json:"value"`
	Version int64  `json:"version"`
	Create  int64  `json:"create"`
	Mod     int64  `json:"mod"`
	Lease   string `json:"lease"`
}

type answer struct {
	Kvs     []kv `json:"kvs"`
	Deleted int  `json:"deleted"`
}

// change is one event of a revision; its key is the whole name.
type change struct {
	Type string `json:"type"`
	kv
}

// watchLine is one line of watches.ndjson: a beginning, all changes of one revision, or the end.
type watchLine struct {
	Watch  string   `json:"watch"`
	Prefix string   `json:"prefix"`
	From   int64    `json:"from"`
	Rev    int64    `json:"rev"`
	Events []change `json:"events"`
	End    int64    `json:"end"`
}

// finalLine is one line of final.ndjson: all changes of one revision, as one replica tells them in the end.
type finalLine struct {
	Replica int      `json:"replica"`
	Rev     int64    `json:"rev"`
	Events  []change `json:"events"`
}

// termLine is one line of terms.ndjson: the newest term that the members knew which answered between call and return.
type termLine struct {
	Call     int64 `json:"call_ns"`
	Return   int64 `json:"return_ns"`
	Term     int64 `json:"term"`
	Majority bool  `json:"majority"`
}

type run struct {
	operations []operation
	terms      []termLine
	watches    []watchLine
	final      []finalLine
}

func readRun(folder string) (*run, error) {
	operations, err := readLines[operation](filepath.Join(folder, "history.ndjson"))
	if err != nil {
		return nil, err
	}
	watches, err := readLines[watchLine](filepath.Join(folder, "watches.ndjson"))
	if err != nil {
		return nil, err
	}
	final, err := readLines[finalLine](filepath.Join(folder, "final.ndjson"))
	if err != nil {
		return nil, err
	}
	terms, err := readLines[termLine](filepath.Join(folder, "terms.ndjson"))
	if err != nil {
		return nil, err
	}
	return &run{operations, terms, watches, final}, nil
}

func readLines[T any](path string) ([]T, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var all []T
	scanner := bufio.NewScanner(file)
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		var line T
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("%s, line %d: %w", path, len(all)+1, err)
		}
		all = append(all, line)
	}
	return all, scanner.Err()
}
