// Judges CustomResourceDefinitions and objects with the very code of the Kubernetes API server, without a server.
//
// usage: crds FILE...
//
// First it prints one line of JSON a definition: what the API server would refuse in it, and the estimated cost of each rule.
// Then it reads objects from its input, one line of JSON each, {"object": ..., "old": ...}, and answers with what the API
// server would refuse about them, and with what it would store.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

type request struct {
	Object map[string]any `json:"object"`
	Old    map[string]any `json:"old"`
}

type answer struct {
	Errors []string       `json:"errors"`
	Stored map[string]any `json:"stored"`
}

func main() {
	judges := map[string]*judge{}
	out := json.NewEncoder(os.Stdout)
	for _, file := range os.Args[1:] {
		definition, err := load(file)
		if err != nil {
			fail("%s: %v", file, err)
		}
		found := definition.report()
		if err := out.Encode(found); err != nil {
			fail("%v", err)
		}
		if len(found.Errors) > 0 {
			continue
		}
		if judges[definition.internal.Spec.Names.Kind], err = newJudge(definition); err != nil {
			fail("%s: %v", file, err)
		}
	}
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var asked request
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			fail("not a request: %v", err)
		}
		kind, _ := asked.Object["kind"].(string)
		judge := judges[kind]
		if judge == nil {
			fail("no accepted definition of kind %q", kind)
		}
		if err := out.Encode(judge.judge(asked)); err != nil {
			fail("%v", err)
		}
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
