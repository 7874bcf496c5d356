package azure

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/cloud"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/devtestlabs/armdevtestlabs"
)

// A Lab is a lab of Azure DevTest Labs.
type Lab struct {
	SubscriptionID string
	ResourceGroup  string
	Name           string
	// UID is the LabUId of its exports, and a part of the names of their blobs.
	UID string
}

// key is the same for the same lab, however its ID is spelled.
func (l Lab) key() string {
	return strings.ToLower(l.SubscriptionID + "/" + l.ResourceGroup + "/" + l.Name)
}

// place says which lab an error is about.
func (l Lab) place() string { return "lab " + hide(l.Name) }

// ErrNoLab says that no lab is what was asked for. It is in an [Error].
var ErrNoLab = errors.New("there is no such lab, or nobody let this account see it")

// A labService asks the resource manager for labs.
type labService struct {
	client *arm.Client
	cred   azcore.TokenCredential
	opts   *arm.ClientOptions
}

// managerHost is the host of the resource manager.
var managerHost = func() string {
	u, _ := url.Parse(cloud.AzurePublic.Services[cloud.ResourceManager].Endpoint) // a constant of the SDK
	return u.Host
}()

// newLabService returns a client of the service. A credential that is nil is
// [azidentity.DefaultAzureCredential].
func newLabService(cred azcore.TokenCredential, o *ClientOptions) (*labService, error) {
	if o == nil {
		o = &ClientOptions{}
	}
	options := o.client()
	if cred == nil {
		var err error
		if cred, err = azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: options}); err != nil {
			return nil, newError("sign in", "", err)
		}
	}
	options.PerCallPolicies = append(options.PerCallPolicies, onlyManager{})
	s := &labService{cred: cred, opts: &arm.ClientOptions{ClientOptions: options, DisableRPRegistration: true}} // that needs more rights
	var err error
	if s.client, err = arm.NewClient("labdsr", "v1.0.0", cred, s.opts); err != nil {
		return nil, newError("ask for labs", "", err)
	}
	return s, nil
}

// onlyManager lets requests go to the resource manager alone. The addresses of further
// pages and of operations come from answers, and each request carries a token.
type onlyManager struct{}

var errHostOther = errors.New("an answer leads to another host")

// Do implements policy.Policy.
func (onlyManager) Do(r *policy.Request) (*http.Response, error) {
	u := r.Raw().URL
	if host := strings.ToLower(u.Host); u.Scheme != "https" || host != managerHost && !strings.HasSuffix(host, "."+managerHost) {
		return nil, &Error{Op: "ask the resource manager", Err: errHostOther}
	}
	return r.Next()
}

// labError returns the Error for an error of the resource manager, which is not nil.
func labError(op, place string, err error) *Error {
	e, _ := errors.AsType[*Error](newError(op, place, err)) // it always is one
	switch e.Status {
	case http.StatusUnauthorized:
		e.Hint = "sign in again: az login"
	case http.StatusForbidden:
		e.Hint = "the role needs Microsoft.DevTestLab/labs/read and Microsoft.DevTestLab/labs/exportResourceUsage/action"
	case http.StatusNotFound:
		e.Hint = "the lab is gone, or nobody let this account see it"
	case http.StatusConflict:
		e.Hint = "something else is done to the lab; run it again later"
	case http.StatusTooManyRequests:
		e.Hint = "the service has had too many requests; run it again later, or ask fewer labs at once"
	}
	return e
}

const subscriptionsVersion = "2022-12-01"

// subscriptions returns the IDs of all subscriptions that the account sees.
func (s *labService) subscriptions(ctx context.Context) ([]string, error) {
	type page struct {
		Value []struct {
			SubscriptionID string `json:"subscriptionId"`
		} `json:"value"`
		NextLink string `json:"nextLink"`
	}
	const op = "list subscriptions"
	var ids []string
	next := runtime.JoinPaths(s.client.Endpoint(), "/subscriptions") + "?api-version=" + subscriptionsVersion
	for next != "" {
		r, err := runtime.NewRequest(ctx, http.MethodGet, next)
		if err != nil {
			return nil, newError(op, "", errAnswer) // the address is that of the answer
		}
		r.Raw().Header.Set("Accept", "application/json")
		response, err := s.client.Pipeline().Do(r)
		if err != nil {
			return nil, labError(op, "", err)
		}
		if !runtime.HasStatusCode(response, http.StatusOK) {
			return nil, labError(op, "", runtime.NewResponseError(response))
		}
		var p page
		if err := runtime.UnmarshalAsJSON(response, &p); err != nil {
			return nil, newError(op, "", errAnswer)
		}
		for _, one := range p.Value {
			ids = append(ids, one.SubscriptionID)
		}
		next = p.NextLink
	}
	return ids, nil
}

// labs returns the labs of a subscription, or of one of its resource groups.
func (s *labService) labs(ctx context.Context, subscription, group string) ([]Lab, error) {
	const op = "list labs"
	client, err := armdevtestlabs.NewLabsClient(subscription, s.cred, s.opts)
	if err != nil {
		return nil, labError(op, "", err)
	}
	var labs []Lab
	add := func(page armdevtestlabs.LabList) error {
		for _, one := range page.Value {
			l, err := labOf(one)
			if err != nil {
				return err
			}
			labs = append(labs, l)
		}
		return nil
	}
	if group == "" {
		for pages := client.NewListBySubscriptionPager(nil); pages.More(); {
			page, err := pages.NextPage(ctx)
			if err == nil {
				err = add(page.LabList)
			}
			if err != nil {
				return nil, labError(op, "", err)
			}
		}
		return labs, nil
	}
	for pages := client.NewListByResourceGroupPager(group, nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err == nil {
			err = add(page.LabList)
		}
		if err != nil {
			return nil, labError(op, "", err)
		}
	}
	return labs, nil
}

// labOf returns the lab of an entry of a listing.
func labOf(one *armdevtestlabs.Lab) (Lab, error) {
	if one == nil {
		return Lab{}, errAnswer
	}
	id, err := arm.ParseResourceID(value(one.ID))
	if err != nil || !strings.EqualFold(id.ResourceType.String(), "Microsoft.DevTestLab/labs") {
		return Lab{}, errAnswer // the error holds the ID
	}
	l := Lab{SubscriptionID: id.SubscriptionID, ResourceGroup: id.ResourceGroupName, Name: id.Name}
	if name := value(one.Name); strings.EqualFold(name, l.Name) {
		l.Name = name // in the spelling of its owner
	}
	if one.Properties != nil {
		l.UID = value(one.Properties.UniqueIdentifier)
	}
	return l, nil
}

// Unlisted is a subscription or resource group whose labs could not be listed.
type Unlisted struct {
	SubscriptionID string
	ResourceGroup  string // "" for all of the subscription
	Err            error
}

// find returns the labs that are meant, in the order of their names, the subscriptions that
// were looked through, and where it could not look. What was asked for and is nowhere is an
// error: it may be mistyped.
func (s *labService) find(ctx context.Context, o *ExportOptions) (labs []Lab, searched []string, unlisted []Unlisted, err error) {
	subscriptions := o.Subscriptions
	if len(subscriptions) == 0 {
		if subscriptions, err = s.subscriptions(ctx); err != nil {
			return nil, nil, nil, err
		}
	}
	groups := o.ResourceGroups
	if len(groups) == 0 {
		groups = []string{""}
	}
	var all []Lab // also those of other names
	for _, subscription := range uniqueFold(subscriptions) {
		searched = append(searched, strings.ToLower(subscription))
		for _, group := range uniqueFold(groups) {
			found, err := s.labs(ctx, subscription, group)
			if ctx.Err() != nil {
				return nil, nil, nil, newError("list labs", "", ctx.Err())
			}
			if err != nil {
				// A group is in one of the subscriptions, as a rule. One that is in none is
				// told below.
				if group == "" || !errors.Is(err, fs.ErrNotExist) {
					unlisted = append(unlisted, Unlisted{subscription, group, err})
				}
				continue
			}
			all = append(all, found...)
		}
	}
	slices.SortFunc(all, func(a, b Lab) int { return cmp.Compare(a.key(), b.key()) })
	all = slices.CompactFunc(all, func(a, b Lab) bool { return a.key() == b.key() })
	for _, l := range all {
		if len(o.Labs) == 0 || containsFold(o.Labs, l.Name) {
			labs = append(labs, l)
		}
	}
	slices.Sort(searched)
	if len(unlisted) == 0 {
		err = missing(all, o)
	} else if len(labs) == 0 {
		err = unlisted[0].Err
	}
	return labs, searched, unlisted, err
}

// missing returns an error for the first that was asked for and has no lab.
func missing(labs []Lab, o *ExportOptions) error {
	for _, asked := range []struct {
		what  string
		names []string
		of    func(Lab) string
	}{
		{"subscription", o.Subscriptions, func(l Lab) string { return l.SubscriptionID }},
		{"resource group", o.ResourceGroups, func(l Lab) string { return l.ResourceGroup }},
		{"lab", o.Labs, func(l Lab) string { return l.Name }},
	} {
		for _, name := range asked.names {
			if !slices.ContainsFunc(labs, func(l Lab) bool { return strings.EqualFold(asked.of(l), name) }) {
				return &Error{Op: "find labs of", Place: asked.what + " " + hide(name), Err: ErrNoLab, Hint: "nothing was asked for; check the name, and the account that is signed in"}
			}
		}
	}
	if len(labs) == 0 {
		return &Error{Op: "find labs", Err: ErrNoLab, Hint: "check the account that is signed in: az account show"}
	}
	return nil
}

func containsFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(one string) bool { return strings.EqualFold(one, name) })
}

// uniqueFold returns the texts that differ in more than case.
func uniqueFold(list []string) (unique []string) {
	for _, one := range list {
		if !containsFold(unique, one) {
			unique = append(unique, one)
		}
	}
	return unique
}
