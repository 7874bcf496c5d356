package response

import (
	"strconv"
	"time"

	"golang.org/x/text/language"
)

// NOTE: Package x/text does not format dates. A report needs only a day, a month and an
// instant. The names of the months are those that CLDR 46 uses in a date (in Polish,
// the genitive).

// months holds the names of the months in a date, from January.
var months = map[language.Tag][12]string{
	language.English: {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	language.German:  {"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	language.French:  {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	language.Spanish: {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
	language.Italian: {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
	language.Dutch:   {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
	language.Polish:  {"stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października", "listopada", "grudnia"},
}

// standaloneMonths holds the names of the months without a day, for the languages in
// which they differ.
var standaloneMonths = map[language.Tag][12]string{
	language.Polish: {"styczeń", "luty", "marzec", "kwiecień", "maj", "czerwiec", "lipiec", "sierpień", "wrzesień", "październik", "listopad", "grudzień"},
}

// Day returns the day of t, such as "3 January 2017", and "" for the zero time.
func (p *printer) Day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	day, month, year := strconv.Itoa(t.Day()), months[p.tag][t.Month()-1], strconv.Itoa(t.Year())
	switch p.tag {
	case language.German:
		return day + ". " + month + " " + year
	case language.French:
		if t.Day() == 1 {
			day = "1er"
		}
	case language.Spanish:
		return day + " de " + month + " de " + year
	}
	return day + " " + month + " " + year
}

// Month returns the month of t, such as "January 2017".
func (p *printer) Month(t time.Time) string {
	month := months[p.tag][t.Month()-1]
	if alone, ok := standaloneMonths[p.tag]; ok {
		month = alone[t.Month()-1]
	}
	if p.tag == language.Spanish {
		month += " de"
	}
	return month + " " + strconv.Itoa(t.Year())
}

// Instant returns the day and time of t, such as "3 January 2017, 23:17", and "" for the
// zero time.
func (p *printer) Instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return p.Day(t) + ", " + t.Format("15:04")
}
