package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

// policyFlags say when identifiers go and what replaces them.
type policyFlags struct {
	retention     string
	stale         string
	replace       string
	keyFile       string
	names         bool
	keepUnread    bool
	holds         []string
	allowUnmet    bool
	erase         []string
	eraseExisting bool
	removed       []string

	secret identity.SecretKey // of keyFile, after it was read
}

// addRetention adds the flags that say when identifiers go.
func (f *policyFlags) addRetention(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.retention, "retention", "30d", "`time` after the deletion of a resource, such as 30d or 720h")
	flags.StringVar(&f.stale, "stale", "keep", "keep or delete: what becomes of resources that may be long gone, because they are in old exports only")
	flags.StringArrayVar(&f.holds, "holds", nil, "CSV `file` of resources that are kept: LabUId,ResourceUId,reason,until")
}

func (f *policyFlags) addKeyFile(cmd *cobra.Command, what string) {
	cmd.Flags().StringVar(&f.keyFile, "key-file", "", "`file` with a secret key of 32 bytes or more, for "+what)
}

// add adds all flags of a policy.
func (f *policyFlags) add(cmd *cobra.Command) {
	f.addRetention(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&f.allowUnmet, "allow-unmet-holds", false, "holds may be on resources that are in none of these exports; otherwise they are mistyped, and an error")
	flags.StringVar(&f.replace, "replace", "constant", "constant, token or pseudonym: what replaces an identifier")
	f.addKeyFile(cmd, "pseudonyms, and the seal and the digests of receipts")
	flags.BoolVar(&f.names, "names", false, "also replace names of machines and disks that were derived from an address")
	flags.BoolVar(&f.keepUnread, "keep-unreadable-dates", false, "keep rows with a date of deletion that cannot be read, for a person to decide; otherwise they are an error")
	flags.StringArrayVar(&f.erase, "erase", nil, "`file` with an identifier a line, of people whose data is erased, perhaps with the instant after a comma; for an owner that is no address, owner: and its whole text, as in owner:NULL")
	flags.BoolVar(&f.eraseExisting, "erase-existing", false, "extend --erase to resources that exist")
	flags.StringArrayVar(&f.removed, "removed", nil, "`file` with an identifier as in --erase, a comma and an instant a line: accounts that were removed then")
}

// policyNames are the flags whose values a receipt holds, as terms of the policy.
var policyNames = []string{"retention", "zone", "stale", "replace", "names", "keep-unreadable-dates"}

// policy returns the policy at an instant. It has no decisions and no holds yet: for
// these the exports must be known.
func (f *policyFlags) policy(a *app, zone *time.Location, at time.Time) (*anonymize.Policy, error) {
	retention, err := parsePeriod("retention", f.retention)
	if err != nil {
		return nil, err
	}
	p := &anonymize.Policy{Retention: retention, Zone: zone, Names: f.names, KeepUnreadableDates: f.keepUnread}
	switch f.stale {
	case "keep":
	case "delete":
		p.DeleteStale = true
	default:
		return nil, fault.Usage("--stale is keep or delete")
	}
	if f.replace != "" {
		if err := p.Replacement.UnmarshalText([]byte(f.replace)); err != nil {
			return nil, fault.Usage("--replace is constant, token or pseudonym")
		}
	}
	return p, f.complete(a, p, at)
}

// key returns the secret key, zero without --key-file. The file, perhaps a pipe, is read
// once.
func (f *policyFlags) key() (identity.SecretKey, error) {
	if f.keyFile == "" || !f.secret.IsZero() {
		return f.secret, nil
	}
	var err error
	f.secret, err = lists.Key(f.keyFile)
	return f.secret, err
}

// complete adds what is not a term of the policy: the key and the requests, and where
// progress is told.
func (f *policyFlags) complete(a *app, p *anonymize.Policy, at time.Time) error {
	p.Progress = a.con.Reading
	var err error
	if p.Key, err = f.key(); err != nil {
		return err
	}
	if p.Replacement == identity.PseudonymReplacement && p.Key.IsZero() {
		return fault.Usage("pseudonyms need --key-file")
	}
	if f.eraseExisting && len(f.erase) == 0 {
		return fault.Usage("--erase-existing extends --erase, which is missing")
	}
	if err := f.addRequests(a, p, anonymize.Erase, f.erase, at); err != nil {
		return err
	}
	return f.addRequests(a, p, anonymize.Removed, f.removed, at)
}

// addRequests adds the requests in files to the policy. The console then hides their
// identifiers.
func (f *policyFlags) addRequests(a *app, p *anonymize.Policy, kind anonymize.RequestKind, paths []string, at time.Time) error {
	for _, path := range paths {
		requests, err := lists.Requests(path, kind, at)
		for i := range requests {
			requests[i].Existing = f.eraseExisting && kind == anonymize.Erase
			a.con.KeepSecret(requests[i].Identifier)
		}
		if err != nil {
			return err
		}
		p.Requests = lists.Earliest(append(p.Requests, requests...))
	}
	return nil
}

// parsePeriod reads the value of a flag such as --retention: a number of days, such as 30d, or a
// duration of Go.
func parsePeriod(flag, text string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.Atoi(days)
		if err == nil && n > 0 && n <= 36500 {
			return time.Duration(n) * day, nil
		}
	} else if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return d, nil
	}
	return 0, fault.Usage("--%s is no time such as 30d or 720h", flag)
}
