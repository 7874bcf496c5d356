package csvschema_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/internal/densetest"
)

// randomFile returns a file of a few documented columns. Its rows have few different cells,
// so that most repeat those of the row before them, and some of it may be faulty.
func randomFile(r *rand.Rand, role csvschema.Role) string {
	hard := densetest.Few(r, []string{
		"a", "b", "\"a\"", "\"a,b\"", "\"a\"\"b\"", "\"a\nb\"", "\"a\r\nb\"", "\"\"", "", " ", "é", "\uFEFF", "\r", "\n", "\r\n", "\"", ",", "\x00", "\xff", "\xc3", "LabUId", "soon", "12.8", "=1", "NULL", strings.Repeat("x", r.IntN(70)), "\"" + strings.Repeat("y", r.IntN(70)) + "\"",
	})
	names := namesOf(role.Columns())
	r.Shuffle(len(names), func(i, k int) { names[i], names[k] = names[k], names[i] })
	names = append(names[:r.IntN(len(names))], "LabUId")
	if len(names) > 1 && slices.Contains(names[:len(names)-1], "LabUId") {
		names = names[:len(names)-1]
	}
	choices := make([][]string, len(names))
	row := make([]string, len(names))
	for i, name := range names {
		switch {
		case strings.HasSuffix(name, "Date") || strings.HasSuffix(name, "Time"):
			choices[i] = []string{"1/3/2017", "", "1/3/2017 11:17:09 PM", "0001-01-01", "\"1/3/2017\""}
		case name == "DiskSizeGB":
			choices[i] = []string{"128", "", "00128", "\"1\""}
		case name == "Claimable":
			choices[i] = []string{"True", "", "false", "\"True\""}
		default:
			choices[i] = hard[:1+r.IntN(3)]
		}
		choices[i] = choices[i][:1+r.IntN(len(choices[i]))]
		row[i] = choices[i][0]
	}
	lines := []string{strings.Join(names, ",")}
	for range r.IntN(12) {
		for range 2 {
			i := r.IntN(len(row))
			row[i] = choices[i][r.IntN(len(choices[i]))]
		}
		lines = append(lines, strings.Join(row, ","))
	}
	text := strings.Join(lines, []string{"\n", "\r\n"}[r.IntN(2)])
	if r.IntN(2) == 0 { // something else in it, or it is cut
		at := r.IntN(len(text))
		text = text[:at] + hard[5] + text[min(len(text), at+r.IntN(3)):]
	}
	return text
}

func TestRandomFilesAreReadInEveryWay(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		text := randomFile(r, csvschema.Disks)
		requireRead(t, text)
		requireRowsOfGocsv[csvschema.DiskRow](t, text, r.IntN(1000))
		requireRowsOfGocsv[csvschema.VirtualMachineRow](t, randomFile(r, csvschema.VirtualMachines), r.IntN(1000))
		_, rows, _ := strings.Cut(randomFile(r, csvschema.Disks), "\n")
		requireSameInParallel(t, "LabUId,b\n", rows, 1+r.IntN(300), 0)
		requireSameInParallel(t, "LabUId,b\n", densetest.Text(r, append(densetest.Few(r, parallelSeeds[1:]), "1", ",", "\n"), 12), 1+r.IntN(40), 8+r.IntN(90))
	}
}

func TestRandomRowsAreReadBack(t *testing.T) {
	t.Parallel()
	parts := []string{"a", "b", ",", "\"", "\n", "\r\n", "\r", " ", "\t", "=", "+", "-", "@", "'", `\.`, "\u00A0", "\u3000", "\uFEFF", "\x00", "\xff", "é", "0", "＝", "\u200b", "|", "1/3/2017"}
	cells := []string{"1/3/2017 11:17:09 PM", "1/3/2017", "0001-01-01", "", "True", "false", "128", "010", "x", "-1", "\uFEFF", "1/3/2017 11:17\u202FPM"}
	r := rand.New(rand.NewPCG(3, 4))
	for range 300 {
		few := densetest.Few(r, parts)
		texts := []string{densetest.Text(r, few, 3), densetest.Text(r, few, 3), few[0]}
		o := csvschema.WriterOptions{QuoteAll: r.IntN(2) == 0, CRLF: r.IntN(2) == 0}
		roundTrip[csvschema.VirtualMachineRow](t, texts, densetest.Few(r, cells)[:3], &o)
		roundTrip[csvschema.DiskRow](t, texts, densetest.Few(r, cells)[:3], &o)
	}
}

func TestRandomCellsAreReadAsByPackagesTimeAndStrconv(t *testing.T) {
	t.Parallel()
	parts := []string{
		"1", "3", "12", "13", "0", "00", "01", "29", "31", "32", "23", "24", "59", "60", "2017", "2016", "1900", "1899", "0001", "0000", "9999", "/", "-", ":", " ", "  ", "T", "Z", "AM", "PM", "am", ".", ",", "0000000", "12345678",
		"+01:00", "-00:00", "+14:00", "+24:00", "-23:59", "\u00A0", "\u202F", "\u2009", "\xa0", "é", "9223372036854775807", "9223372036854775808", "_", "٣",
	}
	digits := strings.NewReplacer("/", "/\x00", ":", ":\x00", " ", "\x00 \x00", "-", "-\x00", "T", "\x00T\x00", "+", "\x00+")
	r := rand.New(rand.NewPCG(5, 6))
	for range 20_000 {
		cell := strings.Split(digits.Replace(readableDates[r.IntN(len(readableDates))].cell), "\x00")
		cell[r.IntN(len(cell))] = parts[r.IntN(len(parts))]
		cell[r.IntN(len(cell))] += parts[r.IntN(len(parts))]
		requireDateTime(t, strings.Join(cell[:1+r.IntN(len(cell))], ""))
		text := densetest.Text(r, densetest.Few(r, parts), 6)
		requireDateTime(t, text)
		requireInteger(t, text)
	}
}
