// Benchmarks runs labdsr and its rivals on the same generated exports in one run and
// compares their speed:
//
//	go run -C examples/benchmarks .
//
// It checks every answer against the generator. A wrong answer ends the program with
// an error.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
)

// childArgument makes the program run one job of one rival.
const childArgument = "child"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := program(ctx)
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

func program(ctx context.Context) error {
	if len(os.Args) == 2 && os.Args[1] == childArgument {
		return child(ctx, os.Stdout, os.Stdin)
	}
	c, err := parseFlags(os.Stderr, os.Args[1:])
	if err != nil {
		return err
	}
	return run(ctx, os.Stdout, os.Stderr, c)
}

// A config says what to measure and where to write the results.
type config struct {
	size, slowSize size
	rounds         int
	tasks          []task
	linear         bool
	shapes         []shape
	rivals         []rival
	dir            string
	check          bool
	from           string // file with a report to print instead of measuring
	json, chart    string
	readme         string // file in which the tables are replaced
}

const linearTask = "linear"

func parseFlags(complaints io.Writer, args []string) (*config, error) {
	c := &config{size: 1 << 30, slowSize: 128 << 20}
	f := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	f.SetOutput(complaints)
	f.Var(&c.size, "size", "`size` of the file of virtual machines, such as 64MiB")
	f.Var(&c.slowSize, "slow-size", "`size` of that file for slow rivals")
	f.IntVar(&c.rounds, "rounds", 5, "`number` of measured rounds")
	taskNames := f.String("tasks", "all", "comma-separated `names`: "+list(tasks, taskName)+", and linear, which is not part of all")
	shapeNames := f.String("shapes", "all", "comma-separated `names`: "+list(shapes, shapeName))
	rivalNames := f.String("rivals", "all", "comma-separated `names`: "+list(rivals, rivalName))
	f.StringVar(&c.dir, "dir", "", "`folder` for the generated files, which are removed at the end (default: the folder for temporary files)")
	f.BoolVar(&c.check, "check", false, "compare the results with the targets")
	f.StringVar(&c.from, "from", "", "print the results in this JSON `file` instead of measuring")
	f.StringVar(&c.json, "json", "", "write the results to this JSON `file`")
	f.StringVar(&c.chart, "chart", "", "draw a chart into this SVG `file`")
	f.StringVar(&c.readme, "readme", "", "replace the tables in this Markdown `file`, such as README.md")
	if err := f.Parse(args); err != nil {
		return nil, err
	}
	if f.NArg() > 0 || c.rounds < 1 {
		return nil, errors.New("want no arguments and at least one round")
	}
	var err error
	withoutLinear := slices.DeleteFunc(strings.Split(*taskNames, ","), func(name string) bool {
		isLinear := name == linearTask
		c.linear = c.linear || isLinear
		return isLinear
	})
	if len(withoutLinear) > 0 {
		if c.tasks, err = choose(tasks, taskName, strings.Join(withoutLinear, ",")); err != nil {
			return nil, err
		}
	}
	if c.shapes, err = choose(shapes, shapeName, *shapeNames); err != nil {
		return nil, err
	}
	c.rivals, err = choose(rivals, rivalName, *rivalNames)
	return c, err
}

func taskName(t task) string   { return t.name }
func shapeName(s shape) string { return s.name }
func rivalName(r rival) string { return r.name }

// list returns the names of all, separated by commas.
func list[T any](all []T, name func(T) string) string {
	var names []string
	for _, one := range all {
		names = append(names, name(one))
	}
	return strings.Join(names, ",")
}

// choose returns the elements with these names.
func choose[T any](all []T, name func(T) string, names string) ([]T, error) {
	if names == "all" {
		return all, nil
	}
	var chosen []T
	for want := range strings.SplitSeq(names, ",") {
		i := slices.IndexFunc(all, func(one T) bool { return name(one) == want })
		if i < 0 {
			return nil, fmt.Errorf("unknown name %q: choose from %s", want, list(all, name))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// run measures. It prints the tables to w and its progress to progress.
func run(ctx context.Context, w, progress io.Writer, c *config) error {
	var rep *report
	var err error
	if c.from != "" {
		rep, err = readReport(c.from)
	} else {
		rep, err = measure(ctx, progress, c)
	}
	if err != nil {
		return err
	}
	if c.json != "" {
		text, err := json.MarshalIndent(rep, "", "\t")
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.json, append(text, '\n'), 0o644); err != nil {
			return err
		}
	}
	if c.chart != "" {
		if err := writeChart(c.chart, rep); err != nil {
			return err
		}
	}
	var tables bytes.Buffer
	p := printer{w: &tables}
	p.report(rep)
	if c.check {
		p.targets(rep)
	}
	if c.readme != "" {
		if err := replaceTables(c.readme, tables.Bytes()); err != nil {
			return err
		}
	}
	_, err = w.Write(tables.Bytes())
	return errors.Join(p.err, err)
}

// The tables of a README are between these lines.
const (
	tablesBegin = "<!-- The program writes what is between this line and the next comment: -readme -->\n"
	tablesEnd   = "<!-- end of the tables -->\n"
)

// replaceTables replaces the tables of a README.
func replaceTables(name string, tables []byte) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	before, rest, hasBegin := bytes.Cut(text, []byte(tablesBegin))
	_, after, hasEnd := bytes.Cut(rest, []byte(tablesEnd))
	if !hasBegin || !hasEnd {
		return errors.New("the README has no place for tables")
	}
	return os.WriteFile(name, slices.Concat(before, []byte(tablesBegin), []byte("\n"), tables, []byte("\n"), []byte(tablesEnd), after), 0o644)
}

func readReport(name string) (*report, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var rep report
	return &rep, json.Unmarshal(text, &rep)
}

// A size is a number of bytes. As text it has a unit, such as 64MiB.
type size int64

var units = []struct {
	name  string
	bytes int64
}{
	{"GiB", 1 << 30},
	{"MiB", 1 << 20},
	{"KiB", 1 << 10},
	{"", 1},
}

// String implements flag.Value.
func (s *size) String() string {
	for _, u := range units {
		if *s != 0 && int64(*s)%u.bytes == 0 {
			return strconv.FormatInt(int64(*s)/u.bytes, 10) + u.name
		}
	}
	return "0"
}

// Set implements flag.Value.
func (s *size) Set(text string) error {
	for _, u := range units {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil || n <= 0 || n > (1<<50)/u.bytes {
			return errors.New("not a size such as 64MiB or 1GiB")
		}
		*s = size(n * u.bytes)
		return nil
	}
	return nil // not reached: every text ends with the empty unit
}
