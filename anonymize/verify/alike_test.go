package verify_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// likeRows returns rows of a few columns that often have cells in common.
func likeRows(random *rand.Rand, columns int) string {
	cells := []string{`""`, `"a"`, `"a,b"`, `"ab"`, "", "a", "ab", `"a""b"`, `"/labs/lab/web"`, `"/labs/lab/box"`, "/labs/lab/web", `"LabUId"`, "LabUId", "\r", "long enough to be looked at by eights, in vain", `"long enough to be looked at by eights, or not"`}
	odd := []string{`"`, `a"b`, `"a"b`, "\"a\nb\"", "\"a\r\n\"", "\uFEFF"}
	var text strings.Builder
	row := make([]string, columns)
	for range 2 + random.IntN(8) {
		for range 1 + random.IntN(columns) {
			row[random.IntN(columns)] = cells[random.IntN(len(cells))]
		}
		cellsOf := append([]string{}, row...)
		switch random.IntN(12) {
		case 0:
			cellsOf[random.IntN(columns)] = odd[random.IntN(len(odd))]
		case 1:
			if random.IntN(4) == 0 {
				cellsOf = cellsOf[1:]
			}
		}
		text.WriteString(strings.Join(cellsOf, ",") + []string{"\n", "\n", "\n", "\r\n", "\n\n", ""}[random.IntN(6)])
	}
	return text.String()
}

// requireLike holds that rows are read by models as they are without.
func requireLike(t *testing.T, random *rand.Rand) (byModel int) {
	t.Helper()
	columns := 1 + random.IntN(5)
	text := likeRows(random, columns)
	like, plain, byModel, likeErr, plainErr := verify.ReadLike([]byte(text), columns, random.IntN)
	require.Equal(t, plainErr, likeErr, "%q", text)
	require.Equal(t, plain, like, "%q", text)
	return byModel
}

func TestRowsAreReadByModelsAsTheyAre(t *testing.T) {
	t.Parallel()
	byModel, texts := 0, uint64(50_000)
	if isRace {
		texts = 5000
	}
	for seed := range texts {
		byModel += requireLike(t, rand.New(rand.NewPCG(seed, 9)))
	}
	assert.Greater(t, byModel, int(texts)/5)
}

// TestAModelIsOfItsFileAlone has two files with the same rows, of which one has the owner where
// the other has a note. In the output of the second one each of two people is left once. With tokens, some of both
// outputs are wrong, so that their batches are compared once more.
func TestAModelIsOfItsFileAlone(t *testing.T) {
	t.Parallel()
	var rows []cells
	for i := range 12 {
		rows = append(rows, machine([]string{"zoe@contoso.com", "bob@contoso.com"}[i%2], cells{"ResourceUId": fmt.Sprintf("00000000-0000-4000-8000-%012d", i)}))
	}
	first := file(csvschema.VirtualMachines, rows...)
	second := strings.NewReplacer("ResourceOwner", "Note", "Note", "ResourceOwner").Replace(first)
	before := []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte(first)), source([]byte(second))}}}
	for kind := identity.ConstantReplacement; kind <= identity.TokenReplacement; kind++ {
		p := &anonymize.Policy{Replacement: kind}
		_, after := written(t, p, later, before...)
		require.True(t, requireSame(t, p, later, before, after).OK())
		files := after[0].VirtualMachines
		was := textOf(t, files[0])
		zoes := cellOf(t, csvschema.VirtualMachines, was, csvschema.ResourceOwner)
		for i, f := range files {
			text := textOf(t, f)
			if kind == identity.TokenReplacement {
				wrong := "t-00000000000000000000000000000001@anonymized.invalid"
				text = text[:len(text)/2] + strings.Replace(text[len(text)/2:], zoes, wrong, 1)
			}
			if i == 1 {
				lines, originals := strings.SplitAfter(text, "\n"), strings.SplitAfter(second, "\n")
				lines[5], lines[8] = originals[5], originals[8]
				text = strings.Join(lines, "")
			}
			files[i] = source([]byte(text))
		}
		assert.Equal(t, int64(2+2*int(kind-identity.ConstantReplacement)), requireSame(t, p, later, before, after).Failed)
	}
}

// FuzzRowsLikeAModel is TestRowsAreReadByModelsAsTheyAre for any seed.
func FuzzRowsLikeAModel(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { requireLike(t, rand.New(rand.NewPCG(seed, 9))) })
}
