package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var chartFile = flag.String("chart", "", "draw what BenchmarkCostPerLab measures into this SVG `file`")

// A cost is what a run took for each lab.
type cost struct {
	labs      int
	wall, cpu time.Duration
}

// BenchmarkCostPerLab measures runs over more and more labs, for both actions.
func BenchmarkCostPerLab(b *testing.B) {
	if isolated != "" {
		b.Skip(isolated)
	}
	measured := map[string][]cost{}
	for _, action := range []string{anonymizing, access} {
		for _, count := range []int{10, 30, 100, 300, 1000} {
			b.Run(fmt.Sprintf("%s/labs=%d", action, count), func(b *testing.B) {
				dir := memory(b)
				labs(b, count).write(b, filepath.Join(dir, "in"))
				var best cost
				for b.Loop() {
					b.StopTimer()
					j := jobAt(b, dir, action)
					require.NoError(b, os.RemoveAll(j.Out))
					b.StartTimer()
					before, begun := cpuTime(b), time.Now()
					failed, err := j.run(b.Context(), "prism", &bytes.Buffer{})
					c := cost{count, time.Since(begun) / time.Duration(count), (cpuTime(b) - before) / time.Duration(count)}
					require.NoError(b, err)
					require.False(b, failed)
					if best.labs == 0 || c.cpu < best.cpu {
						best = c
					}
				}
				b.ReportMetric(milliseconds(best.wall), "ms/lab")
				b.ReportMetric(milliseconds(best.cpu), "cpu-ms/lab")
				measured[action] = slices.DeleteFunc(measured[action], func(c cost) bool { return c.labs == count })
				measured[action] = append(measured[action], best)
			})
		}
	}
	if *chartFile != "" {
		require.NoError(b, os.WriteFile(*chartFile, chart(measured), 0o600))
	}
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// cpuTime returns what this process, which is the runner and the worker, has used.
func cpuTime(tb testing.TB) time.Duration {
	tb.Helper()
	var used syscall.Rusage
	require.NoError(tb, syscall.Getrusage(syscall.RUSAGE_SELF, &used))
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// chart draws milliseconds of processor time per lab, against the number of labs on a scale of powers of ten.
func chart(measured map[string][]cost) []byte {
	const left, right, top, bottom, height = 60, 600, 40, 260, 300
	most := 0.0
	for _, costs := range measured {
		for _, c := range costs {
			most = max(most, milliseconds(c.cpu))
		}
	}
	step := 1.0
	for most/step > 6 {
		step *= 2
	}
	most = step * float64(int(most/step)+1)
	y := func(ms float64) float64 { return bottom - ms/most*(bottom-top) }
	x := func(labs int) float64 { // from 10 to 1,000
		decades := 0.0
		rest := float64(labs) / 10
		for ; rest >= 10; rest /= 10 {
			decades++
		}
		decades += map[int]float64{1: 0, 3: 0.4771}[int(rest+0.5)]
		return left + decades/2*(right-left)
	}
	var w strings.Builder
	_, _ = fmt.Fprintf(&w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 760 %d" font-family="Arial,Helvetica,sans-serif" font-size="13" role="img">`+"\n", height)
	_, _ = fmt.Fprintln(&w, `<title>Milliseconds of processor time per lab, from 10 to 1,000 labs, less is better</title>`)
	_, _ = fmt.Fprintln(&w, `<rect width="760" height="300" fill="#fff"/>`)
	_, _ = fmt.Fprintf(&w, `<text x="%d" y="22" font-weight="bold">Milliseconds of processor time per lab, less is better</text>`+"\n", left)
	for ms := 0.0; ms <= most; ms += step {
		_, _ = fmt.Fprintf(&w, `<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end">%g</text>`+"\n", left, y(ms), right, left-8, y(ms)+4, ms)
	}
	for _, labs := range []int{10, 30, 100, 300, 1000} {
		_, _ = fmt.Fprintf(&w, `<text x="%.1f" y="%d" text-anchor="middle">%d labs</text>`+"\n", x(labs), bottom+20, labs)
	}
	for _, line := range []struct{ action, colour string }{{anonymizing, "#0b62a4"}, {access, "#b04a00"}} {
		var points []string
		for _, c := range measured[line.action] {
			points = append(points, fmt.Sprintf("%.1f,%.1f", x(c.labs), y(milliseconds(c.cpu))))
		}
		if len(points) == 0 {
			continue
		}
		last := measured[line.action][len(points)-1]
		_, _ = fmt.Fprintf(&w, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2.5"/>`+"\n", strings.Join(points, " "), line.colour)
		_, _ = fmt.Fprintf(&w, `<text x="%d" y="%.1f" fill="%s">%s</text>`+"\n", right+10, y(milliseconds(last.cpu))+4, line.colour, line.action)
	}
	_, _ = fmt.Fprintln(&w, "</svg>")
	return []byte(w.String())
}

func TestTheChartHasALineForEachAction(t *testing.T) {
	text := string(chart(map[string][]cost{anonymizing: {{10, 0, 9 * time.Millisecond}, {1000, 0, 5 * time.Millisecond}}, access: {{300, 0, time.Millisecond}}}))
	assert.Equal(t, 2, strings.Count(text, "<polyline"))
	assert.Contains(t, text, `points="60.0,`)
	assert.Contains(t, text, "600.0,")
}

// TestCostPerLabIsConstant compares runs over 40 and 400 labs.
func TestCostPerLabIsConstant(t *testing.T) {
	needsRunner(t)
	cpu := func(count int) time.Duration {
		j := newTestJob(t, anonymizing, labs(t, count))
		before := cpuTime(t)
		mustRun(t, j)
		return (cpuTime(t) - before) / time.Duration(count)
	}
	cpu(40) // the first run starts the runner
	few, many := cpu(40), cpu(400)
	assert.Less(t, many, 3*few, "ten times the labs cost more than thirty times")
}
