package response

import (
	"time"

	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// Options configures [Write] and [WriteAll]. A nil *Options is the zero value, which makes
// a draft in English.
type Options struct {
	// Language is the language of the report: see [Languages]. The zero Tag is English.
	Language language.Tag
	// Made is the time of the answer. The report and data.json show it. The zero time
	// is left out.
	Made time.Time
	// Controller holds the facts that only the controller knows.
	Controller Controller
	// Keep returns until when the record of a resource is kept. Programs pass the
	// Keeping method of a plan of package anonymize, made with KeepUnreadableDates, so that
	// a bad date costs nobody the answer. It is called for every row. If Keep is nil the
	// report does not say it for single resources.
	Keep func(csvschema.Key) fate.Keeping
	// Shown returns the text that the controller decided to show to a subject although it
	// names somebody else. The subject is given by its index; Write has one, 0. Nil hides
	// all such text.
	Shown func(subject int) *redact.Shown
	// MaxEntries is the largest number of virtual machines, and of disks, in the report.
	// The other files have all of them. 0 means 500.
	MaxEntries int
	// NotRead names what was beside the files of the exports and was not read, although it
	// may be an export. The report and data.json list it. The names are shown as they are:
	// they must name nobody.
	NotRead []string
	// Spool holds rows that take more than 64 MiB. Without one, that many rows are
	// [ErrNoSpool].
	Spool Spool
	// Filter holds the options of the search.
	Filter dsr.Options

	maxHeld int // instead of maxHeld, if it is not 0
}

// A Controller holds the information of Article 15 GDPR that is not in an export. An
// empty field marks the report as a draft, except for Authority, Elsewhere and
// Portability. The texts are plain text. A line end begins a new paragraph.
type Controller struct {
	Name       string // who is responsible, and how to reach them and their data protection officer
	Purposes   string // Article 15(1)(a)
	Categories string // Article 15(1)(b)
	Recipients string // Article 15(1)(c)
	Storage    string // Article 15(1)(d)
	Source     string // Article 15(1)(g)
	Automated  string // Article 15(1)(h)
	Transfers  string // Article 15(2)

	// Authority is the supervisory authority of the controller.
	Authority string
	// Elsewhere lists other places that may hold data about the person, such as the
	// addresses for shutdown notifications, users and roles of the lab, reports and
	// backups.
	Elsewhere []string
	// Portability states that processing is based on consent or a contract, so that
	// Article 20 applies.
	Portability bool
}

// A slot is a text that the controller fills in.
type slot struct{ key, text string }

// slots returns the slots in the order of the report.
func (c *Controller) slots() []slot {
	return []slot{
		{"controller.name", c.Name},
		{"controller.purposes", c.Purposes},
		{"controller.categories", c.Categories},
		{"controller.recipients", c.Recipients},
		{"controller.storage", c.Storage},
		{"controller.source", c.Source},
		{"controller.automated", c.Automated},
		{"controller.transfers", c.Transfers},
	}
}
