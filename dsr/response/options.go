package response

import (
	"github.com/labdsr/labdsr/dsr/redact"

	"time"

	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// Options are what a package says besides the rows. The zero value, or nil, makes
// a draft in English.
type Options struct {
	// Language is that of the report: see [Languages]. The zero Tag is English.
	Language language.Tag
	// Made is when the answer is given; it stands in the report and in data.json.
	// Zero leaves it out.
	Made time.Time
	// Controller is what only the controller can say.
	Controller Controller
	// Keep tells until when the record of a resource is kept; programs ask a plan of
	// package anonymize. Nil says nothing of a single resource.
	Keep func(csvschema.Key) Keeping
	// Shown is what is not hidden although it names somebody else, as the controller
	// decided. Nil hides all that does.
	Shown *redact.Shown
	// MaxEntries is how many virtual machines and how many disks the report shows;
	// the other files have all. 0 means 500.
	MaxEntries int
	// Filter are the options of the search.
	Filter dsr.Options
}

// A Controller fills the slots of Article 15 GDPR that no export can. What is
// empty marks the report as a draft, except Authority, Elsewhere and Portability.
// Texts are plain: a line end begins a new paragraph.
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
	// Elsewhere are other places that may hold data about the person, such as the
	// addresses for shutdown notifications, users and roles of the lab, reports and
	// backups.
	Elsewhere []string
	// Portability states that processing rests on consent or a contract, so that
	// Article 20 applies.
	Portability bool
}

// Keeping says until when the record of a resource is kept as it is.
type Keeping struct {
	State  KeepState
	At     time.Time // when the identifiers go (KeptUntil); when a hold ends (KeptHeld), zero if it goes on
	Reason string    // of a hold, in the controller's words
}

// A KeepState says why the record of a resource is still kept.
type KeepState uint8

// The states. The zero KeepState says nothing.
const (
	KeptExisting  KeepState = iota + 1 // the resource exists
	KeptUntil                          // identifiers go at an instant
	KeptNot                            // they are about to go
	KeptHeld                           // a hold keeps them
	KeptUndecided                      // a person must decide first
)

// slot is a text that the controller fills in.
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
