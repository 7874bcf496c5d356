package anonymize

import (
	"maps"
	"slices"
	"time"

	"github.com/labdsr/labdsr/anonymize/internal/index"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
)

const defaultMaxFindings = 10_000

// A foundFinding is a finding about one row, which has that index in its chunk.
type foundFinding struct {
	hash csvschema.KeyHash
	row  int
	Finding
}

// A foundAnswer is an answer about one row.
type foundAnswer struct {
	hash    csvschema.KeyHash
	request int
	Answer
}

// addFindings lists what a person should know about a row of the file.
func (p *Plan) addFindings(f *plannedFile, k *worker, row int, hash csvschema.KeyHash, is ruling) {
	rec := k.chunk.Record(row)
	add := func(finding Finding) {
		finding.Key, finding.FileID, finding.Fate = rec.Key(), f.FileID, is.Fate
		k.findings = append(k.findings, foundFinding{hash, row, finding})
	}
	if is.Fate == fate.KeptHeld {
		add(Finding{Kind: Held, Reason: is.Reason, Until: is.At})
	}
	if hash == (csvschema.KeyHash{}) {
		add(Finding{Kind: NoResource})
	}
	if k.matcher != nil && k.matcher.near && is.Fate != fate.GoesNow {
		add(Finding{Kind: NearRequest})
	}
	e := p.entry(f, rec, hash)
	if _, decided := p.decided(hash); decided || e == nil {
		return
	}
	_, isDated := e.Deleted()
	isUndated := !isDated && !e.Has(index.UnreadableDate)
	if is.verdict.state == stale || p.rules.DeleteStale && isUndated && is.verdict.state == deleted {
		add(Finding{Kind: Stale, Made: p.made(e)})
	}
	if isUndated && e.Has(index.Inactive) {
		add(Finding{Kind: InactiveWithoutDate})
	}
	for _, doubt := range [...]struct {
		flag index.Flags
		kind FindingKind
	}{
		{index.ActiveWithDate, ActiveWithDate},
		{index.DifferentIDs, DifferentIDs},
		{index.DifferentDates, DifferentDates},
		{index.UnreadableStatus, UnreadableStatus},
		{index.UnreadableDate, UnreadableDate},
	} {
		if e.Has(doubt.flag) {
			add(Finding{Kind: doubt.kind})
		}
	}
}

// addAnswers lists what becomes of the requests whose identifiers a record holds.
func (p *Plan) addAnswers(k *worker, rec csvschema.Record, hash csvschema.KeyHash, is ruling, matches []requestMatch) {
	for _, m := range matches {
		a := Answer{Key: rec.Key()}
		at, goes := p.rules.goes(m.request, is.verdict)
		switch {
		case is.Fate == fate.KeptHeld:
			a.Keeping = is.Keeping
		case is.Fate == fate.GoesNow, goes && !at.After(p.rules.now):
			a.Fate = fate.GoesNow
		case goes:
			a.Fate, a.At = fate.GoesLater, at
			if is.Fate == fate.GoesLater && is.At.Before(at) {
				a.At = is.At
			}
		case is.verdict.state == exists, is.verdict.state == stale:
			a.Fate = fate.KeptExisting
		default:
			a.Fate = fate.KeptUndecided
		}
		k.answers = append(k.answers, foundAnswer{hash, m.request, a})
	}
}

// A findingID identifies a finding, an answerID an answer.
type (
	findingID struct {
		kind FindingKind
		hash csvschema.KeyHash
	}
	answerID struct {
		request int
		hash    csvschema.KeyHash
		fate    fate.Fate
		at      time.Time // in UTC
	}
)

// A reporter makes a report from what workers find, chunk by chunk in the order of the
// files.
type reporter struct {
	rules    *rules
	limit    int // findings of each kind
	report   Report
	days     map[time.Time]int64
	findings map[findingID]int // places in Report.Findings
	listed   map[FindingKind]int
	answers  map[answerID]int // places in the answers of the request
	met      map[csvschema.KeyHash]bool
}

func newReporter(r *rules) *reporter {
	limit := r.MaxFindings
	if limit == 0 {
		limit = defaultMaxFindings
	}
	return &reporter{
		rules: r, limit: limit, met: map[csvschema.KeyHash]bool{},
		report: Report{Now: r.now, Rows: map[FindingKind]int64{}, Requests: make([]RequestReport, len(r.Requests))},
		days:   map[time.Time]int64{}, findings: map[findingID]int{}, listed: map[FindingKind]int{}, answers: map[answerID]int{},
	}
}

// add adds what was found in a chunk.
func (r *reporter) add(k *worker) {
	for day, rows := range k.days {
		r.days[day] += rows
	}
	for _, f := range k.findings {
		r.addFinding(k, f)
	}
	for _, a := range k.answers {
		r.addAnswer(a)
	}
	for _, key := range k.met {
		r.met[key] = true
	}
}

func (r *reporter) addFinding(k *worker, f foundFinding) {
	r.report.Rows[f.Kind]++
	id := findingID{f.Kind, f.hash}
	at, known := r.findings[id]
	if !known {
		if r.listed[f.Kind] >= r.limit {
			return
		}
		r.listed[f.Kind]++
		at = len(r.report.Findings)
		if f.hash != (csvschema.KeyHash{}) {
			r.findings[id] = at
		}
		f.Line = k.chunk.Record(f.row).Line()
		r.report.Findings = append(r.report.Findings, f.Finding)
	}
	r.report.Findings[at].Rows++
}

func (r *reporter) addAnswer(a foundAnswer) {
	id := answerID{a.request, a.hash, a.Fate, a.At.Round(0).UTC()}
	q := &r.report.Requests[a.request]
	at, known := r.answers[id]
	if !known {
		at = len(q.Answers)
		if a.hash != (csvschema.KeyHash{}) {
			r.answers[id] = at
		}
		q.Answers = append(q.Answers, a.Answer)
	}
	q.Answers[at].Rows++
}

// finish returns the report, with what is known of the files.
func (r *reporter) finish(files []*plannedFile) *Report {
	for _, f := range files {
		stats := f.stats
		if r.rules.Preview {
			stats.add(&f.left)
			stats.add(&f.preview)
		}
		r.report.Files = append(r.report.Files, FileReport{f.FileID, stats})
		r.report.Total.Add(stats)
	}
	for _, date := range slices.SortedFunc(maps.Keys(r.days), time.Time.Compare) {
		r.report.Days = append(r.report.Days, Day{date, r.days[date]})
	}
	slices.SortStableFunc(r.report.Findings, func(a, b Finding) int { return int(a.Kind) - int(b.Kind) })
	for i := range r.report.Requests {
		r.report.Requests[i].Kind = r.rules.Requests[i].Kind
	}
	for i, h := range r.rules.Holds {
		if !h.hasEnded(r.rules.now) && !r.met[h.Key.Hash()] {
			r.report.UnmetHolds = append(r.report.UnmetHolds, i)
		}
	}
	for i, d := range r.rules.Decisions {
		if !r.met[d.Key.Hash()] {
			r.report.UnmetDecisions = append(r.report.UnmetDecisions, i)
		}
	}
	return &r.report
}
