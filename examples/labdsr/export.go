package main

import (
	"context"
	"errors"
	"path"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/dsr/deadline"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// An exportCommand asks the lab service for exports.
type exportCommand struct {
	container                   string
	subscriptions, groups, labs []string
	since, state                string
}

func newExport(a *app) *cobra.Command {
	var f exportCommand
	cmd := newCommand("export --container URL [--subscription ID…] [--resource-group NAME…] [--lab NAME…] [--since DATE]",
		"Let the lab service export labs into a container",
		`Export asks Azure DevTest Labs for the exports of labs, waits until they are in a
container of yours, and lists them. Without --subscription, --resource-group and --lab
it is all labs that whoever is signed in sees. A lab that fails does not stop the
others; then the exit status is 1, and the summary says which.

The service gets a signature (SAS) of the container with which it can create and write
blobs for an hour, and nothing else. labdsr makes it for whoever is signed in, or with
the key of a connection string. A SAS that is given is handed on as it is.`,
		func(ctx context.Context) error { return f.run(ctx, a) })
	flags := cmd.Flags()
	flags.StringVar(&f.container, "container", "", "`URL` of a private container, such as https://ACCOUNT.blob.core.windows.net/labresourceusage")
	flags.StringArrayVar(&f.subscriptions, "subscription", nil, "`ID` of a subscription whose labs are meant; may be repeated")
	flags.StringArrayVar(&f.groups, "resource-group", nil, "`name` of a resource group whose labs are meant; may be repeated")
	flags.StringArrayVar(&f.labs, "lab", nil, "`name` of a lab that is meant; may be repeated")
	flags.StringVar(&f.since, "since", "", "`day` from which on usage is exported, such as 2026-06-01, in the time zone of each lab; default: since the beginning")
	flags.StringVar(&f.state, "state", "", "`file` by which a run that was interrupted goes on, without asking a lab twice: it is there while the run is, and holds nothing secret")
	addStorage(cmd, a)
	return cmd
}

func (f *exportCommand) run(ctx context.Context, a *app) error {
	if f.container == "" {
		return fault.Usage("--container is needed: the URL of the container into which the labs are exported")
	}
	if err := checkURL("container", f.container); err != nil {
		return err
	}
	o := a.export
	o.Subscriptions, o.ResourceGroups, o.Labs, o.StateFile = f.subscriptions, f.groups, f.labs, f.state
	var since deadline.Date
	if f.since != "" {
		var err error
		if since, err = parseDay("since", f.since); err != nil {
			return err
		}
		o.Since = time.Date(since.Year, since.Month, since.Day, 0, 0, 0, 0, time.UTC)
		if o.Since.After(a.now().Add(day)) { // it is tomorrow already somewhere
			return fault.Usage("--since is a day in the future")
		}
	}
	c, err := a.storage.open(f.container)
	if err != nil {
		return err
	}
	o.Progress = a.tellLab
	again := "labs may have been asked; with --state FILE a run goes on where it stopped"
	if f.state != "" {
		again = "run it again with the same flags: it goes on where it stopped"
	}
	a.again.Store(&again)
	report, err := azure.Export(ctx, c, &o)
	if err != nil {
		return f.told(err)
	}
	r := newExportResult(a, report)
	r.Container, r.Since = a.con.Hide(c.String()), since
	f.tell(a, report, c.String())
	if report.Failed() > 0 {
		r.Status = statusFailed
	}
	a.result = result{r, &r.Outcome, nil}
	return nil
}

// parseDay reads the value of a flag such as --since.
func parseDay(flag, text string) (deadline.Date, error) {
	d, err := deadline.ParseDate(text)
	if _, timeErr := time.Parse(time.RFC3339, text); timeErr == nil {
		return d, fault.Usage("--%s is a day such as 2026-06-01, without a time: the service exports whole days", flag)
	}
	if err != nil {
		return d, fault.Usage("--%s is no day such as 2026-06-01", flag)
	}
	return d, nil
}

// told returns an error of package azure with its hint as one of package fault.
func (f *exportCommand) told(err error) error {
	if e, ok := errors.AsType[*azure.StateError](err); ok {
		switch err = fault.In(f.state, e.Err); {
		case errors.Is(e, azure.ErrStateOther), errors.Is(e, azure.ErrStateOld), errors.Is(e, azure.ErrStateDamaged):
			return fault.WithHint(err, "no lab was asked; give another file, or remove this one to begin anew")
		case errors.Is(e, azure.ErrStateShared):
			return fault.WithHint(err, "no lab was asked; give another file, or: chmod 600")
		}
		return err
	}
	e, ok := errors.AsType[*azure.Error](err)
	if !ok || e.Hint == "" {
		return err
	}
	bare := *e
	bare.Hint = ""
	return fault.WithHint(&bare, "%s", e.Hint)
}

// whyNot says in one line why something failed.
func whyNot(err error) string {
	err = told(err)
	text := fault.Text(err, nil)
	if hint := fault.Hint(err); hint != "" {
		text += "; " + hint
	}
	return text
}

// tellLab says what became of a lab.
func (a *app) tellLab(l azure.LabResult) {
	if l.Err != nil {
		a.con.Warn("failed", "%s of %s: %s", l.Name, l.ResourceGroup, whyNot(l.Err))
		return
	}
	bytes := int64(0)
	for _, b := range l.Blobs {
		bytes += b.Size
	}
	a.con.Line("exported", "%s of %s: %s, %s, in %s", l.Name, l.ResourceGroup, console.Count(len(l.Blobs), "blob"), console.Count(bytes, "byte"), folderOf(l.Blobs))
}

// folderOf returns the deepest folder that all blobs are in.
func folderOf(blobs []azure.Blob) string {
	dir := path.Dir(blobs[0].Name)
	for _, b := range blobs {
		for dir != "." && !isBelow(b.Name, dir) {
			dir = path.Dir(dir)
		}
	}
	return dir
}

func isBelow(name, dir string) bool { return len(name) > len(dir) && name[:len(dir)+1] == dir+"/" }

// tell says what became of all labs.
func (f *exportCommand) tell(a *app, report *azure.ExportReport, container string) {
	for _, u := range report.Unlisted {
		a.con.Warn("unlisted", "labs of %s: %s", placeOf(u), whyNot(u.Err))
	}
	if n := len(report.Elsewhere); n > 0 && report.Failed() > 0 {
		var names []string
		for _, b := range report.Elsewhere {
			names = append(names, b.Name)
		}
		a.con.Warn("elsewhere", "%s whose %s no LabUId of these labs: %s", console.Count(n, "new blob"), console.Agree(n, "name has", "names have"), console.Some(names))
	}
	done, of := 0, len(report.Labs)
	for _, l := range report.Labs {
		if l.Err == nil {
			done++
		}
	}
	usage := "all usage"
	if f.since != "" {
		usage = "usage since " + f.since
	}
	a.con.Line("done", "%d of %s: %s", done, console.Count(of, "lab"), usage)
	if report.Failed() > 0 {
		a.con.Line("next", "see to what failed, and run it again, for these labs alone with --lab")
	} else {
		a.con.Line("next", "labdsr plan --virtualmachines %s --at T", container)
	}
}

// placeOf names where labs could not be looked for.
func placeOf(u azure.Unlisted) string {
	if u.ResourceGroup != "" {
		return "resource group " + u.ResourceGroup + " of subscription " + u.SubscriptionID
	}
	return "subscription " + u.SubscriptionID
}

func newExportResult(a *app, report *azure.ExportReport) *results.Export {
	r := &results.Export{Resumed: report.Resumed, Labs: []results.ExportedLab{}, Unlisted: []results.Unlisted{}, Elsewhere: []string{}}
	for _, l := range report.Labs {
		one := results.ExportedLab{
			SubscriptionID: l.SubscriptionID, ResourceGroup: a.con.Hide(l.ResourceGroup), Lab: a.con.Hide(l.Name), LabUID: l.UID, Blobs: []results.ExportedBlob{},
		}
		for _, b := range l.Blobs {
			one.Blobs = append(one.Blobs, results.ExportedBlob{Blob: a.con.Hide(b.Name), Bytes: b.Size})
		}
		if l.Err != nil {
			one.Why = a.con.Hide(whyNot(l.Err))
		}
		r.Labs = append(r.Labs, one)
	}
	for _, u := range report.Unlisted {
		r.Unlisted = append(r.Unlisted, results.Unlisted{SubscriptionID: u.SubscriptionID, ResourceGroup: a.con.Hide(u.ResourceGroup), Why: a.con.Hide(whyNot(u.Err))})
	}
	for _, b := range report.Elsewhere {
		r.Elsewhere = append(r.Elsewhere, a.con.Hide(b.Name))
	}
	return r
}
