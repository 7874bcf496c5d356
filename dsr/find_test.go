package dsr_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// plainDisks decides whose a disk is as the design says, as plainly as possible: it
// compares each disk with all machines.
type plainDisks struct {
	exports []export
}

// person is a subject of plainDisks.
type person struct{ address, objectID string }

func (p person) owns(m machine) bool {
	switch owner := identity.Normal(m.owner); owner {
	case "":
		return strings.Contains(strings.ToLower(m.env+"/"), "/users/"+p.objectID+"/")
	default:
		return owner == p.address || owner == p.objectID
	}
}

func (p person) isIn(path string) bool {
	path = strings.ToLower(path + "/")
	return strings.Contains(path, "/users/"+p.objectID+"/") || strings.Contains(path, "/users/"+p.address+"/")
}

func (x plainDisks) candidates(at int, d disk) (all []machine, rule dsr.Rule) {
	collect := func(is func(machine) bool) []machine {
		var own, others []machine
		for i, e := range x.exports {
			for _, m := range e.machines {
				switch {
				case identity.Normal(labOf(m.lab)) == "" || identity.Normal(labOf(m.lab)) != identity.Normal(labOf(d.lab)) || !is(m):
				case i == at:
					own = append(own, m)
				default:
					others = append(others, m)
				}
			}
		}
		if len(own) > 0 {
			return own
		}
		return others
	}
	same := func(id string) func(string) bool {
		return func(other string) bool {
			return plainID(id) != "" && plainID(id) == plainID(other)
		}
	}
	if plainID(d.lease) != "" {
		named := same(d.lease)
		return collect(func(m machine) bool { return named(m.id) || named(m.compute) }), dsr.RuleLease
	}
	uid, id := same(d.uid), same(d.id)
	if all = collect(func(m machine) bool { return uid(m.uid) }); len(all) > 0 {
		return all, dsr.RuleResource
	}
	return collect(func(m machine) bool { return id(m.id) }), dsr.RuleResource
}

// plainID returns the normal form of an ARM ID or ResourceUId.
func plainID(id string) string {
	id = strings.TrimPrefix(strings.ReplaceAll(identity.Normal(id), "%2f", "/"), "https://management.azure.com")
	segments := slices.DeleteFunc(strings.Split(id, "/"), func(s string) bool { return s == "" })
	if id = strings.Join(segments, "/"); id == nilGUID || id == "null" {
		return ""
	}
	return id
}

// verdict says what a disk of an export is for a person, in the words of verdicts.
func (x plainDisks) verdict(at int, d disk, p person) string {
	if p.isIn(d.id) {
		return dsr.RuleUserPath.String()
	}
	all, rule := x.candidates(at, d)
	if len(all) == 0 {
		if rule != dsr.RuleLease && strings.Contains(d.id, "/users/") {
			return "not theirs"
		}
		return "dangling"
	}
	unreadable := false
	date := func(text string) (nanoseconds int64, known bool) {
		when, empty, err := csvschema.ParseTime([]byte(text), nil)
		unreadable = unreadable || err != nil
		return when.UnixNano(), err == nil && !empty
	}
	created, isCreated := date(d.created)
	deleted, isDeleted := date(d.deleted)
	candidates, remaining, theirs := 0, 0, 0
	for _, m := range all {
		begin, isBegun := date(m.created)
		end, isEnded := date(m.deleted)
		isEnded = isEnded && isBegun && end > begin
		const second = 1_000_000_000
		isOne := isBegun && isCreated && isDeleted && begin/second == created/second && begin/second == deleted/second
		isExcluded := isBegun && isDeleted && begin >= deleted && !isOne || isEnded && isCreated && end <= created
		if p.owns(m) {
			candidates++
		}
		if isExcluded {
			continue
		}
		remaining++
		if p.owns(m) {
			theirs++
		}
	}
	switch {
	case candidates == 0:
		return "not theirs"
	case unreadable || remaining == 0:
		return "undetermined"
	case theirs == remaining:
		return rule.String()
	case theirs > 0:
		return "undetermined"
	}
	return "not theirs"
}

// randomExports returns some machines and disks that have IDs in common by chance.
func randomExports(r *rand.Rand) []export {
	pick := func(from ...string) string { return from[r.IntN(len(from))] }
	ids := []string{vm1, vm2, strings.ToUpper(vm1), comp1, "/vm3", "/vm4", "/vm5", vm1 + "/", "https://management.azure.com/" + vm2, strings.ReplaceAll(vm1, "/", "%2F"), "NULL", " ", ""}[r.IntN(4):]
	dates := []string{"", "", null, day1, day2, day3, day4}
	if r.IntN(4) == 0 {
		dates = append(dates, "soon")
	}
	owners := []string{alice, "Alice@Example.com", aliceID, bob, bob, "carol@example.com", "dan@example.com", "", " "}[r.IntN(3):]
	rare := func(common string, from ...string) string {
		if r.IntN(4) > 0 {
			return common
		}
		return pick(from...)
	}
	var exports []export
	for range 1 + r.IntN(3) {
		var e export
		for range r.IntN(6) {
			m := machine{
				lab: rare("", twoLab, "-"), id: pick(ids...), compute: pick(ids...), uid: rare("", uid1, uid2, nilGUID, "{"+strings.ToUpper(uid1)+"}"),
				owner: pick(owners...), env: rare("", users+aliceID+"/e", users+bobID, "/x"), created: pick(dates...), deleted: pick(dates...),
			}
			if r.IntN(3) == 0 {
				m.compute = m.id
			}
			e.machines = append(e.machines, m)
		}
		if len(exports) > 0 && r.IntN(3) == 0 { // exports overlap
			e.machines = append(e.machines, exports[0].machines...)
		}
		for range r.IntN(5) {
			e.disks = append(e.disks, disk{
				lab: rare("", twoLab, "-"), id: rare(pick(ids...), users+aliceID+"/d", users+bobID, users+"somebody/d"),
				uid: rare("", uid1, uid2, nilGUID), lease: rare(pick(ids...), "", " "), created: pick(dates...), deleted: pick(dates...),
			})
		}
		exports = append(exports, e)
	}
	return exports
}

func TestDisksAreWhoseAPlainComparisonSays(t *testing.T) {
	t.Parallel()
	people := []person{{alice, aliceID}, {bob, bobID}, {"nobody@example.com", "0b0d0000-0000-4000-8000-000000000007"}}
	words := map[string]int{}  // how often each verdict was given
	passes := map[string]int{} // over the machines, of requests with a disk by its lease or resource
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 0))
		plain := plainDisks{exports: randomExports(r)}
		asking := slices.Clone(people)
		r.Shuffle(len(asking), func(i, j int) { asking[i], asking[j] = asking[j], asking[i] })
		asking = asking[:1+r.IntN(len(asking))]
		var subjects []dsr.Subject
		for _, p := range asking {
			subjects = append(subjects, subject(t, p.address, p.objectID))
		}
		exports := build(t, plain.exports...)
		opens := 0
		open := exports[0].VirtualMachines[0].Open
		exports[0].VirtualMachines[0].Open = func(ctx context.Context) (io.ReadCloser, error) {
			opens++
			return open(ctx)
		}
		got := make([]map[place]string, len(asking))
		byMachine := false
		answers, _ := run(t, exports, subjects, &dsr.Options{Workers: 1 + r.IntN(2)})
		for i, a := range answers {
			got[i] = map[place]string{}
			for at, rule := range a.theirs {
				got[i][at] = rule.String()
				byMachine = byMachine || rule == dsr.RuleLease || rule == dsr.RuleResource
			}
			for _, at := range a.undetermined {
				got[i][at] += "undetermined"
			}
			for _, at := range a.dangling {
				got[i][at] += "dangling"
			}
		}
		if byMachine {
			passes[fmt.Sprint(opens)]++
		}
		for at, e := range plain.exports {
			for row, d := range e.disks {
				for i, p := range asking {
					want := plain.verdict(at, d, p)
					words[want]++
					is := got[i][place{csvschema.Disks, at + 1, 1, row + 1}]
					if is == "" {
						is = "not theirs"
					}
					require.Equal(t, want, is, "seed %d, export %d, disk %d, subject %d", seed, at+1, row+1, i)
				}
			}
		}
	}
	for _, word := range []string{dsr.RuleUserPath.String(), dsr.RuleLease.String(), dsr.RuleResource.String(), "undetermined", "dangling", "not theirs"} {
		assert.Greater(t, words[word], 100, word)
	}
	assert.Greater(t, passes["1"], 100, "requests where nobody else has the IDs of a subject's machines")
	assert.Greater(t, passes["2"], 100, "requests where others have them, too")
}
