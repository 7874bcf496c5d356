package response

import (
	"bytes"
	"html/template"
	"strconv"
	"strings"
	"time"

	"github.com/labdsr/labdsr/dsr/redact"

	_ "embed" // of the template and its style

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/dsr"
)

//go:embed report.css
var reportCSS string

//go:embed report.html
var reportHTML string

var reportTemplate = template.Must(template.New("report").Parse(reportHTML))

// A view is the data of the template. It holds only text. Hidden text is replaced
// already, and the template escapes the rest.
type view struct {
	*printer
	Lang  string
	Style template.CSS
	Draft string // headings of the empty slots

	None, Unsure                  bool // no row is theirs: None if nothing was found, Unsure if something is undecided
	Keeps, Undecided              bool
	Found, Hidden, Searched, Made string
	Identifiers                   []string
	Elsewhere                     []string
	Timeline                      *timeline
	Columns                       *columns
	Lists                         []*list
	Slots                         []filledSlot
	Portability                   bool
	Authority                     string
	Period, Zone                  string
	Limits                        []string
	Labs                          []labLine
	Files                         []fileLine
	Unknown                       bool
	Meanings                      []meaning
	Package                       []pair
}

type (
	// A list shows the machines, or the disks.
	list struct {
		ID, Title, More string
		Entries         []*entry
	}
	// An entry shows a record. Equal records share one entry.
	entry struct {
		Name, Lab, Created, Deleted, Kept, Why, Source, Copies string
		Cells                                                  []pair

		copies int64
	}
	pair       struct{ Name, Value string }
	filledSlot struct {
		Heading    string
		Paragraphs []string
	}
	labLine  struct{ Name, Note, Machines, Disks string }
	fileLine struct{ Name, Kind, Rows, Yours string }
	meaning  struct {
		Title   string
		Columns []pair
	}
)

// Charts reports whether there is a chart.
func (v *view) Charts() bool { return v.Timeline != nil || v.Columns != nil }

// render returns the page.
func (v *view) render() ([]byte, error) {
	var page bytes.Buffer
	if err := reportTemplate.Execute(&page, v); err != nil {
		return nil, err
	}
	return page.Bytes(), nil
}

// newView returns the view of a survey.
func newView(p *printer, s *survey, o *Options) *view {
	v := &view{
		printer: p, Lang: p.tag.String(), Style: template.CSS(reportCSS), //nolint:gosec // our own
		None:        s.report.NoDataHeld(s.person),
		Unsure:      s.count == 0 && !s.report.NoDataHeld(s.person),
		Keeps:       o.Keep != nil,
		Undecided:   s.report.NeedsDecision(s.person),
		Made:        p.Day(o.Made),
		Portability: o.Controller.Portability,
		Authority:   visible(o.Controller.Authority),
		Timeline:    s.timeline(p),
		Columns:     s.columns(p),
	}
	for _, id := range s.subject().Identifiers() {
		v.Identifiers = append(v.Identifiers, visible(id.Reveal()))
	}
	for _, place := range o.Controller.Elsewhere {
		v.Elsewhere = append(v.Elsewhere, visible(place))
	}
	v.Found = p.T("found", p.T("machines", len(s.resources[csvschema.VirtualMachines])), p.T("disks", len(s.resources[csvschema.Disks])))
	if n := s.hidden(); n > 0 {
		v.Hidden = p.T("found.hidden", n, redact.HiddenText)
	}
	v.fillSlots(&o.Controller)
	v.fillLists(s)
	v.fillScope(s, o)
	v.fillMeanings()
	return v
}

func (v *view) fillSlots(c *Controller) {
	var missing []string
	for _, s := range c.slots() {
		filled := filledSlot{Heading: v.T(s.key)}
		for line := range strings.Lines(visible(s.text)) {
			if line = strings.TrimSpace(line); line != "" {
				filled.Paragraphs = append(filled.Paragraphs, line)
			}
		}
		if filled.Paragraphs == nil {
			missing = append(missing, filled.Heading)
		}
		v.Slots = append(v.Slots, filled)
	}
	v.Draft = strings.Join(missing, "; ")
}

func (v *view) fillLists(s *survey) {
	for _, role := range roles {
		entries := s.entries[role]
		if len(entries) == 0 {
			continue
		}
		l := &list{ID: "list-" + role.String(), Title: v.T("list." + roleKey(role)), Entries: entries}
		if all := s.distinct[role]; all > int64(len(entries)) {
			l.More = v.T("found.more", v.Number(int64(len(entries))), v.Number(all), role.String()+".csv")
		}
		for _, e := range entries {
			if e.copies > 1 {
				e.Copies = v.T("copies", e.copies)
			}
		}
		v.Lists = append(v.Lists, l)
	}
}

func (v *view) fillScope(s *survey, o *Options) {
	scope := &s.report.Scope
	v.Searched = v.T("scope.text", v.T("exports", scope.Exports), v.T("rows.machines", scope.VirtualMachines), v.T("rows.disks", scope.Disks))
	if !scope.First.IsZero() {
		v.Period = v.T("scope.period", v.Day(scope.First), v.Day(scope.Last))
	}
	v.Zone = v.T("scope.zone", zoneOf(o).String())
	if n := s.counts().Disks.Dangling; n > 0 {
		v.Limits = append(v.Limits, v.T("scope.dangling", n))
	}
	var unreadable int64
	for _, f := range scope.Files {
		unreadable += f.UnreadableDates
		v.Unknown = v.Unknown || len(f.UnknownColumns) > 0
		at := place{f.Export, f.File, f.Role}
		name := strconv.Itoa(f.Export)
		if made := s.exports[f.Export-1].Made; !made.IsZero() {
			name += " (" + v.T("scope.exported", v.Day(made.In(zoneOf(o)))) + ")"
		}
		v.Files = append(v.Files, fileLine{name, v.T("scope." + roleKey(f.Role)), v.Number(f.Rows), v.Number(s.files[at])})
	}
	if unreadable > 0 {
		v.Limits = append(v.Limits, v.T("scope.unknowndates", unreadable))
	}
	if len(o.NotRead) > 0 {
		v.Limits = append(v.Limits, v.T("scope.notread", visible(strings.Join(o.NotRead, ", "))))
	}
	for _, lab := range scope.Labs {
		line := labLine{Name: s.labs[lab.LabUId], Machines: v.Number(lab.VirtualMachines), Disks: v.Number(lab.Disks)}
		if line.Name == "" {
			line.Name = visible(s.labUId(lab.LabUId))
		}
		if line.Name == "" {
			line.Name = v.T("unnamed")
		}
		if lab.WithoutDisksFile {
			line.Note = v.T("scope.nodisks")
		}
		v.Labs = append(v.Labs, line)
	}
}

func (v *view) fillMeanings() {
	for _, role := range roles {
		m := meaning{Title: v.T("columns." + roleKey(role))}
		for _, info := range dictionary.Of(role) {
			m.Columns = append(m.Columns, pair{info.Column.String(), v.Column(role, info)})
		}
		v.Meanings = append(v.Meanings, m)
	}
	for _, name := range entryNames {
		v.Package = append(v.Package, pair{name.name, v.T(name.key)})
	}
}

// roles lists both kinds of file, in the order of the package.
var roles = []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks}

// roleKey returns the name of a role in the keys of texts.
func roleKey(r csvschema.Role) string {
	if r == csvschema.Disks {
		return "disks"
	}
	return "machines"
}

func zoneOf(o *Options) *time.Location {
	if o.Filter.Zone == nil {
		return time.UTC
	}
	return o.Filter.Zone
}

// newEntry returns the entry of a record.
func (s *survey) newEntry(p *printer, r *row, o *Options) *entry {
	e := &entry{
		Name:    orElse(visible(r.cell(csvschema.Name)), p.T("unnamed")),
		Lab:     visible(r.cell(csvschema.LabName)),
		Created: s.date(p, r.cell(csvschema.CreatedTime), o),
		Deleted: s.date(p, r.cell(csvschema.DeletedDate), o),
		Why:     p.T(ruleKeys[r.rule]),
		Source:  p.T("detail.source", r.layout.place.export, r.layout.place.file, r.number),
		copies:  1,
	}
	if o.Keep != nil {
		e.Kept = keptText(p, r.kept, o)
	}
	for i, column := range r.layout.columns {
		name := column.String()
		if column == 0 {
			name = visible(r.layout.names[i])
		}
		e.Cells = append(e.Cells, pair{orElse(name, p.T("unnamed")), visible(r.cells[i])})
	}
	return e
}

// date returns a cell with a date for display. A cell that is not a date is returned
// unchanged, except that control characters become visible.
func (s *survey) date(p *printer, cell string, o *Options) string {
	t, isEmpty, err := csvschema.ParseTime([]byte(cell), zoneOf(o))
	switch {
	case err != nil:
		return visible(cell)
	case isEmpty:
		return p.T("none")
	}
	return p.Instant(t.In(zoneOf(o)))
}

func orElse(text, otherwise string) string {
	if strings.TrimSpace(text) == "" {
		return otherwise
	}
	return text
}

var ruleKeys = map[dsr.Rule]string{
	dsr.RuleOwner: "rule.owner", dsr.RuleEnvironment: "rule.environment", dsr.RuleUserPath: "rule.userpath",
	dsr.RuleLease: "rule.lease", dsr.RuleResource: "rule.resource", dsr.RuleDecision: "rule.decision",
}

// keptText returns the text that says until when a record is kept.
func keptText(p *printer, k fate.Keeping, o *Options) string {
	at, reason := p.Day(k.At.In(zoneOf(o))), visible(k.Reason)
	switch k.Fate {
	case fate.KeptExisting:
		return p.T("keep.exists")
	case fate.GoesLater:
		return p.T("keep.due", at)
	case fate.GoesNow:
		return p.T("keep.now")
	case fate.KeptHeld:
		if k.At.IsZero() {
			return p.T("keep.held", reason)
		}
		return p.T("keep.held.until", at, reason)
	case fate.KeptUndecided:
		return p.T("keep.undecided")
	}
	return p.T("keep.unknown")
}
