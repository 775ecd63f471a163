package main

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// verdict counts one for each group of keys, lock, lease, watch and rule.
type verdict struct {
	Operations int      `json:"operations"`
	Passed     int      `json:"passed"`
	Failed     int      `json:"failed"`
	NotChecked int      `json:"not_checked"`
	Lines      []string `json:"lines"`
}

// What one check says at most, so that one defect does not bury another.
const linesMax = 8

// rule counts one rule that all of a run must keep.
func (v *verdict) rule(name string, broken []string) {
	if len(broken) == 0 {
		v.Passed++
		return
	}
	v.Failed++
	for at, line := range broken {
		if at == linesMax {
			v.Lines = append(v.Lines, fmt.Sprintf("%s: and %d more", name, len(broken)-at))
			break
		}
		v.Lines = append(v.Lines, name+": "+line)
	}
}

// note adds a line that accuses nobody.
func (v *verdict) note(format string, figures ...any) {
	v.Lines = append(v.Lines, fmt.Sprintf(format, figures...))
}

// How long the search may take for one partition, before it counts as not decided.
const searchTime = 20 * time.Second

// Pictures of the first failures only: they are large.
const picturesMax = 5

// linearizable checks each partition on its own, several at a time.
func (v *verdict) linearizable(model porcupine.Model, partitions map[string][]porcupine.Operation, folder string) {
	names := make([]string, 0, len(partitions))
	for name := range partitions {
		names = append(names, name)
	}
	sort.Strings(names)
	results := make([]porcupine.CheckResult, len(names))
	var wait sync.WaitGroup
	slots := make(chan struct{}, runtime.NumCPU())
	for at, name := range names {
		wait.Add(1)
		slots <- struct{}{}
		go func() {
			defer wait.Done()
			results[at] = porcupine.CheckOperationsTimeout(model, partitions[name], searchTime)
			<-slots
		}()
	}
	wait.Wait()
	pictures := 0
	for at, name := range names {
		switch results[at] {
		case porcupine.Ok:
			v.Passed++
			v.Operations += len(partitions[name])
		case porcupine.Unknown:
			v.NotChecked++
			v.Lines = append(v.Lines, fmt.Sprintf("%s: not decided: %d operations are too many for %v",
				name, len(partitions[name]), searchTime))
		case porcupine.Illegal:
			v.Failed++
			v.Operations += len(partitions[name])
			picture := ""
			if folder != "" && pictures < picturesMax {
				pictures++
				picture = draw(model, name, partitions[name], folder)
			}
			v.Lines = append(v.Lines, fmt.Sprintf("%s: %d operations are not linearizable%s",
				name, len(partitions[name]), picture))
		}
	}
}

func draw(model porcupine.Model, name string, operations []porcupine.Operation, folder string) string {
	_, info := porcupine.CheckOperationsVerbose(model, operations, searchTime)
	file := "not-linearizable-" + strings.ReplaceAll(name, "/", "-") + ".html"
	if err := porcupine.VisualizePath(model, info, filepath.Join(folder, file)); err != nil {
		return fmt.Sprintf(" (no picture: %v)", err)
	}
	return ": " + file
}
